"""Rules of item writing and of banks: each catches its fault and leaves a sound item alone."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.bank import GUESSES, bank, chi_square_tail, near_duplicates, share_right
from tutor.item import Item, Option, Point
from tutor.lint import lint, states

PATH = Path("made/quiz.md")


def choice(*options: str, stem: str = "Which step comes first?", number: int = 0, **fields: object) -> Item:
    """A choice; keys begin with `+`, distractors carry feedback."""
    made = tuple(Option(text.removeprefix("+"), text[0] == "+", "" if text[0] == "+" else "No.") for text in options)
    kind = "single" if sum(option.correct for option in made) == 1 else "multiple"
    item = Item(
        f"o-1-{number}", "made", "o-1", "apply", kind, stem, "", made, None, 0.0, (), (), ("Think.",), "So.", PATH, 3
    )
    return replace(item, **fields)  # type: ignore[arg-type]


def written(**fields: object) -> Item:
    return replace(choice("+a"), options=(), **fields)  # type: ignore[arg-type]


SOUND = choice("+Split the text", "Stem the words", "Count the tokens")


def codes(item: Item) -> list[str]:
    return [fault.code for fault in lint(item)]


def test_a_sound_item_has_no_fault() -> None:
    assert codes(SOUND) == []
    assert codes(written(kind="numeric", value=0.5, stem="What is the recall?")) == []
    assert codes(written(kind="accepted", accepted=("recall",), stem="What is the share of spam found called?")) == []
    assert codes(written(kind="free", points=(Point("it overshoots"),), stem="Explain what happened.")) == []


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (choice("+Split it", "Stem it", "stem it."), "Q009"),
        (replace(SOUND, hints=("You split the text before all else.",)), "Q013"),
        (written(kind="accepted", accepted=("macro F1",), hints=("It is macro-averaged, macro F1.",)), "Q013"),
        (written(kind="numeric", value=0.5, hints=("The answer is 0.50.",)), "Q013"),
        (written(kind="numeric", value=3.0, hints=("Three of them.",)), "Q013"),
        (
            written(kind="free", points=(Point("it overshoots", ("jumps too far",)),), hints=("It jumps too far.",)),
            "Q013",
        ),
        (written(kind="accepted", accepted=("recall",), stem="Is it recall or what?"), "Q014"),
        (choice("+Split", "Stem", "Count", stem="Which of these is not a step?"), "W001"),
        (choice("+Split", "Stem", "Count", stem="What doesn't belong here?"), "W001"),
        (choice("+Split", "Stem"), "W002"),
        (choice("+A", "B", "C", "D", "E", "F"), "W002"),
        (choice("Split", "Stem", "+All of the above"), "W003"),
        (choice("+Split", "Stem", "None of these"), "W003"),
        (choice("+Split it", "It always fails", "Count it"), "W004"),
        (choice("+Split it", "It sometimes fails", "Count it"), "W004"),
        (replace(SOUND, options=(Option("a", True), Option("b", False), Option("c", False, "No."))), "W005"),
        (choice("+Split the whole of the text at white space", "Stem the words", "Count tokens"), "W006"),
        (choice("+Split the text", "Stem words", "Count", stem="What do you do to the text?"), "W007"),
        (choice("+apple", "pear", "plum", stem="A sorted item is called an"), "W008"),
        (choice("+12", "a dozen", "20"), "W009"),
        (choice("+To split", "Stemming it", "Counting it"), "W009"),
        (choice("+Split it.", "Stem it", "Count it"), "W009"),
        (choice("+20", "100", "50"), "W010"),
        (choice("+5 ms", "1 ms", "10 ms"), "W010"),
        (choice("+1-5", "5-10", "11-20"), "W011"),
        (choice("+Recall", "Recall and precision", "F1"), "W011"),
        (replace(SOUND, body="word " * 81), "W012"),
        (choice("+Yes, it is", "No, it is late", "No, never mind"), "W013"),
        (written(kind="accepted", accepted=("true",)), "W013"),
        (replace(SOUND, hints=("a?", "b?", "c?")), "W014"),
        (choice("+A", "+B", "+C"), "W015"),
    ],
)
def test_each_rule_catches_its_fault(item: Item, code: str) -> None:
    assert code in codes(item)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (choice("+`Max`", "`max`", "`min`"), "Q009"),
        (choice("+recall", "precision", "F1", hints=("Recall or precision: which counts what was missed?",)), "Q013"),
        (written(kind="numeric", value=2.0, stem="w after two steps?", hints=("Take two steps.",)), "Q013"),
        (written(kind="accepted", accepted=("cat",), hints=("Concatenate.",)), "Q013"),
        (written(kind="accepted", accepted=("und",), body='Which piece ends "ref und"?'), "Q014"),
        (choice("+Split", "Stem", "Count", stem="The model does not learn. Which step comes first?"), "W001"),
        (choice("+Call `all(x)`", "Call `any(x)`", "Call `sum(x)`"), "W004"),
        (choice("+pear", "plum", "apple", stem="A sorted item is called a(n)"), "W008"),
        (choice("+1", "10", "100"), "W010"),
        (choice("+100", "10", "1"), "W010"),
        (choice("+1-5", "6-10", "11-20"), "W011"),
        (choice("+0.2", "0.25", "0.5"), "W011"),
    ],
)
def test_each_rule_leaves_a_sound_case_alone(item: Item, code: str) -> None:
    assert code not in codes(item)


def test_faults_stand_at_the_item() -> None:
    fault = lint(choice("+Split", "Stem"))[0]
    assert (fault.path, fault.line) == (PATH, 3) and "o-1-0" in fault.message


def test_words_in_a_row_are_found_whatever_the_case() -> None:
    assert states("We use Macro F1, here.", "macro F1")
    assert not states("macro and F1", "macro F1")
    assert states("write -> now", "->")


@given(st.text(max_size=80), st.lists(st.text(min_size=1, max_size=40), min_size=2, max_size=5), st.text(max_size=40))
def test_any_words_can_be_linted(stem: str, options: list[str], hint: str) -> None:
    made = tuple(Option(text, i == 0) for i, text in enumerate(options))
    lint(replace(SOUND, stem=stem, options=made, hints=(hint,)))
    lint(written(kind="accepted", accepted=tuple(options), stem=stem, hints=(hint,)))


def banked(items: list[Item]) -> set[str]:
    return {fault.code for fault in bank(items, ["o-1"], Path("skill.yaml"))}


def balanced(count: int = 12) -> list[Item]:
    places = [["+Alpha", "Bravo", "Gamma"], ["Alpha", "+Bravo", "Gamma"], ["Alpha", "Bravo", "+Gamma"]]
    singles = [choice(*places[i % 3], number=i, bloom="analyse") for i in range(count)]
    return singles + [written(kind="numeric", value=1.0, id=f"o-1-n{i}") for i in range(count // 2)]


def test_a_balanced_bank_has_no_fault() -> None:
    assert banked(balanced()) == set()


def test_a_small_bank_is_told_with_its_count() -> None:
    (fault,) = bank([], ["o-1"], Path("skill.yaml"))
    assert (fault.code, str(fault.path)) == ("B002", "skill.yaml") and "0 items" in fault.message


def test_a_bank_without_written_answers_or_higher_levels_is_told() -> None:
    items = [replace(item, bloom="apply") for item in balanced() if item.options]
    assert {"B003", "B004"} <= banked(items)


def test_keys_at_one_position_are_told() -> None:
    items = [choice("+Alpha", "Bravo", "Gamma", number=i) for i in range(12)]
    assert {"B001", "B008"} <= banked(items) and "B009" not in banked(items)


def test_a_key_that_is_always_longest_or_nearest_to_the_stem_is_told() -> None:
    longest = [choice("+A longer one", "Short one", "Small one", number=i) for i in range(12)]
    assert "B006" in banked(longest)
    nearest = [choice("Alpha", "+A step", "Gamma", number=i) for i in range(12)]
    assert "B007" in banked(nearest)


def test_a_key_that_is_always_shortest_is_told_and_one_that_is_now_and_then_is_not() -> None:
    short = [choice("+Split", "Stem all", "Count them", number=i) for i in range(4)]
    assert "B010" in banked(short * 3) and "B006" not in banked(short * 3)
    middle = [choice("+Split it", "Stem", "Count them", number=i) for i in range(4, 12)]
    assert "B010" not in banked(short + middle)


@pytest.mark.parametrize("code", ["B006", "B010"])
def test_a_tie_counts_as_a_fair_draw(code: str) -> None:
    guess = {code: guess for code, _, guess in GUESSES}[code]
    assert share_right([choice("+Alpha", "Bravo", "Gamma")], guess) == pytest.approx(1 / 3)
    ends = ("Al", "Bravo") if code == "B010" else ("Alphabet", "Bravo")
    assert share_right([choice("+" + ends[0], ends[0][:-1] + "!", ends[1])], guess) == pytest.approx(1 / 2)


def test_near_duplicate_stems_are_told() -> None:
    long = "A filter marks fifty mails and forty of the marked mails are spam. What is the precision of this filter?"
    first, second = (
        choice("+a", "b", stem=long, number=1),
        choice("+a", "b", stem=long.replace("What", "So what"), number=2),
    )
    (fault,) = near_duplicates([first, second, SOUND])
    assert fault.code == "B005" and "o-1-1" in fault.message


@pytest.mark.parametrize(
    ("statistic", "freedom", "p"),
    [(3.841, 1, 0.05), (9.210, 2, 0.01), (11.345, 3, 0.01), (13.277, 4, 0.01), (23.209, 10, 0.01), (0.0, 3, 1.0)],
)
def test_the_chi_square_tail_agrees_with_printed_tables(statistic: float, freedom: int, p: float) -> None:
    assert chi_square_tail(statistic, freedom) == pytest.approx(p, rel=2e-3)
