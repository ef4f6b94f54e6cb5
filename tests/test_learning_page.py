"""docs/learning.md says what the code does."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "learning.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([A-Z_]+) \| ([\d.e-]+) \| (tutor/\w+)\.py \|", PAGE, re.M)


@pytest.mark.parametrize(("name", "value", "module"), ROWS)
def test_every_parameter_has_the_value_that_the_page_tells(name: str, value: str, module: str) -> None:
    assert getattr(importlib.import_module(module.replace("/", ".")), name) == float(value)


def test_the_page_tells_every_parameter_of_the_estimate_and_of_the_schedule() -> None:
    told = {name for name, _, _ in ROWS}
    for module in ("mastery", "review"):
        text = (ROOT / "tutor" / f"{module}.py").read_text(encoding="utf-8")
        assert set(re.findall(r"^([A-Z_]+) = [\d.]", text, re.M)) <= told


def test_the_page_tells_every_reason_of_the_policy() -> None:
    text = (ROOT / "tutor" / "policy.py").read_text(encoding="utf-8")
    reasons = set(re.findall(r'"practice", "(\w+)", values', text)) | set(re.findall(r'reason = "(\w+)" if', text))
    assert {"example", "lesson", "lapsed"} <= reasons
    for reason in {*reasons, "resume", "test_out", "review", "probe", "begin", "going", "mixed", "tomorrow", "nothing"}:
        assert f"`{reason}`" in PAGE


def test_the_simulation_is_told_as_what_it_is() -> None:
    page = (ROOT / "docs" / "simulation.md").read_text(encoding="utf-8")
    assert "Nobody took part" in page and "on simulated memories" in page
