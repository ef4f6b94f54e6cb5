"""What a link is told."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.errors import TutorError
from tutor.lti_link import KINDS, SCORES, LinkSettings, from_custom

_ID = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
_TARGET = {"tutor": st.just(""), "skill": _ID, "quiz": _ID, "lesson": st.builds("{}/{}".format, _ID, _ID)}


@st.composite
def settings(draw: st.DrawFn) -> LinkSettings:
    kind = draw(st.sampled_from(KINDS))
    due = draw(st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
    return LinkSettings(
        kind,
        draw(_TARGET[kind]),
        draw(st.integers(1, 50)) if kind == "quiz" else 0,
        draw(st.sampled_from(SCORES)),
        tuple(draw(st.lists(_ID, unique=True, max_size=5))),
        draw(st.integers(0, 100)),
        due and due.replace(microsecond=0, tzinfo=UTC),
        draw(st.booleans()),
    )


@given(settings())
def test_settings_survive_their_way_through_a_platform(chosen: LinkSettings) -> None:
    assert from_custom(chosen.to_custom()) == chosen


def test_without_parameters_the_whole_tutor_opens_and_completion_counts() -> None:
    assert from_custom({}) == LinkSettings()
    assert from_custom({"tutor_open": "$Context.unknown", "other": "x"}) == LinkSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("open", "everything"),
        ("score", "all"),
        ("items", "many"),
        ("items", "51"),
        ("attempts", "-1"),
        ("attempts", "101"),
        ("due", "tomorrow"),
        ("due", "2026-13-01T00:00:00Z"),
        ("chat", "maybe"),
        ("scope", "nlp,../x"),
        ("target", "x"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(name: str, value: str) -> None:
    with pytest.raises(TutorError, match=f"tutor_{name}"):
        from_custom({f"tutor_{name}": value})


def test_a_link_to_nothing_in_particular_is_refused() -> None:
    with pytest.raises(TutorError, match="tutor_target names none"):
        from_custom({"tutor_open": "lesson"})


def test_a_due_time_of_another_zone_is_kept_in_utc() -> None:
    due = from_custom({"tutor_due": "2026-12-01T12:00:00+02:00"}).due
    assert due == datetime(2026, 12, 1, 10, tzinfo=UTC)
