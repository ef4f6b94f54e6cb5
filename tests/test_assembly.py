"""What is made ready in the background before the first question."""

import asyncio
from typing import TYPE_CHECKING

from tutor.assembly import prepare
from tutor.citations import passage_sentences
from tutor.parts import parts
from tutor.terms import held

if TYPE_CHECKING:
    from tutor.session import Tutor


async def test_no_section_is_taken_apart_again_for_a_question(tutor: "Tutor") -> None:
    await asyncio.to_thread(prepare, tutor)
    before = [remembered.cache_info().misses for remembered in (parts, passage_sentences, held)]
    found = await tutor.search("Why do two strings that look the same compare as different?")
    assert len(found) == 5
    for passage in found:
        for part in parts(passage.text):
            held(part.prose)
        for sentence in passage_sentences(passage.text):
            held(sentence)
    assert [remembered.cache_info().misses for remembered in (parts, passage_sentences, held)] == before
