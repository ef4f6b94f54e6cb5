"""What a learner has earned for a link: from completion to mastery, never after the due date."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.practising import with_items
from tutor.curriculum import Curriculum
from tutor.lti_link import SCORES, LinkSettings
from tutor.lti_score import Earned, earned, topics_of
from tutor.outline import Outline, outline_of
from tutor.progress import Progress, Quiz, Standing

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> tuple[Curriculum, Outline]:
    curriculum = with_items(tmp_path_factory.mktemp("lessons"))
    return curriculum, outline_of(curriculum)


def of(lessons: tuple[Curriculum, Outline], progress: Progress, settings: LinkSettings) -> Earned | None:
    return earned(progress, settings, "link", *lessons, NOW)


def test_who_did_nothing_has_earned_nothing(lessons: tuple[Curriculum, Outline]) -> None:
    for kind, target in (("tutor", ""), ("skill", "text"), ("lesson", "text/01-tokens"), ("quiz", "text")):
        for score in SCORES:
            assert of(lessons, Progress(), LinkSettings(kind, target, 5, score)) is None


def test_after_the_due_date_and_without_a_score_nothing_is_earned(lessons: tuple[Curriculum, Outline]) -> None:
    done = Progress(finished={"text/01-tokens": NOW})
    link = LinkSettings("lesson", "text/01-tokens")
    assert of(lessons, done, link) == Earned(1.0, True)
    assert of(lessons, done, LinkSettings("lesson", "text/01-tokens", due=NOW)) == Earned(1.0, True)
    assert of(lessons, done, LinkSettings("lesson", "text/01-tokens", due=NOW - timedelta(seconds=1))) is None
    assert of(lessons, done, LinkSettings("lesson", "text/01-tokens", score="none")) is None


def test_a_lesson_is_completed_by_its_sections_and_at_its_end(lessons: tuple[Curriculum, Outline]) -> None:
    link = LinkSettings("lesson", "text/01-tokens")
    anchors = [each.anchor for each in lessons[0].lesson("text", "01-tokens").sections if each.teaching]
    assert len(anchors) > 1
    one = of(lessons, Progress(read={f"text/01-tokens#{anchors[0]}": NOW}), link)
    assert one == Earned(1 / len(anchors), False)
    every = of(lessons, Progress(read={f"text/01-tokens#{each}": NOW for each in anchors}), link)
    assert every == Earned(1.0, True)
    assert of(lessons, Progress(read={"text/01-tokens#x": NOW}), LinkSettings("lesson", "text/gone")) is None


def test_learned_and_mastered_are_shares_of_what_the_link_is_about(lessons: tuple[Curriculum, Outline]) -> None:
    topics = lessons[1].of_skill("text")
    progress = Progress(
        objectives={topics[0].id: Standing(learned=NOW, mastered=NOW), topics[1].id: Standing(learned=NOW)}
    )
    assert of(lessons, progress, LinkSettings("skill", "text", score="learned")) == Earned(
        2 / len(topics), len(topics) == 2
    )
    assert of(lessons, progress, LinkSettings("skill", "text", score="mastered")) == Earned(1 / len(topics), False)
    whole = [each.id for each in topics_of(LinkSettings(scope=("text",)), *lessons)]
    assert whole == [each.id for each in topics]
    everything = len(lessons[1].topics)
    assert of(lessons, progress, LinkSettings(score="learned")) == Earned(2 / everything, everything == 2)


def test_a_quiz_counts_its_best_try_or_that_it_was_done(lessons: tuple[Curriculum, Outline]) -> None:
    under_way = Progress(quizzes={"link": Quiz(taken=1, items=4, asked=("a",), right=1)})
    done = Progress(quizzes={"link": Quiz(taken=2, finished=2, best=0.75, last=0.5)})
    zero = Progress(quizzes={"link": Quiz(taken=1, finished=1)})
    best, completion = LinkSettings("quiz", "text", 4, "best"), LinkSettings("quiz", "text", 4)
    assert [of(lessons, each, best) for each in (under_way, done, zero)] == [
        None,
        Earned(0.75, True),
        Earned(0.0, True),
    ]
    assert [of(lessons, each, completion) for each in (under_way, done)] == [Earned(0.25, False), Earned(1.0, True)]
    assert of(lessons, Progress(quizzes={"another link": Quiz(finished=1, best=1.0)}), best) is None


@given(st.data())
def test_a_score_lies_between_nothing_and_all_and_is_all_when_completed(
    lessons: tuple[Curriculum, Outline], data: st.DataObject
) -> None:
    names = [topic.id for topic in lessons[1].topics]
    learned = data.draw(st.sets(st.sampled_from(names)))
    mastered = data.draw(st.sets(st.sampled_from(names)))
    progress = Progress(
        objectives={
            name: Standing(learned=NOW if name in learned else None, mastered=NOW if name in mastered else None)
            for name in learned | mastered
        }
    )
    kind, target = data.draw(st.sampled_from([("tutor", ""), ("skill", "text"), ("lesson", "text/01-tokens")]))
    found = of(lessons, progress, LinkSettings(kind, target, score=data.draw(st.sampled_from(SCORES))))
    if found is not None:
        assert 0 < found.score <= 1
        assert found.completed == (found.score == 1)
