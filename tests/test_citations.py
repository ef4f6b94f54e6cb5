"""From [n] to the supporting sentence; what nothing supports is marked."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.answer import Passage
from tutor.citations import bare, check, claims, clean_numbers, is_claim, passage_sentences, support
from tutor.curriculum import Curriculum

TOKENS = Passage(
    "nlp", "02", "What is a token?", "t", ("o",), 1,
    "A token is one entry of a fixed list of text pieces, the vocabulary. Frequent words are one token, rare words are "
    "spelled with several.\n\n- The encoding has 100,277 entries.\n\n```python\nsecret = 'in code'\n```",
)  # fmt: skip
STOP = Passage(
    "nlp",
    "03",
    "When do stop words hurt?",
    "s",
    ("p",),
    1,
    "Removing stop words hurts when a negation decides the meaning of a review.",
)
BOTH = [TOKENS, STOP]
ANSWER = st.lists(
    st.sampled_from([*"ab. \n`*|-#", "[1]", "[2]", "[3]", "[0]", "[1, 7]", " [99]", "```", "A token. ", "[x](y)", "$"])
).map("".join)


def numbers_in_prose(text: str) -> list[int]:
    prose = re.sub(r"```.*?(```|\Z)|`[^`\n]*`", "", text, flags=re.DOTALL)
    return [int(n) for n in re.findall(r"\[(\d{1,3})\]", prose)]


def test_a_supported_sentence_is_quoted_word_for_word() -> None:
    found = check("Rare words are spelled with several tokens. [1]", BOTH)
    assert found.unsupported == ()
    assert found.citations[0].quote == "Frequent words are one token, rare words are spelled with several."
    assert (found.citations[0].lesson, found.citations[0].anchor) == ("02", "t")


def test_each_occurrence_of_a_number_has_a_citation_in_order() -> None:
    text = "A token is one entry of the vocabulary. [1] Stop words can hurt a review. [2] Rare words are several. [1]"
    found = check(text, BOTH)
    assert [citation.n for citation in found.citations] == [1, 2, 1]


def test_invented_numbers_are_removed_and_counted() -> None:
    found = check("A token is one entry of the vocabulary [1, 7]. Stop words hurt [2][0].", BOTH)
    assert found.removed == 2
    assert found.text == "A token is one entry of the vocabulary [1]. Stop words hurt [2]."


def test_lists_of_numbers_are_split_and_code_is_left_alone() -> None:
    assert clean_numbers("So [1, 2]. `x[9]`\n\n```\ny[9]\n```", 2) == ("So [1][2]. `x[9]`\n\n```\ny[9]\n```", 0)


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("Frequent words are not one token in the vocabulary.", "negation"),
        ("The encoding has 50,000 entries.", "number"),
        ("Dropout switches neurons off at random during training.", "absent"),
    ],
)
def test_what_the_passage_does_not_say_is_marked_with_the_reason(claim: str, reason: str) -> None:
    found = support(claim, [TOKENS])
    assert (found.supported, found.reason) == (False, reason) or (reason == "absent" and not found.supported)
    assert check(f"{claim} [1]", [TOKENS]).unsupported == (claim,)


def test_a_claim_that_another_passage_supports_is_not_marked() -> None:
    assert check("Removing stop words hurts when a negation decides the meaning. [1]", BOTH).unsupported == ()


def test_questions_lead_ins_and_short_phrases_are_no_claims() -> None:
    assert not is_claim("Does dropout switch neurons off at random?")
    assert not is_claim("Three ways to regularise a large network exist:")
    assert not is_claim("Yes, it does.")


def test_code_and_headings_are_no_claims_but_list_lines_and_table_rows_are() -> None:
    listed = "- First line. [1]\n- Second line. [2]"
    text = f"# Heading\n\n```python\nx = 1\n```\n\n{listed}\n\n| a | b |\n|---|---|\n| c | d [1] |"
    found = claims(text)
    assert ("First line.", [1]) in found
    assert ("Second line.", [2]) in found
    assert any("c" in claim and cited == [1] for claim, cited in found)
    assert not any("x = 1" in claim or "Heading" in claim for claim, _ in found)


def test_a_number_on_its_own_belongs_to_the_sentence_before() -> None:
    assert claims("First thing. [1] Second thing.\n[2]") == [("First thing.", [1]), ("Second thing.", [2])]


def test_code_of_a_passage_supports_nothing() -> None:
    assert not any("secret" in sentence for sentence in passage_sentences(TOKENS.text))


def test_without_passages_nothing_is_supported_and_nothing_fails() -> None:
    found = check("Dropout switches neurons off at random. [1]", [])
    assert found.removed == 1
    assert found.citations == ()
    assert len(found.unsupported) == 1


@given(ANSWER)
def test_no_invented_number_is_kept_and_each_kept_one_has_a_citation(text: str) -> None:
    found = check(text, BOTH)
    assert set(numbers_in_prose(found.text)) <= {1, 2}
    assert {citation.n for citation in found.citations} <= {1, 2}
    assert found.removed >= 0


@given(st.text())
def test_any_text_can_be_checked(text: str) -> None:
    check(text, BOTH)
    assert isinstance(bare(text), str)


@given(ANSWER, st.integers(0, 3))
def test_cleaning_twice_changes_nothing_more(text: str, count: int) -> None:
    once, _ = clean_numbers(text, count)
    assert clean_numbers(once, count) == (once, 0)


def test_each_sentence_of_a_shipped_section_is_supported_by_it(shipped: Curriculum) -> None:
    marked = []
    for section in shipped.sections():
        held = Passage(
            section.skill, section.lesson, section.heading, section.anchor, section.objectives, 1, section.text
        )
        marked += [(section.anchor, s) for s in passage_sentences(section.text) if not support(s, [held]).supported]
    assert marked == []


@pytest.mark.parametrize("piece", [" ", "[1, ", "a. ", "[a", "`a", "_a "])
def test_a_long_answer_is_checked_in_time(piece: str) -> None:
    began = time.process_time()
    check(piece * (12_000 // len(piece)), BOTH)
    assert time.process_time() - began < 3


MISTAKE = replace(
    STOP,
    text="Early stopping ends a run when the validation loss has not improved for some epochs.\n\n"
    "**Common mistake.** Believing that early stopping means stopping at the first rise of the loss: in fact it waits for "
    "the patience to pass.\n",
)


@pytest.mark.parametrize(
    ("claim", "supported"),
    [
        ("Early stopping means stopping at the first rise of the loss.", False),
        ("Early stopping does not mean stopping at the first rise of the loss.", True),
        ("It is a mistake to think that early stopping means stopping at the first rise of the loss.", True),
        ("Early stopping ends a run when the validation loss has not improved for some epochs.", True),
        ("It waits for the patience to pass.", True),
    ],
)
def test_a_listed_wrong_belief_supports_no_claim_that_states_it(claim: str, supported: bool) -> None:
    found = support(claim, [MISTAKE])
    assert found.supported == supported
    assert supported or found.reason == "negation"
