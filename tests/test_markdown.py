"""Markdown: anchors as GitHub makes them, and comments however they are left open."""

import pytest

from tutor.markdown import comments, slug


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [("What's a token?", "whats-a-token"), ("C++ & `re`", "c--re"), ("Größe_1", "größe_1"), ("a-b  c", "a-b--c")],
)
def test_anchors_are_those_of_github(heading: str, anchor: str) -> None:
    assert slug(heading) == anchor


def test_comments_that_never_close_are_none() -> None:
    assert list(comments("<!-- a --> b <!-- c -- d --> <!-- e")) == [" a ", " c -- d "]
