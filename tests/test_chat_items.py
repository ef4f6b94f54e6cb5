"""What a message means while an item is open, and who asks to be quizzed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.chat_items import meant, wish
from tutor.grade import Answer
from tutor.item import Item, Kind, Option


def item(
    kind: Kind = "single", options: tuple[str, ...] = ("Ask for brevity", "Ask for JSON by a schema", "Wait")
) -> Item:
    made = (
        tuple(Option(text, place == 1) for place, text in enumerate(options)) if kind in {"single", "multiple"} else ()
    )
    return Item(
        "x-a", "x", "x", "apply", kind, "Which change helps?", "", made, 600.0 if kind == "numeric" else None, 0.0,
        ("temperature",) if kind == "accepted" else (), (), ("Think.",), "Because.", Path("quiz.md"), 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("message", "topic"),
    [
        ("Quiz me on tokenization", "tokenization"),
        ("quiz me", ""),
        ("Can you quiz me on this?", ""),
        ("test me on learning rates please", "learning rates"),
        ("give me a question about LoRA", "LoRA"),
        ("another question", ""),
        ("I want to practise prompts", "prompts"),
        ("let's practice image noise with me", "image noise"),
    ],
)
def test_a_wish_to_be_quizzed_names_its_topic(message: str, topic: str) -> None:
    assert wish(message) == topic


@pytest.mark.parametrize(
    "message", ["What is a quiz?", "How do I test my model?", "show me an example", "ask", "Why test on unseen data?"]
)
def test_a_question_is_no_wish_to_be_quizzed(message: str) -> None:
    assert wish(message) is None


@pytest.mark.parametrize(
    "message", ["2", "b", "B)", "(b)", "option 2", "I think it's B", "the second one", "answer: 2."]
)
def test_a_place_names_the_option_as_displayed(message: str) -> None:
    assert meant(message, item(), (2, 0, 1)).answer == Answer((0,))


def test_several_places_name_several_options() -> None:
    assert meant("1 and 3", item("multiple"), (2, 0, 1)).answer == Answer((2, 1))
    assert meant("a, c", item("multiple"), (2, 0, 1)).answer == Answer((2, 1))


def test_the_words_of_an_option_name_it() -> None:
    assert meant("ask for JSON that follows a schema", item(), (0, 1, 2)).answer == Answer((1,))


@pytest.mark.parametrize(
    "message", ["7", "What is JSON?", "is it 2 or 3?", "I have no idea", "Why would brevity help?"]
)
def test_what_names_no_option_is_left_to_the_tutor(message: str) -> None:
    assert meant(message, item(), (0, 1, 2)).act == "other"


@pytest.mark.parametrize(
    "message", ["hint", "Hint please", "can you give me a hint?", "another hint", "help me", "I need help"]
)
def test_a_hint_is_asked_for_in_many_words(message: str) -> None:
    assert meant(message, item(), (0, 1, 2)).act == "hint"


@pytest.mark.parametrize("message", ["skip", "skip this one please", "pass", "I give up", "next question"])
def test_a_skip_is_asked_for_in_many_words(message: str) -> None:
    assert meant(message, item(), (0, 1, 2)).act == "skip"


def test_a_number_answers_a_numeric_item_and_a_question_does_not() -> None:
    assert meant("about 600", item("numeric"), ()).answer == Answer(text="about 600")
    assert meant("is 600 tokens a lot?", item("numeric"), ()).act == "other"
    assert meant("no idea", item("numeric"), ()).act == "answer"


def test_a_sentence_answers_a_written_item_and_a_question_does_not() -> None:
    assert meant("It fixes names and types", item("free"), ()).act == "answer"
    assert meant("What does it fix?", item("free"), ()).act == "other"
    assert meant("I don't understand the question", item("free"), ()).act == "other"


@given(st.text(max_size=300), st.sampled_from(["single", "multiple", "numeric", "accepted", "free"]))
def test_any_text_means_something(message: str, kind: Kind) -> None:
    found = meant(message, item(kind), (0, 1, 2) if kind in {"single", "multiple"} else ())
    assert found.act in {"answer", "hint", "skip", "other"}
    assert all(choice in {0, 1, 2} for choice in found.answer.choices)
    wish(message)
