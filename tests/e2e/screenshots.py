"""Take pictures of the real pages, into docs/screenshots or a folder: python -m tests.e2e.screenshots [folder]."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.conftest import CHROMIUM, FLAGS, READY, Server, answered, ask, free_port

FOLDER = Path("docs/screenshots")
SIZES = {1280: 860, 390: 844}
QUESTION = "What are weights and biases in plain words?"


def answer(page: Page) -> None:
    ask(page, QUESTION)
    answered(page)
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")


def source(page: Page) -> None:
    answer(page)
    page.locator("#live a.cite").first.click()
    page.wait_for_selector("#panel mark")
    page.evaluate("document.activeElement.blur()")


def declined(page: Page) -> None:
    ask(page, "How do I bake sourdough bread?")
    answered(page)
    page.evaluate("document.activeElement.blur()")


PICTURES: dict[str, tuple[str, Callable[[Page], object]]] = {
    "today": ("", lambda page: None),
    "ask": ("ask", answer),
    "source": ("ask", source),
    "not-covered": ("ask", declined),
    "empty": ("ask", lambda page: page.wait_for_selector(READY)),
    "skill": ("lessons?skill=nlp", lambda page: None),
    "lesson-code": (
        "read?lesson=model-tuning/02-learning-rate",
        lambda page: page.locator("pre.output").first.evaluate("e => e.scrollIntoView({block: 'center'})"),
    ),
    "lesson": ("read?lesson=model-tuning/02-learning-rate", lambda page: None),
}


def take(browser: Browser, address: str, folder: Path) -> None:
    """Every picture at every size in both themes."""
    for width, height in SIZES.items():
        for theme in ("light", "dark"):
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
            for name, (path, prepare) in PICTURES.items():
                page = context.new_page()
                page.goto(f"{address}/{path}")
                prepare(page)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / f"{name}-{width}-{theme}.png")
                page.close()
                context.clear_cookies()
            page = context.new_page()
            page.goto(f"{address}/ask")
            answer(page)
            page.goto(f"{address}/conversations")
            page.screenshot(path=folder / f"conversations-{width}-{theme}.png")
            context.close()


def main() -> None:
    """Start the real server, take all pictures, stop it."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as play:
        server = Server(Path(data), free_port())
        server.start()
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            take(browser, server.address, folder)
        finally:
            browser.close()
            server.stop()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main()
