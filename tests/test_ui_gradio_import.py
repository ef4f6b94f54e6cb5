"""Gradio imported without writing stubs, and still whole."""

import subprocess
import sys

CODE = """
import sys
from contextlib import nullcontext
from pathlib import Path
from ui.gradio_import import import_gradio

written = []
Path.write_text = lambda self, *rest, **more: written.append(self)
gradio = import_gradio()
assert import_gradio() is gradio
assert not written, written
assert sys.modules["gradio.component_meta"].create_or_modify_pyi(gradio.HTML, "HTML", []) is None
assert gradio.utils.MatplotlibBackendMananger is nullcontext
assert callable(gradio.Textbox.submit)
assert "DataFrame" not in object.__getattribute__(sys.modules["pandas"], "__dict__")
gradio.caching.pd.DataFrame({"a": [1]})
assert "DataFrame" in vars(sys.modules["pandas"])
assert "get_model_info" not in object.__getattribute__(sys.modules["gradio.external_utils"], "__dict__")
assert "huggingface_hub.inference._generated.types" not in sys.modules
assert callable(gradio.external.external_utils.get_model_info)
assert sys.modules["gradio.events"].EventListener("press").set_doc(component="HTML") is None
assert not {"httpx._main", "rich", "pygments"} & set(sys.modules)
import httpx
import httpx._main
assert httpx.Client
try:
    gradio.deploy(no_such_parameter=1)
except TypeError as error:
    assert "no_such_parameter" in str(error)
else:
    raise AssertionError
assert gradio.cli.sketch and gradio.cli.deploy.__module__ == "gradio.cli.commands.deploy_space"
import ssl
assert ssl.create_default_context() is not ssl.create_default_context()
assert not any(type(finder).__module__ == "ui.gradio_import" for finder in sys.meta_path)
"""


def test_no_stub_is_written_and_components_keep_their_events() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


LAYOUT = """
import asyncio
from ui.gradio_import import import_gradio, only_layout

gradio = import_gradio()
from gradio.routes import App
real, made = App.create_app, []
App.create_app = staticmethod(lambda *rest, **more: made.append(real(*rest, **more)) or made[-1])
counting = App.create_app

async def main():
    with only_layout():
        with gradio.Blocks() as page:
            gradio.Textbox()
        page.queue()
    assert made == []
    assert App.create_app is counting
    try:
        with only_layout():
            raise ValueError
    except ValueError:
        assert App.create_app is counting
    with gradio.Blocks() as page:
        gradio.Textbox()
    assert len(made) == 2, len(made)
    assert page.app is made[-1]

asyncio.run(main())
"""


def test_a_layout_makes_no_application_and_gradio_makes_them_again_afterwards() -> None:
    done = subprocess.run([sys.executable, "-c", LAYOUT], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


SIGNATURES = """
import inspect
from ui.gradio_import import import_gradio, remember_signatures

gradio = import_gradio()

class Page:
    async def ask(self, question, request: gradio.Request):
        yield question

handler = Page()
with gradio.Blocks() as page:
    box = gradio.Textbox(label="a", elem_id="b")
    box.submit(handler.ask, [box], [box])
before = page.get_config_file(), inspect.signature(handler.ask)
remember_signatures(page)
assert (page.get_config_file(), inspect.signature(handler.ask)) == before
assert inspect.signature(gradio.Textbox.__init__) is gradio.Textbox.__init__.__signature__
assert inspect.signature(Page.ask) is Page.ask.__signature__
"""


def test_remembered_signatures_change_nothing_that_gradio_reads() -> None:
    done = subprocess.run([sys.executable, "-c", SIGNATURES], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
