"""Documents say what is true: settings, commands, targets, files that the README names."""

import re
from pathlib import Path

from benchmarks.settings_page import PAGE, page
from tutor.cli import COMMANDS, parser
from tutor.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
OPERATE = ROOT / "docs" / "operate.md"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_settings_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m benchmarks.settings_page"


def test_operators_page_shows_the_tested_configuration_and_names_settings_that_exist():
    page_text = OPERATE.read_text(encoding="utf-8")
    assert (ROOT / "docs" / "nginx.conf").read_text(encoding="utf-8") in page_text
    known = {f"TUTOR_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bTUTOR_[A-Z_]+\b", page_text)) <= known
    assert {each for each in known if each not in PAGE.read_text(encoding="utf-8")} <= {"TUTOR_OPENAI_API_KEY"}
    assert set(re.findall(r"genai-tutor (\w+)", page_text)) - {"serve"} <= set(COMMANDS)
    for flag in set(re.findall(r"genai-tutor \w+[^`\n]* (--[a-z-]+)", page_text)):
        assert any(flag in action.option_strings for action in every_option()), flag
    missing = [one for one in re.findall(r"\]\(([^)#]+)\)", page_text) if not (OPERATE.parent / one).exists()]
    assert not missing


def every_option():
    commands = next(action for action in parser()._actions if action.dest == "command")
    return [action for each in commands.choices.values() for action in each._actions]


def test_privacy_notice_names_every_table_of_learners_by_what_it_holds():
    from tutor.store.retention import tables_of_learners

    # A new table that holds learners' data needs a line in the privacy notice: add the table here when it has one.
    told = {"event", "conversation", "web_session", "progress", "lti_visit", "lti_score"}
    assert {table.name for table in tables_of_learners()} <= told
    words = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert [name for name in told if f"`{name}`" not in words] == []


def test_every_cookie_is_in_the_privacy_notice():
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "ui").glob("*.py") if path.name != "metrics.py"
    )
    for name in set(re.findall(r'"(tutor_[a-z]+)"', sources)):
        assert f"`{name}`" in OPERATE.read_text(encoding="utf-8"), name


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
            "backup": ["file"],
            "lti": ["list"],
        }.get(command, [])
        assert parser().parse_args([command, "--json", *arguments]).json


def test_no_lock_file_names_a_registry_host():
    for lock in ROOT.glob("requirements*.lock"):
        assert not re.search(r"https?://|--index-url|--find-links", lock.read_text(encoding="utf-8")), lock.name
