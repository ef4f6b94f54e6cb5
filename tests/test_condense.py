"""Follow-ups that are made to stand alone without a model."""

from hypothesis import given
from hypothesis import strategies as st

from tutor.condense import TOLD_CHARACTERS, Turn, standalone, topic_of

HISTORY = (Turn("learner", "How many tokens is a word?"), Turn("tutor", "About 1.3 [1].", "What is a token?"))


def test_a_question_that_stands_alone_is_left_as_it_is() -> None:
    assert standalone("What is a learning rate?", HISTORY) == "What is a learning rate?"


def test_without_a_conversation_nothing_is_added() -> None:
    assert standalone("and for German?", ()) == "and for German?"


def test_a_follow_up_takes_the_last_question_and_its_section() -> None:
    assert standalone("and for German?", HISTORY) == "and for German? (How many tokens is a word? What is a token?)"


def test_a_question_of_form_alone_takes_the_section_only() -> None:
    assert standalone("Can you show me an example?", HISTORY) == "Can you show me an example? (What is a token?)"


def test_a_question_that_is_the_section_heading_is_not_said_twice() -> None:
    history = (Turn("learner", "What is a token?"), Turn("tutor", "A piece [1].", "What is a token?"))
    assert topic_of(history) == "What is a token?"


def test_what_was_declined_is_passed_over() -> None:
    history = (*HISTORY, Turn("learner", "and how do I cook rice?"), Turn("tutor", "Not here.", declined=True))
    assert standalone("Can you show me an example?", history) == standalone("Can you show me an example?", HISTORY)
    assert standalone("and for German?", history) == standalone("and for German?", HISTORY)
    assert topic_of(history[2:]) == "and how do I cook rice?"


def test_where_no_section_is_known_the_words_of_the_answer_help() -> None:
    history = (
        Turn("learner", "who picked those word pieces in gpt"),
        Turn("tutor", "**Nobody** by hand [1]. They are learned. " * 20),
    )
    topic = topic_of(history)
    assert topic.startswith("who picked those word pieces in gpt Nobody by hand")
    assert "[1]" not in topic
    assert len(topic) <= len(history[0].text) + 1 + TOLD_CHARACTERS


def test_follow_ups_on_follow_ups_keep_the_last_named_topic() -> None:
    history = (*HISTORY, Turn("learner", "why?"), Turn("tutor", "Because.", ""), Turn("learner", "and then?"))
    assert "How many tokens is a word?" in standalone("and for German?", history)


@given(
    st.text(),
    st.lists(st.builds(Turn, st.sampled_from(["learner", "tutor"]), st.text(), st.text(), st.text()), max_size=5),
)
def test_a_follow_up_always_keeps_the_words_of_the_question(question: str, history: list[Turn]) -> None:
    assert standalone(question, history).startswith(question.strip()) or standalone(question, history) == question
