"""The catalogue of words."""

import re
from pathlib import Path

import pytest

from tutor.keeping import REASONS
from ui.texts import catalogue, has, text

UI = Path(__file__).parent.parent / "ui"
MODEL_CODES = ("model_key", "model_busy", "model_timeout", "model_broken", "model_unreachable", "model_refused")


def used() -> set[str]:
    """Every code that stands as a whole in a module or a template."""
    found: set[str] = set()
    for path in [*UI.rglob("*.py"), *UI.glob("templates/*.html")]:
        found |= set(re.findall(r"""\btext\(\s*["']([\w.]+)["']""", path.read_text(encoding="utf-8")))
    return found


def test_every_code_that_is_used_has_words() -> None:
    assert sorted(code for code in used() if not has(code) and not code.endswith(".")) == []


def test_every_failure_of_a_model_and_every_reason_has_words() -> None:
    assert [code for code in MODEL_CODES if not has(f"notice.{code}")] == []
    assert [reason for reason in REASONS if not has(f"wrong.{reason}")] == []


def test_every_refusal_of_a_platforms_message_has_words_and_the_other_way_round() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in UI.glob("lti/*.py"))
    raised = set(re.findall(r"""(?:Refused\(|super\(\).__init__\()\s*"([\w.]+)\"""", sources))
    raised |= set(re.findall(r'"(\w+)" if not found else "(\w+)"', sources)[0])
    codes = {code.removeprefix("lti.refused.").removesuffix(".one") for code in catalogue() if "lti.refused." in code}
    assert raised == codes


def test_no_words_lie_about_unused() -> None:
    everything = "".join(path.read_text(encoding="utf-8") for path in [*UI.rglob("*.py"), *UI.glob("templates/*.html")])
    built = re.compile(
        r"^(data\.kind|data\.verdict|portfolio\.(done|kind|seen)"
        r"|embed\.refused|theme|notice|wrong|status|conversations|ask\.sections|item\.(purpose|reason|hint|notice|right|skipped|shown|unsure)|reason|next|plan\.kind|lti\.(refused|score|fact|role))\b"
    )
    unused = [
        code
        for code in catalogue()
        if f'"{code.removesuffix(".one")}"' not in everything
        and not built.match(code)
        and f"'{code.removesuffix('.one')}'" not in everything
    ]
    assert unused == []


def test_one_is_not_plural() -> None:
    assert text("ask.sections", count=1) == "1 section"
    assert text("ask.sections", count=2) == "2 sections"


def test_a_code_without_words_is_a_fault() -> None:
    with pytest.raises(KeyError):
        text("no.such.code")
