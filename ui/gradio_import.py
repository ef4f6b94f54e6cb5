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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache, partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradio import Blocks

_UNUSED = frozenset({"pandas", "gradio.external_utils"})
"""Gradio imports them for tables and for models elsewhere, which no page has: a sixth of the whole import."""

_ABSENT = "httpx._main"
"""httpx's command line, which takes rich and pygments with it; httpx does without where they are not installed."""

_COMMANDS = {"gradio.cli": "deploy"}
"""Gradio's own command line, of which its package offers one function."""

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


class _Called(_Loader):
    """Loads the module when its one function is first called."""

    def exec_module(self, module: ModuleType) -> None:
        """Give the module a function that runs the module, which puts the real one in its place, and calls that."""

        def called(*given: Any, **named: Any) -> Any:
            self._inner.exec_module(module)
            return getattr(module, self._function)(*given, **named)

        setattr(module, self._function, called)


_AROUND: dict[str, Callable[[importlib.abc.Loader], importlib.abc.Loader]] = {
    **dict.fromkeys(_UNUSED, importlib.util.LazyLoader),
    **{name: partial(_Called, function=function) for name, function in _COMMANDS.items()},
    **{name: partial(_Loader, function=function) for name, function in _FOR_EDITORS.items()},
}
"""What is loaded otherwise than by its own loader, and what loads it."""


class _Finder(importlib.abc.MetaPathFinder):
    """Finds these modules, and no other."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's own spec with another loader around its own.

        Raises:
            ImportError: Nobody needs the module, and whoever imports it can do without.
        """
        if fullname == _ABSENT:
            raise ImportError(f"{fullname} is not needed.", name=fullname)
        around = _AROUND.get(fullname)
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target) if around else None
        if around and spec is not None and spec.loader is not None:
            spec.loader = around(spec.loader)
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
