import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("tutor", "vectorstore", "ui")

# A package, and the only places (a folder ends with /) that may import it.
HOMES = {
    "gradio": ("ui/",),
    "fastapi": ("ui/",),
    "chromadb": ("vectorstore/",),
    "sqlalchemy": ("tutor/store/",),
    "alembic": ("tutor/store/",),
    "langchain_openai": ("tutor/models.py", "vectorstore/embed.py"),
    # Imports of our own rooms run one way: ui -> tutor -> vectorstore.
    "ui": ("ui/", "tutor/cli.py"),
    "tutor": ("tutor/", "ui/"),
    "vectorstore": ("vectorstore/", "tutor/"),
}


def imported(source: str, path: str) -> Iterator[tuple[str, int]]:
    """Each imported module's full name with its line; also those inside functions and by import_module("...")."""
    package = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
    if not path.endswith("__init__.py"):
        package = package[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            yield ".".join([*above, *([node.module] if node.module else [])]), node.lineno
        elif isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if name in {"import_module", "__import__"} and isinstance(first, ast.Constant):
                yield str(first.value), node.lineno


def trespasses(source: str, path: str) -> list[str]:
    """The imports of one file that its room does not allow, as file:line and what is allowed."""
    found = []
    for module, line in imported(source, path):
        homes = HOMES.get(module.split(".")[0])
        if homes is not None and not path.startswith(homes):
            found.append(f"{path}:{line} imports {module}, which only {', '.join(homes)} may")
    return found


def test_every_import_stays_in_its_room() -> None:
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    assert {path.relative_to(ROOT).parts[0] for path in files} == set(ROOMS)
    faults = []
    for path in files:
        faults += trespasses(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    assert faults == []


def test_named_homes_exist() -> None:
    assert [home for homes in HOMES.values() for home in homes if not (ROOT / home).exists()] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("tutor/session.py", "import gradio as gr"),
        ("tutor/session.py", "def ask():\n    from fastapi.responses import HTMLResponse"),
        ("tutor/session.py", "from ui.server import serve"),
        ("tutor/session.py", "import sqlalchemy.orm"),
        ("tutor/chain.py", "from langchain_openai import ChatOpenAI"),
        ("tutor/cli.py", "import gradio"),
        ("ui/server.py", "import os, vectorstore.index"),
        ("ui/server.py", "from sqlalchemy import select"),
        ("ui/app.py", "import importlib\nimportlib.import_module('chromadb')"),
        ("vectorstore/index.py", "from tutor.errors import TutorError"),
        ("vectorstore/index.py", "import ui"),
        ("vectorstore/index.py", "import langchain_openai"),
        ("vectorstore/embed.py", "if True:\n    import alembic"),
    ],
)
def test_import_in_the_wrong_room_is_found(path: str, source: str) -> None:
    assert len(trespasses(source, path)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("tutor/cli.py", "from ui.server import serve\nfrom vectorstore.index import Index"),
        ("tutor/models.py", "from langchain_openai import ChatOpenAI"),
        ("tutor/store/engine.py", "import sqlalchemy"),
        ("tutor/store/__init__.py", "from .engine import Store\nfrom . import events"),
        ("ui/server.py", "import fastapi, gradio\nfrom tutor.session import Tutor\nfrom .security import headers"),
        ("vectorstore/index.py", "import chromadb\nimport uikit\nfrom .embed import MiniLM"),
    ],
)
def test_import_in_its_own_room_is_allowed(path: str, source: str) -> None:
    assert trespasses(source, path) == []


def test_no_room_is_named_like_a_module_of_python() -> None:
    assert not set(ROOMS) & set(sys.stdlib_module_names)
