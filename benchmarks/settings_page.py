"""Write docs/settings.md from the documented fields of tutor.settings.Settings.

python -m benchmarks.settings_page
"""

from pathlib import Path

from tutor.settings import Settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"


def page() -> str:
    """A table of every setting, its default and what it does."""
    lines = [
        "# Settings",
        "",
        "Environment variables, or lines of a file `.env` in the folder you start from. All are optional.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        variable = "OPENAI_API_KEY" if name == "openai_api_key" else f"TUTOR_{name.upper()}"
        default = (
            ""
            if field.default_factory is not None or not isinstance(field.default, int | float | str)
            else str(field.default)
        )
        meaning = " ".join((field.description or "").split()).replace("|", "\\|")
        lines.append(f"| `{variable}` | {f'`{default}`' if default else ''} | {meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
