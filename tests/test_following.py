"""Readings of a follow-up: the topic so far, or what the question newly names."""

from collections.abc import Mapping, Sequence

import pytest

from tutor.answer import Answer, Done, Passage
from tutor.condense import Turn, standalone
from tutor.following import ALONE, ELSEWHERE, OUR_KIND, leaves, newly_named, read, read_again
from tutor.outside import Nearness
from tutor.session import Tutor

ASKED = "When should I remove stop words?"
SHOWN = "How do I decide whether to remove stop words?"
HISTORY = (Turn("learner", ASKED), Turn("tutor", "Measure both [1].", SHOWN))
FOLLOW_UP = "what about stemming?"
SO_FAR, TURNED = standalone(FOLLOW_UP, HISTORY), f"{FOLLOW_UP} ({ASKED})"


def section(heading: str, text: str = "Some words.", score: float = 0.7) -> Passage:
    return Passage("nlp", "03-stop-words", heading, "a", ("nlp-stop",), score, text, 0.0, 0.0, ())


async def reading(found: Mapping[str, Sequence[Passage]], question: str = FOLLOW_UP) -> str:
    asked: list[str] = []

    async def search(query: str) -> Sequence[Passage]:
        asked.append(query)
        return found.get(query, [section("Something else")])

    made = await read(question, HISTORY, search)
    assert len(asked) in {0, 3}
    return made


async def test_a_question_that_names_nothing_new_keeps_the_topic_without_a_search() -> None:
    assert await reading({}, "why?") == standalone("why?", HISTORY)
    assert await reading({}, "and the stop words?") == standalone("and the stop words?", HISTORY)
    assert await reading({}, "What is a learning rate?") == "What is a learning rate?"


async def test_a_topic_whose_section_treats_what_is_new_is_kept() -> None:
    found = {
        SO_FAR: [section(SHOWN, "Do it before stemming.")],
        TURNED: [section("What is stemming?")],
    }
    assert await reading(found) == SO_FAR


async def test_the_section_whose_heading_names_what_is_new_is_the_topic_wherever_it_ranks() -> None:
    found = {TURNED: [section("A list of words"), section("Stemming or lemmatisation?")]}
    assert await reading(found) == f"{FOLLOW_UP} (Stemming or lemmatisation?)"


async def test_a_section_whose_text_treats_what_is_new_is_found_by_both_questions() -> None:
    assert await reading({TURNED: [section("A list of words", "Made by stemming.")]}) == TURNED
    later = {TURNED: [section("A list of words"), section("Another", "Made by stemming.")]}
    assert await reading(later) == SO_FAR


@pytest.mark.parametrize(("score", "meant"), [(ALONE, FOLLOW_UP), (ALONE - 0.01, SO_FAR)])
async def test_a_topic_of_its_own_needs_a_good_section_of_that_name(score: float, meant: str) -> None:
    assert await reading({FOLLOW_UP: [section("What is stemming?", score=score)]}) == meant
    assert await reading({FOLLOW_UP: [section("What is it?", "By stemming.", score=score)]}) == SO_FAR


async def test_without_a_question_before_there_is_nothing_to_turn_from() -> None:
    async def search(query: str) -> Sequence[Passage]:
        raise AssertionError(query)

    history = (Turn("tutor", "Measure both [1].", SHOWN),)
    assert await read(FOLLOW_UP, history, search) == standalone(FOLLOW_UP, history)


OURS = Nearness(-3, -5, -5, -5, -5)
CORRECTION = "no, for the lists of my own shop"
JOINED = f"{CORRECTION} ({ASKED})"


@pytest.mark.parametrize(
    ("near", "score", "again"),
    [
        (OURS, 0.7, True),
        (Nearness(OUR_KIND, -5, -5, -5, -5), 0.7, True),
        (Nearness(OUR_KIND + 0.1, -5, -5, -5, -5), 0.7, False),  # looks like another subject
        (Nearness(), 0.7, False),  # nobody measured what it looks like
        (Nearness(-3, 8, 8, 8, 8), 0.7, False),  # refused
        (OURS, 0.2, False),  # not covered with the question before it either
    ],
)
async def test_what_is_not_covered_alone_is_read_with_the_question_before_it(
    near: Nearness, score: float, again: bool
) -> None:
    async def search(query: str) -> Sequence[Passage]:
        assert query == JOINED
        return [section(SHOWN, score=score)]

    made = await read_again(CORRECTION, HISTORY, [section("Something else", score=0.2)], near, search)
    assert made == ((JOINED, await search(JOINED)) if again else None)


async def test_what_begins_a_conversation_or_stands_alone_is_not_read_again() -> None:
    async def search(query: str) -> Sequence[Passage]:
        raise AssertionError(query)

    assert await read_again(CORRECTION, (), [section(SHOWN, score=0.2)], OURS, search) is None
    assert await read_again(CORRECTION, HISTORY, [], OURS, search) is None
    alone = "How do lists of my own shop work?"  # neither points back nor begins as a reply
    assert await read_again(alone, HISTORY, [section("Something else", score=0.2)], OURS, search) is None


def test_what_the_tutor_said_and_showed_is_not_new() -> None:
    history = (Turn("learner", "hello"), Turn("tutor", "Words are cut by a stemmer.", "Stemming", "what is porter"))
    assert newly_named("and the porter stemming of German?", history) == {"german"}


async def test_in_the_shipped_lessons_a_new_topic_is_turned_to(tutor: Tutor) -> None:
    history = (Turn("learner", "How do I write a prompt for Stable Diffusion?"),)
    meant = await read("and negative prompts?", history, tutor.search)
    assert "negative prompts" in (await tutor.search(meant))[0].section


async def answered(tutor: Tutor, question: str, history: Sequence[Turn] = ()) -> Answer:
    async for event in tutor.answer(question, history):
        if isinstance(event, Done):
            return event.answer
    raise AssertionError("no answer")


async def test_in_the_shipped_lessons_a_correction_is_answered_and_another_subject_is_not(tutor: Tutor) -> None:
    asked = "How do I hide my Midjourney pictures from other people?"
    history = (Turn("learner", asked), Turn("tutor", "Stealth mode hides them [1].", "Who can see my pictures?"))
    correction = "I upgraded and switched it on. are my old ones hidden now as well?"
    assert not (await answered(tutor, correction)).covered
    made = await answered(tutor, correction, history)
    assert (made.covered, made.standalone) == (True, f"{correction} ({asked})")
    assert made.passages[0].skill == "midjourney"
    assert not (
        await answered(tutor, "I upgraded the bread oven. are my old rolls stale now as well?", history)
    ).covered


def test_a_follow_up_on_another_subject_leaves_the_lessons_however_well_the_last_section_fits() -> None:
    found, rice = [section(SHOWN, score=0.9)], "and how do I cook rice?"
    other, ours = Nearness(off_topic=ELSEWHERE + 0.1), Nearness(off_topic=ELSEWHERE)
    joined = f"{rice} ({ASKED})"
    assert leaves(rice, joined, found, other)
    assert not leaves(rice, joined, found, ours)
    assert not leaves(rice, rice, found, other)
    assert not leaves(rice, "How do I cook rice?", found, other)
    assert not leaves("simpler please", f"simpler please ({ASKED})", found, other)
    assert not leaves(rice, joined, [], other)
    assert not leaves(rice, joined, found, Nearness(off_topic=5, foreign=(("nlp", 6.0),)))
