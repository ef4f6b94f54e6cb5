"""Words, stems, numbers and sentences: what is compared everywhere else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.curriculum import Curriculum
from tutor.parts import blocks
from tutor.terms import jaccard, negations, numbers, sentences, stem, terms, words

PIECES = [*"abcDE .!?…:()[]\"'`$*_\n\t-1“”éم", "e.g. ", " [1]", "](x)", ". A"]
PROSE = st.lists(st.sampled_from(PIECES)).map("".join)


def test_technical_words_stay_one_word() -> None:
    assert words("Top-p, GPT-4o and C++ aren't U.S. words") == [
        "top-p",
        "gpt-4o",
        "and",
        "c++",
        "aren't",
        "u.s",
        "words",
    ]


def test_inflected_words_meet_in_their_stem() -> None:
    assert stem("tokenizing") == stem("tokenized") == stem("tokenizes")
    assert terms("the model's losses") == terms("model loss")


def test_a_hyphenated_word_meets_both_spellings() -> None:
    found = set(terms("fine-tuning"))
    assert set(terms("finetuning")) <= found
    assert set(terms("tuning")) <= found


def test_function_words_are_no_terms_but_negations_are() -> None:
    assert terms("what is the use of this") == []
    assert "not" in terms("it is not")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,000 tokens", ["1000"]),
        ("2.50 and 2.5", ["2.5", "2.5"]),
        ("1e-4", ["0.0001"]),
        ("three of twelve, one left", ["3", "12"]),
        ("-0.5 degrees", ["-0.5"]),
        ("gpt4 and v2", []),
    ],
)
def test_numbers_are_compared_by_value(text: str, found: list[str]) -> None:
    assert numbers(text) == found


def test_negations_are_counted_with_either_apostrophe() -> None:
    assert negations("It does not, it can't, it can’t, it never will.") == 4
    assert negations("It works.") == 0


def test_jaccard_of_nothing_is_zero() -> None:
    assert jaccard([], []) == 0
    assert jaccard("ab", "bc") == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "whole",
    [
        "It costs 2.5 cents, e.g. for mail.",
        "Call `a. B` now.",
        "See [the docs. Really](x.md) for more.",
        "He said (It works. Really.) and left.",
        'She wrote "It works. I think." and left.',
        "The loss $L = a. B$ falls.",
        "Dr. Smith agrees.",
        "Version 1.2 of the model.",
        "It ends in lower case. so it goes on",
    ],
)
def test_a_mark_inside_a_sentence_does_not_cut_it(whole: str) -> None:
    assert sentences(whole) == [whole]


@pytest.mark.parametrize(
    ("paragraph", "found"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("One [1]. Two. [2] Three.", ["One [1].", "Two. [2]", "Three."]),
        ("**Bold.** Then more.", ["**Bold.**", "Then more."]),
        ("(In brackets.) Outside.", ["(In brackets.)", "Outside."]),
        ("It is 5. Then 6.", ["It is 5.", "Then 6."]),
        ("One\nline. Two\nlines.", ["One line.", "Two lines."]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_sees_them_end(paragraph: str, found: list[str]) -> None:
    assert sentences(paragraph) == found


@given(PROSE)
def test_sentences_never_lose_text(paragraph: str) -> None:
    assert " ".join(sentences(paragraph)) == " ".join(paragraph.split())


@given(st.text())
def test_any_text_has_words_terms_numbers_and_sentences(text: str) -> None:
    assert " ".join(sentences(text)) == " ".join(text.split())
    assert all(word == word.lower() for word in words(text))
    assert len(terms(text)) <= 3 * len(words(text)) + text.count("-")
    assert all(float(number) == float(number) for number in numbers(text))


def test_sentences_of_the_lessons_begin_like_sentences(shipped: Curriculum) -> None:
    for section in shipped.sections():
        for block in blocks(section.text):
            for sentence in block.sentences:
                assert not sentence[0].islower() or sentence == block.sentences[0], (section.lesson, sentence)


@pytest.mark.parametrize("piece", ["a. b. ", "[a", "( Ab c. ", '" Ab c. ', "$a ", "`a", "aaaa"])
def test_a_long_text_without_structure_is_cut_in_time(piece: str) -> None:
    began = time.process_time()
    sentences(piece * (20_000 // len(piece)))
    assert time.process_time() - began < 2
