"""Import Gradio without what nobody needs: it writes type stubs on the way, and looks for matplotlib ever after.

Knows nothing of pages. Call `import_gradio` before anything else imports Gradio; later calls cost nothing.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio import Blocks

_WRITES_STUBS = "gradio.component_meta"
_UNUSED = "pandas"
"""Gradio imports it for tables, which no page has; it takes a tenth of the whole import."""


class _Loader(importlib.abc.Loader):
    """Loads the module as its own loader does, then takes the stub writer out."""

    def __init__(self, inner: importlib.abc.Loader) -> None:
        self._inner = inner

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the module's own loader does."""
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, then replace its function."""
        self._inner.exec_module(module)
        # It parses the source of every component and writes type stubs for editors beside it: half of Gradio's
        # import time, and changed files in the environment of a running server.
        if not hasattr(module, "create_or_modify_pyi"):
            raise ImportError("gradio.component_meta has no create_or_modify_pyi: this version is not supported.")
        module.create_or_modify_pyi = lambda *ignored: None  # type: ignore[attr-defined]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds these two modules, and no other."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's own spec with another loader around its own."""
        if fullname not in (_WRITES_STUBS, _UNUSED):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            # Loaded when something of it is first used.
            around = _Loader if fullname == _WRITES_STUBS else importlib.util.LazyLoader
            spec.loader = around(spec.loader)
        return spec


def import_gradio() -> ModuleType:
    """Gradio, imported quickly and with its telemetry off."""
    # Gradio reads these when it is imported: no telemetry, and no summary over all past events after each event.
    os.environ.update(
        GRADIO_ANALYTICS_ENABLED="False",
        GRADIO_ANALYTICS_CACHE_FREQUENCY="1000000000",
        GRADIO_ANALYTICS_MAX_EVENTS="1",
        HF_HUB_OFFLINE="1",
    )
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        gradio = importlib.import_module("gradio")
    finally:
        sys.meta_path.remove(finder)
    # Around each yield Gradio tries to import matplotlib, in vain: a search over all of sys.path, twice.
    gradio.utils.MatplotlibBackendMananger = nullcontext
    return gradio


def remember_signatures(page: "Blocks") -> None:
    """Let Gradio read the arguments of its components and of the page's handlers once.

    It reads them for each component and handler with each new session; ``inspect.signature`` takes what is remembered.
    """
    handlers = [getattr(each.fn, "__func__", each.fn) for each in page.fns.values() if each.fn is not None]
    for function in {*(type(block).__init__ for block in page.blocks.values()), *handlers}:
        function.__signature__ = inspect.signature(function)


@contextmanager
def only_layout() -> Iterator[None]:
    """Inside, Gradio lays pages out and makes no web application.

    It makes one when a page is begun, when it ends and when it is queued, each with 80 routes, and throws them away.
    Whoever mounts the page makes the one that is served.
    """
    from gradio.routes import App

    made = App.__dict__["create_app"]
    App.create_app = staticmethod(lambda *ignored, **named: None)  # type: ignore[assignment]
    try:
        yield
    finally:
        App.create_app = made
