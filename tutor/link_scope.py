"""Search within one skill, within several that a link in a course allows, or within all.

Knows nothing of learners, of links or of how sections are ranked.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.documents import Document

WIDELY = 1000
"""Sections ranked before those of other skills are left out, when a link allows several skills but not all."""


def narrowed(scope: str, skills: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A wished scope within the allowed skills: one skill or empty, and the skills to stay within when it is empty.

    Example:
        >>> narrowed("nlp", ["nlp", "pytorch"]), narrowed("nlp", ["pytorch"]), narrowed("", ["a", "b"])
        (('nlp', ()), ('pytorch', ()), ('', ('a', 'b')))
    """
    if not skills or scope in skills:
        return scope, ()
    return (skills[0], ()) if len(skills) == 1 else ("", tuple(skills))


async def search_within(
    search: Callable[[str, int, str | None], Awaitable[Sequence["Document"]]],
    query: str, k: int, scope: str, skills: Sequence[str],
) -> Sequence["Document"]:  # fmt: skip
    """The best sections of one skill, of several, or of all.

    Args:
        search: Finds sections: query, how many, a skill or None.
        query: The question.
        k: Most sections.
        scope: Id of a skill; empty for all or for ``skills``.
        skills: Ids of the skills to stay within; empty for all.
    """
    if scope or not skills:
        return await search(query, k, scope or None)
    found = await search(query, max(k, WIDELY), None)
    return [document for document in found if document.metadata["skill"] in skills][:k]
