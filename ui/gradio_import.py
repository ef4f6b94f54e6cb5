"""Import Gradio without what nobody needs: what it writes and documents for editors, and modules that no page uses.

Knows nothing of pages. Call `import_gradio` before anything else imports Gradio; later calls cost nothing.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import os
import ssl
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradio import Blocks

_UNUSED = frozenset({"pandas", "gradio.external_utils"})
"""Gradio imports them for tables and for models elsewhere, which no page has: a sixth of the whole import."""

_FOR_EDITORS = {"gradio.component_meta": "create_or_modify_pyi", "gradio.events": "EventListener.set_doc"}
"""The one parses the source of every component and writes type stubs beside it, half of the import, and changes files
in the environment of a running server; the other renders a template for each event's description, a quarter of what is
left."""


class _Loader(importlib.abc.Loader):
    """Loads the module as its own loader does, then takes one of its functions out."""

    def __init__(self, inner: importlib.abc.Loader, function: str) -> None:
        self._inner = inner
        self._function = function

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the module's own loader does."""
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, then replace its function."""
        self._inner.exec_module(module)
        place, _, name = self._function.rpartition(".")
        holder: Any = getattr(module, place, None) if place else module
        if not hasattr(holder, name):
            raise ImportError(f"{module.__name__} has no {self._function}: this version is not supported.")
        setattr(holder, name, lambda *ignored, **named: None)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds these modules, and no other."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's own spec with another loader around its own."""
        if fullname not in _UNUSED and fullname not in _FOR_EDITORS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            # Those that nobody needs are loaded when something of them is first used.
            spec.loader = (
                importlib.util.LazyLoader(spec.loader)
                if fullname in _UNUSED
                else _Loader(spec.loader, _FOR_EDITORS[fullname])
            )
        return spec


@contextmanager
def _one_ssl_context() -> Iterator[None]:
    """Inside, SSL contexts are made once: Gradio makes three HTTP clients, each reads all certificates."""
    made = ssl.create_default_context
    ssl.create_default_context = cache(made)
    try:
        yield
    finally:
        ssl.create_default_context = made


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
        with _one_ssl_context():
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
