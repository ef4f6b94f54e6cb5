"""The prompt stays inside its budget whatever is given, and has its parts in the order that caches like."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutor import prompting
from tutor.answer import Passage
from tutor.condense import Turn

SMALLEST = 512  # the smallest TUTOR_PROMPT_TOKENS


def made_passage(n: int, text: str) -> Passage:
    return Passage("text", "01-tokens", f"Section {n}", f"section-{n}", ("tx",), 0.9, text)


def prompt(
    question: str, texts: Sequence[str] = ("Bytes are merged.",), history: Sequence[Turn] = (), budget: int = 2000
) -> list[Any]:
    values = {
        "question": question,
        "passages": [made_passage(n, text) for n, text in enumerate(texts, 1)],
        "history": history,
    }
    return prompting.messages(values, budget)


def tokens(made: Sequence[Any]) -> int:
    # OpenAI's rule for chat prompts: a few tokens a message, three for the answer to begin.
    return sum(prompting.count_tokens(message.text) + prompting.MESSAGE_TOKENS for message in made) + 3


words = st.sampled_from(
    [
        "token",
        "merge ",
        "\n\n",
        "```",
        "```python\n",
        "日本語",
        "🙂🙃",
        "שלום",
        "<b>",
        "<|endoftext|>",
        "zzqxj" * 9,
        ". ",
        "{x}",
    ]
)
texts = st.builds(lambda parts, times: "".join(parts) * times, st.lists(words, max_size=8), st.integers(1, 400))
turns = st.builds(Turn, st.sampled_from(["learner", "tutor"]), texts, st.sampled_from(["", "Stop words"]))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts.filter(str.strip), st.lists(texts, max_size=4), st.lists(turns, max_size=8), st.integers(SMALLEST, 6000))
def test_prompt_is_never_over_budget(question: str, found: list[str], history: list[Turn], budget: int) -> None:
    assert tokens(prompt(question, found, history, budget)) <= budget


@settings(max_examples=100, deadline=None)
@given(texts, st.integers(0, 300))
def test_cut_text_is_never_over_its_budget(text: str, budget: int) -> None:
    kept = prompting.cut(text, budget)
    assert prompting.count_tokens(kept) <= budget
    assert "\ufffd" not in kept


def test_passages_come_before_the_question_and_history_between() -> None:
    history = [Turn("learner", "What is a token?"), Turn("tutor", "A piece of text.[1]")]
    made = prompt("And a byte?", ["Bytes are merged."], history)
    assert [message.type for message in made] == ["system", "human", "ai", "human"]
    assert "[1] Section 1 (text / 01-tokens)\nBytes are merged." in made[0].text
    assert made[-1].text == "And a byte?"


def test_a_follow_up_says_what_was_meant() -> None:
    values = {"question": "And that?", "standalone": "What is a byte?", "passages": [], "history": ()}
    assert prompting.messages(values, 2000)[-1].text == "And that?\n\n(Meant: What is a byte?)"


def test_older_turns_become_a_summary() -> None:
    history = []
    for n in range(30):
        history += [Turn("learner", f"Question {n}? " + "word " * 40), Turn("tutor", "answer " * 60, f"Section {n}")]
    made = prompt("And now?", history=history, budget=1500)
    assert "Earlier in this conversation the learner asked:" in made[0].text
    assert 1 < len(made) - 1 < len(history)
    assert made[1].type == "human"
    assert tokens(made) <= 1500


def test_braces_in_lessons_and_questions_are_text() -> None:
    made = prompt("What is {instructions}?", ['f"{x}" and {{y}}'])
    assert 'f"{x}" and {{y}}' in made[0].text
    assert made[-1].text == "What is {instructions}?"


def test_special_tokens_in_a_question_are_counted_as_text() -> None:
    assert prompting.count_tokens("<|endoftext|>") > 1


def test_a_cut_passage_closes_its_code() -> None:
    kept = prompting.cut("Some prose first.\n```python\n" + "print(1)\n" * 200, 60)
    assert kept.count("```") % 2 == 0


def test_best_passage_is_whole_when_it_fits_and_the_last_is_cut() -> None:
    long = "One sentence of a passage. " * 200
    made = prompt("Why?", ["Short and whole.", long, long], budget=1500)[0].text
    assert "Short and whole." in made
    assert "[2]" in made
    assert "[3]" not in made


def test_hash_of_the_prompts_is_stable() -> None:
    assert len(prompting.prompt_hash()) == 64
    assert prompting.prompt_hash() == prompting.prompt_hash()


@pytest.mark.parametrize("name", ["answer", "condense"])
def test_prompt_files_are_there(name: str) -> None:
    assert prompting.prompt_text(name)


def test_what_is_known_of_the_learner_comes_after_the_passages() -> None:
    asked: list[Sequence[str]] = []

    def known(objectives: Sequence[str]) -> str:
        asked.append(objectives)
        return "- Follows the path: Builder"

    values = {"question": "What is BPE?", "passages": [made_passage(1, "Bytes are merged.")], "known": known}
    system = prompting.messages(values, 2000)[0].text
    assert asked == [["tx"]]
    assert system.index("Bytes are merged.") < system.index("- Follows the path: Builder")
    assert "The learner (" not in prompt("What is BPE?")[0].text


@settings(max_examples=50, deadline=None)
@given(texts, st.integers(SMALLEST, 4000))
def test_what_is_known_of_the_learner_stays_in_the_budget(told: str, budget: int) -> None:
    values = {"question": "What is BPE?", "passages": [made_passage(1, "Merged. " * 900)], "known": lambda names: told}
    assert tokens(prompting.messages(values, budget)) <= budget
