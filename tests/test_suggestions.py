"""Next steps that lead somewhere."""

import pytest

from tutor.answer import Passage
from tutor.curriculum import Curriculum
from tutor.intent import intent_of
from tutor.parts import parts
from tutor.suggestions import MOST, NEXT, OFFER, suggest

TEXT = """A lead.

**Why it matters.** Money.

**Example.** One:

```python
print(1)
```

**Think of it as.** Stamps.

**Compare.** A byte is smaller.
"""
SECTION = Passage("nlp", "01", "What is a token?", "a", ("o",), 0.9, TEXT)
NEXT_DOOR = Passage("nlp", "01", "How many tokens is a word?", "b", ("o",), 0.8, "A lead.")
ELSEWHERE = Passage("nlp", "02", "What is a stop word?", "c", ("p",), 0.7, "A lead.")


def test_only_what_the_section_has_and_was_not_shown_is_offered() -> None:
    kinds = [offer.kind for offer in suggest("what", 1, [SECTION], {"lead", "why"}, False)]
    assert "why" not in kinds
    assert kinds[0] == "example"
    assert suggest("what", 1, [ELSEWHERE], {"lead"}, False) == ()


def test_the_neighbouring_section_is_offered_as_a_question_with_its_place() -> None:
    (offer,) = suggest("what", 1, [NEXT_DOOR, ELSEWHERE, SECTION], {"lead"}, False)
    assert (offer.kind, offer.question, offer.anchor) == ("ask", "What is a token?", "a")


def test_code_is_offered_only_when_no_example_brings_it() -> None:
    assert "code" not in [offer.kind for offer in suggest("code", 1, [SECTION], {"lead"}, False)]
    assert "code" in [offer.kind for offer in suggest("how", 1, [SECTION], {"lead", "example"}, False)]
    assert "code" not in [offer.kind for offer in suggest("how", 1, [SECTION], {"lead", "example"}, True)]


@pytest.mark.parametrize("intent", NEXT)
def test_there_are_at_most_three_and_none_twice(intent: str) -> None:
    offers = suggest(intent, 1, [SECTION, NEXT_DOOR], {"lead"}, False)  # type: ignore[arg-type]
    assert 1 <= len(offers) <= MOST
    assert len({offer.kind for offer in offers}) == len(offers)


def test_every_offer_about_a_shipped_section_can_be_kept(shipped: Curriculum) -> None:
    for section in shipped.sections():
        held = Passage(
            section.skill, section.lesson, section.heading, section.anchor, section.objectives, 1, section.text
        )
        kinds = {part.kind for part in parts(section.text)}
        for offer in suggest("what", 1, [held], {"lead"}, False):
            assert intent_of(offer.question) == offer.kind
            needed = {"simpler": "analogy"}.get(offer.kind, offer.kind)
            has_code = any(part.has_code for part in parts(section.text))
            assert needed in kinds or (offer.kind == "code" and has_code)
            assert offer.label == OFFER[offer.kind][0]
