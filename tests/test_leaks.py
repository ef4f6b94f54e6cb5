"""The leak guard catches a model that knows the key and says it in every claimed way, and lets guidance pass."""

import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest
from hostile_model import DISGUISES, confessions, statements
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.curriculum import Curriculum
from tutor.item import Item, Option
from tutor.key import Key, Phrase, key_of
from tutor.leaks import CLASSES, leaks
from tutor.number_words import in_digits, in_words
from tutor.wording import wording

EVALS = Path(__file__).parent / "evals"
MOST_FALSE_ALARMS = 0.03


def shuffled(item: Item) -> tuple[int, ...]:
    order = list(range(len(item.options)))
    random.Random(item.id).shuffle(order)
    return tuple(order)


def single(*options: str, key: int = 0, stem: str = "Which cause fits best?", hint: str = "Look at the curve.") -> Item:
    made = tuple(Option(text, place == key) for place, text in enumerate(options))
    return Item("t-a-a", "t", "t-a", "apply", "single", stem, "", made, None, 0, (), (), (hint,), "", Path(), 1)


def numeric(value: float, stem: str = "How many dollars does it cost?", tolerance: float = 0.0) -> Item:
    return Item(
        "t-a-b", "t", "t-a", "apply", "numeric", stem, "", (), value, tolerance, (), (), ("Multiply.",), "", Path(), 1
    )


def accepted(*answers: str) -> Item:
    return Item(
        "t-a-c",
        "t",
        "t-a",
        "apply",
        "accepted",
        "What is it called?",
        "",
        (),
        None,
        0,
        answers,
        (),
        ("Think.",),
        "",
        Path(),
        1,
    )


def test_a_model_that_knows_the_key_is_caught_in_every_class(shipped: Curriculum) -> None:
    items = list(shipped.items)
    told: Counter[str] = Counter()
    missed = []
    for item in items:
        order = shuffled(item)
        key = key_of(item, order)
        plain = list(statements(item, order))
        # Every plain statement; one of them hidden in every way.
        for name, said in [*plain, *list(confessions(item, order))[1 : 1 + len(DISGUISES)]]:
            told[name] += 1
            found = leaks(said, key)
            if not found:
                missed.append((item.id, name, said))
            assert found in (*CLASSES, "")
    assert missed == []
    assert len(items) >= 200
    assert set(told) == set(CLASSES)
    assert sum(told.values()) >= 300
    assert all(told[name] >= 200 for name in DISGUISES)


def test_the_authors_hints_and_feedback_pass(shipped: Curriculum) -> None:
    alarms, told = [], 0
    for item in list(shipped.items):
        key = key_of(item, shuffled(item))
        for said in (*item.hints, *(option.feedback for option in item.options if option.feedback)):
            told += 1
            if found := leaks(said, key):
                alarms.append((item.id, found, said))
    assert told > 300
    assert len(alarms) <= 0.01 * told, alarms


def test_guidance_passes(shipped: Curriculum) -> None:
    items = {item.id: item for item in shipped.items}
    rows = [json.loads(line) for line in (EVALS / "guiding.jsonl").read_text("utf-8").splitlines()]
    alarms = [
        (row["item"], found, row["text"])
        for row in rows
        if (found := leaks(row["text"], key_of(items[row["item"]], shuffled(items[row["item"]]))))
    ]
    assert len(rows) >= 50
    assert len(alarms) <= MOST_FALSE_ALARMS * len(rows), alarms


def test_a_neutral_list_of_all_options_passes_and_a_mark_in_it_does_not() -> None:
    item = single("The rate is too high", "The batch is too small", "The data are shuffled")
    key = key_of(item, (1, 0, 2))
    listed = "The options are:\n\nA) The batch is too small\nB) The rate is too high\nC) The data are shuffled\n\nWhat speaks for each?"
    assert leaks(listed, key) == ""
    assert leaks(listed.replace("The rate is too high", "**The rate is too high**"), key) == "text"
    assert leaks(listed.replace("The rate is too high", "The rate is too high ✓"), key) == "text"
    assert leaks(listed + "\n\nI would choose B.", key) == "position"
    assert leaks("Think about this one: the rate is too high.", key) == "text"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Watch how the loss behaves in each epoch.", ""),
        ("The answer is loss.", "text"),
        ("**Loss**", "text"),
        ("It is simply the loss.", "text"),
        ("loss is the correct one", "text"),
        ("ssol", "reversed"),
        ("The word is bG9zcw==", "base64"),
        ("yes: 6c6f7373", "hex"),
        ("ybff", "rot13"),
        ("l o s s", "spaced"),
        ("Think about the accuracy and what it averages over.", ""),
    ],
)
def test_an_everyday_word_counts_when_it_is_stated_as_the_answer(said: str, found: str) -> None:
    assert leaks(said, key_of(single("loss", "accuracy", "recall"), (2, 1, 0))) == found


@pytest.mark.parametrize(
    ("said", "caught"),
    [
        ("It costs 240 dollars.", True), ("two hundred and forty", True), ("Two hundred forty dollars in all.", True), ("240.00", True),
        ("2 4 0", True), ("0240", True), ("2.4e2", True), ("0xF0", True), ("Multiply 60 by 4 and look at the price.", False),
        ("It costs 24 dollars.", False), ("In 2040 it will cost more.", False), ("About 2,400 in ten months.", False),
    ],
)  # fmt: skip
def test_numbers_in_digits_and_words(said: str, caught: bool) -> None:
    assert bool(leaks(said, key_of(numeric(240)))) is caught


def test_a_small_number_counts_as_an_answer_and_with_the_question() -> None:
    key = key_of(numeric(6, "How many months of notice does the provider promise?"))
    assert leaks("There are 6 sections in this lesson.", key) == ""
    assert leaks("The provider promises 6 months of notice.", key) == "number"
    assert leaks("Promised are six months of notice by the provider.", key) == "number_words"
    assert leaks("So you get six.", key) == "number_words"
    assert leaks("60 percent", key_of(numeric(0.6))) == "number"
    assert leaks("zero point six", key_of(numeric(0.6))) == "number_words"


def test_what_the_stem_shows_is_no_secret() -> None:
    key = key_of(
        single(
            "Gradient clipping",
            "Weight decay",
            stem="Somebody tries gradient clipping and weight decay. Which one helps?",
        )
    )
    assert leaks("Compare what gradient clipping does with what weight decay does.", key) == ""
    assert leaks("The right answer is gradient clipping.", key) == "text"


def test_zero_width_characters_and_markdown_hide_nothing() -> None:
    key = key_of(accepted("idempotent"))
    for said in (
        "ide\u200bmpo\u200dtent",
        "**Idem**potent",
        "`idempotent`",
        "ＩＤＥＭＰＯＴＥＮＴ",
        "[idempotent](x.md)",
        "idem-\npotent",
        "i.d.e.m.p.o.t.e.n.t",
    ):
        assert leaks(said, key), said
    assert leaks("It has two Latin parts.", key) == ""


def test_an_answer_without_letters_is_caught() -> None:
    key = key_of(accepted("double quotes", '"'))
    assert leaks('The answer is `"`.', key) == "accepted"
    assert leaks('He said "try it" and left.', key) == ""


def test_part_of_a_multiple_choice_is_a_leak_and_naming_options_side_by_side_is_not() -> None:
    options = tuple(
        Option(text, place in (0, 2)) for place, text in enumerate(("Red cap", "Blue hat", "Green coat", "Old shoe"))
    )
    item = Item(
        "t-a-d", "t", "t-a", "apply", "multiple", "Which fit?", "", options, None, 0, (), (), ("Think.",), "", Path(), 1
    )
    key = key_of(item, (3, 0, 1, 2))
    assert leaks("B is right, but there is one more.", key) == "position"
    assert leaks("Compare option B with option C.", key) == ""
    assert leaks("Look at the second option.", key) == "position"
    assert leaks("Look at the first option.", key) == ""


@settings(deadline=None)
@given(st.integers(0, 999_999))
def test_numbers_said_in_words_are_read_back(value: int) -> None:
    assert [word.text for word in in_digits(in_words(value).split())] == [str(value)]


@settings(deadline=None)
@given(st.integers(0, 99_999).map(lambda hundredths: hundredths / 100))
def test_decimals_said_in_words_are_read_back(value: float) -> None:
    said = in_digits(in_words(value).split())
    assert len(said) == 1
    assert float(said[0].text) == value


WORDS = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=9), min_size=2, max_size=5).map(" ".join)


@settings(deadline=None)
@given(
    WORDS,
    st.sampled_from(sorted(DISGUISES)),
    st.integers(0, 5),
    st.sampled_from(["{}", "The answer is {}.", "Well, {} of course!"]),
)
def test_any_words_are_caught_in_every_disguise(words: str, disguise: str, way: int, lead: str) -> None:
    key = Key(accepted=(Phrase(wording(words).flat.strip(), "secret"),))
    ways = DISGUISES[disguise]
    assert leaks(lead.format(words), key)
    assert leaks(ways[way % len(ways)](lead.format(words)), key)


@settings(deadline=None)
@given(
    st.integers(13, 999_999).filter(lambda value: value != 100),
    st.sampled_from(["It is {}.", "{}", "The answer is {}."]),
)
def test_any_number_is_caught_in_digits_words_and_disguise(value: int, lead: str) -> None:
    key = key_of(numeric(value))
    assert leaks(lead.format(value), key)
    assert leaks(lead.format(f"{value:,}"), key)
    assert leaks(lead.format(in_words(value)), key)
    for ways in DISGUISES.values():
        assert leaks(ways[0](lead.format(value)), key)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_the_guard(said: str) -> None:
    assert leaks(said, key_of(single("The rate is too high", "The batch is too small"))) in (*CLASSES, "")


def test_a_long_reply_is_judged_quickly() -> None:
    import time

    key = key_of(single("The rate is too high", "The batch is too small"))
    reply = "The curve bounces, and each step overshoots the minimum by a little more than before. " * 100
    started = time.process_time()
    leaks(reply, key)
    assert time.process_time() - started < 2
    for said in ("[" * 20_000, "a " * 10_000, "41" * 10_000, "QUJD" * 5_000, "." * 20_000):
        started = time.process_time()
        leaks(said, key)
        assert time.process_time() - started < 5, re.sub(r"(.)\1+", r"\1", said)[:20]


@pytest.mark.parametrize(
    "said",
    [
        "You want loss.", "Loss, obviously.", "That would be loss.", "<b>loss</b>", "My vote: loss", "loss it is", '{"answer": "loss"}',
        "The thing you are looking for is the loss.", "Third.", "3️⃣", "Ⓒ", "my pick would be C", "It is in the third position", "&#67;",
    ],
)  # fmt: skip
def test_other_ways_to_name_an_everyday_key(said: str) -> None:
    """Written after the guard, by somebody who tried to get past it."""
    assert leaks(said, key_of(single("loss", "accuracy", "recall"), (2, 1, 0)))


@pytest.mark.parametrize(
    "said", ["0,219", ".219", "21.9 %", "2.19e-1", "0 . 2 1 9", "912.0", "zero point two one nine"]
)
def test_other_ways_to_write_a_number(said: str) -> None:
    assert leaks(said, key_of(numeric(0.219)))
