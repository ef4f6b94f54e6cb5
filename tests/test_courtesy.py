"""What is a greeting, thanks or a question about the tutor, and what is a question for the lessons."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tutor.answer import Done
from tutor.courtesy import courtesy
from tutor.curriculum import Curriculum

if TYPE_CHECKING:
    from tutor.session import Tutor

EVALS = Path(__file__).parent / "evals"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("hi", "hello"),
        ("Good morning, tutor!", "hello"),
        ("hello :)", "hello"),
        ("Thanks!", "thanks"),
        ("thanks, that helped", "thanks"),
        ("ok thank you so much", "thanks"),
        ("That makes sense.", "thanks"),
        ("What can you do?", "about"),
        ("Hi! What can you do?", "about"),
        ("who made you", "about"),
        ("Are you ChatGPT?", "about"),
        ("which model are you?", "about"),
        ("help", "about"),
        ("do you speak German?", "about"),
        ("is this free?", "about"),
        ("delete my account", "data"),
        ("How do I delete all my data?", "data"),
        ("Hello, who can see my questions?", "data"),
        ("What do you know about me?", "data"),
    ],
)
def test_what_is_said_to_the_tutor_and_not_asked_of_the_lessons(message: str, code: str) -> None:
    assert courtesy(message) == code


@pytest.mark.parametrize(
    "message",
    [
        "What is a token?",
        "Hi, what is a token?",
        "thanks, and how do I do it in code?",
        "What can you do about overfitting?",
        "help me understand attention",
        "How do I delete my data from ChatGPT?",
        "Who can see my images on Midjourney?",
        "which model are you supposed to take for topic models",
        "Great models, small budget: what now?",
        "",
        "?!",
        "hi " * 40,
    ],
)
def test_a_question_for_the_lessons_is_none_of_these(message: str) -> None:
    assert courtesy(message) == ""


def test_no_question_of_the_lessons_and_none_that_people_asked_is_taken_for_one(shipped: Curriculum) -> None:
    asked = [ask for section in shipped.sections() for ask in (section.heading, *section.asks)]
    for path in EVALS.rglob("*.jsonl"):
        lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        asked += [line["question"] for line in lines if line.get("expected") == "answer"]
    assert len(asked) > 10_000
    assert [question for question in asked if courtesy(question)] == []


async def test_who_asks_what_the_tutor_can_do_gets_first_questions_that_it_answers(tutor: "Tutor") -> None:
    events = [event async for event in tutor.answer("What can you do?")]
    assert isinstance(events[-1], Done)
    offered = events[-1].answer.suggestions
    assert [each.kind for each in offered] == ["ask"] * 3
    for each in offered:
        answered = [event async for event in tutor.answer(each.question)][-1]
        assert isinstance(answered, Done) and answered.answer.covered and answered.answer.citations
