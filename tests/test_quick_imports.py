"""Models that are built when they are first used."""

import subprocess
import sys

import pytest
from pydantic import BaseModel, ValidationError

from tutor.quick_imports import models_when_used


def test_a_model_defined_inside_is_built_at_its_first_use() -> None:
    with models_when_used():

        class Inner(BaseModel):
            number: int

        class Outer(BaseModel):
            inner: Inner

    assert not Outer.__pydantic_complete__
    assert Outer.model_validate({"inner": {"number": "3"}}).inner.number == 3
    assert Outer.__pydantic_complete__
    with pytest.raises(ValidationError):
        Inner(number="three")  # type: ignore[arg-type]


def test_a_model_defined_afterwards_is_built_at_once_even_when_something_failed_inside() -> None:
    with pytest.raises(RuntimeError), models_when_used():
        raise RuntimeError

    class Later(BaseModel):
        number: int

    assert Later.__pydantic_complete__


LATE = """
import sys, warnings
from tutor.quick_imports import models_when_used

if sys.argv[1:] == ["quick"]:
    with models_when_used():
        pass
from typing import Annotated
from pydantic import Field, TypeAdapter
TypeAdapter(Annotated[int, Field(alias="body")])
"""


@pytest.mark.parametrize("quick", [True, False])
def test_what_is_built_late_warns_nobody_in_the_middle_of_a_request(quick: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LATE, *(["quick"] if quick else [])], capture_output=True, text=True, check=True
    )
    assert ("UnsupportedFieldAttributeWarning" in done.stderr) is not quick
