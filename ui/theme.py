"""Gradio's theme from the tokens of static/tutor.css, so that there is one list of colours.

Knows nothing of pages.
"""

from inspect import signature
from typing import Any

TOKENS = {
    "body_background_fill": "var(--bg)",
    "body_text_color": "var(--text)",
    "body_text_color_subdued": "var(--muted)",
    "background_fill_primary": "var(--surface)",
    "background_fill_secondary": "var(--sunken)",
    "border_color_primary": "var(--line)",
    "border_color_accent": "var(--accent)",
    "color_accent": "var(--accent)",
    "color_accent_soft": "var(--accent-soft)",
    "link_text_color": "var(--accent)",
    "link_text_color_hover": "var(--accent)",
    "link_text_color_active": "var(--accent)",
    "link_text_color_visited": "var(--accent)",
    "block_background_fill": "transparent",
    "block_border_color": "transparent",
    "block_label_text_color": "var(--muted)",
    "block_title_text_color": "var(--muted)",
    "panel_background_fill": "transparent",
    "input_background_fill": "transparent",
    "input_border_color": "var(--line)",
    "input_border_color_focus": "var(--accent)",
    "input_placeholder_color": "var(--muted)",
    "button_primary_background_fill": "var(--accent)",
    "button_primary_background_fill_hover": "var(--accent)",
    "button_primary_text_color": "var(--accent-ink)",
    "button_primary_border_color": "var(--accent)",
    "button_secondary_background_fill": "var(--surface)",
    "button_secondary_background_fill_hover": "var(--sunken)",
    "button_secondary_text_color": "var(--text)",
    "button_secondary_border_color": "var(--line)",
    "error_background_fill": "var(--warn-soft)",
    "error_border_color": "var(--warn)",
    "error_text_color": "var(--warn)",
}


def theme() -> Any:
    """The theme: our colours for light and dark alike (the tokens know both), system fonts, nothing fetched."""
    from gradio.themes import Base

    fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
    base = Base(font=fonts, font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"])
    taken = signature(base.set).parameters
    dark = {f"{name}_dark": value for name, value in TOKENS.items() if f"{name}_dark" in taken}
    return base.set(**TOKENS, **dark, block_shadow="none")
