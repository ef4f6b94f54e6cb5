"""What every command has of its terminal: settings from its options, a tutor, a bar of progress, JSON on a line.

Knows nothing of what the commands ask for.
"""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.session import Tutor
    from tutor.settings import Settings


def settings_of(given: argparse.Namespace) -> "Settings":
    """The settings, with what the command line says in place of them; the log is set up as they say.

    Raises:
        SettingsError: A setting has a value that is not allowed.
    """
    from tutor.logs import configure
    from tutor.settings import load_settings

    named = {name: getattr(given, name, None) for name in ("host", "port", "root_path")}
    settings = load_settings(**{name: value for name, value in named.items() if value is not None})
    configure(settings.log_level, settings.log_format)
    return settings


def tutor_of(given: argparse.Namespace) -> "Tutor":
    """A tutor that keeps nothing, its index brought to the state of the lessons.

    Raises:
        TutorError: Settings, lessons or index cannot be used.
    """
    from tutor.assembly import make_tutor

    with ProgressBar() as progress:
        tutor, report = make_tutor(settings_of(given), remember=False, progress=progress)
    if report.rebuilt:
        print(f"The index was made anew: {report.rebuilt}.", file=sys.stderr)
    return tutor


class ProgressBar:
    """A bar on standard error that appears with the first step of the work."""

    def __enter__(self) -> Any:
        self._bar: Any = None

        def step(done: int, total: int) -> None:
            from tqdm import tqdm

            if self._bar is None:
                self._bar = tqdm(total=total, desc="Indexing the lessons", unit=" chunks", file=sys.stderr)
            self._bar.update(done - self._bar.n)

        return step

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()


def print_json(value: Any) -> None:
    """One value as one line on standard output, there at once for whoever reads along."""
    print(json.dumps(value, ensure_ascii=False), flush=True)
