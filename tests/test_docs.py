"""Documents say what is true: settings, commands, targets, files that the README names."""

import re
from pathlib import Path

from benchmarks.settings_page import PAGE, page
from tutor.cli import COMMANDS, parser

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_settings_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m benchmarks.settings_page"


def test_readme_links_lead_to_files():
    targets = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", README)
    missing = [one or two for one, two in targets if not (ROOT / (one or two)).exists()]
    assert not missing


def test_readme_commands_exist():
    named = set(re.findall(r"genai-tutor (\w+)", README))
    assert named
    assert named <= set(COMMANDS)


def test_readme_make_targets_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", README)) - {"it"} <= targets


def test_every_command_has_json():
    for command in COMMANDS:
        arguments = {
            "ask": ["q"],
            "search": ["q"],
            "eval": ["file"],
            "eval-grading": ["file"],
            "new": ["skill", "x"],
            "lti": ["list"],
        }.get(command, [])
        assert parser().parse_args([command, "--json", *arguments]).json


def test_no_lock_file_names_a_registry_host():
    for lock in ROOT.glob("requirements*.lock"):
        assert not re.search(r"https?://|--index-url|--find-links", lock.read_text(encoding="utf-8")), lock.name
