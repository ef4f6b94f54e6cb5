"""The chat of a link stays within its skills."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document

from tutor.link_scope import narrowed, search_within

SKILLS = ("a", "b", "c", "d")


@given(st.sampled_from(["", *SKILLS, "unknown"]), st.lists(st.sampled_from(SKILLS), unique=True))
async def test_no_wish_reaches_a_skill_that_is_not_allowed(wish: str, allowed: list[str]) -> None:
    documents = [Document("x", metadata={"skill": SKILLS[n % 4]}) for n in range(40)]
    asked: list[str | None] = []

    async def search(query: str, k: int, skill: str | None) -> Sequence[Document]:
        asked.append(skill)
        return [each for each in documents if skill is None or each.metadata["skill"] == skill][:k]

    scope, skills = narrowed(wish, allowed)
    found = await search_within(search, "q", 5, scope, skills)
    if allowed:
        assert {each.metadata["skill"] for each in found} <= set(allowed) and len(found) == 5
    elif not wish:
        assert found == documents[:5]
    assert asked == [scope or None]
