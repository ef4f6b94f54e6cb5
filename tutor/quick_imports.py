"""Imports that take less time: Pydantic's models are built when they are first used, and most never are.

Knows nothing of what is imported.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

LATE_WARNING = r"The .\w+. attribute with value .* was provided to the `Field\(\)` function, which has no effect"
"""How Pydantic's UnsupportedFieldAttributeWarning begins. FastAPI silences it while it makes a model of a request's
body; built later, that model would warn in the middle of somebody's request."""


@contextmanager
def models_when_used() -> Iterator[None]:
    """Inside, a class that derives from ``pydantic.BaseModel`` builds its validator at its first use, not when defined.

    FastAPI, Gradio, LangChain and what they import define hundreds; of most the tutor uses none. From then on the
    process does not hear ``LATE_WARNING``.

    Example:
        >>> from pydantic import BaseModel
        >>> with models_when_used():
        ...     class Point(BaseModel):
        ...         x: int
        >>> Point(x="3").x
        3
    """
    from pydantic import BaseModel

    warnings.filterwarnings("ignore", message=LATE_WARNING, category=UserWarning)
    before = BaseModel.model_config
    BaseModel.model_config = {**before, "defer_build": True}
    try:
        yield
    finally:
        BaseModel.model_config = before
