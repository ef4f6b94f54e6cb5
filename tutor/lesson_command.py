"""The commands of an author: ``index``, ``check`` and ``new``.

Knows nothing of learners, and nothing of how lessons are read, checked or found.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.errors import TutorError
from tutor.terminal import ProgressBar, print_json, settings_of

if TYPE_CHECKING:
    from tutor.settings import Settings


def index(given: argparse.Namespace) -> int:
    """Update the index."""
    from dataclasses import asdict

    from tutor.assembly import open_index, read_lessons, update_index, write_vectors

    settings = settings_of(given)
    curriculum = read_lessons(settings)
    opened = open_index(settings)
    with ProgressBar() as progress:
        report = update_index(opened, curriculum, progress)
    written = write_vectors(opened, curriculum) if given.vectors else []
    if given.json:
        print_json({**asdict(report), "written": [str(path) for path in written]})
        return 0
    for path in written:
        print(f"Wrote {path}.")
    if report.rebuilt:
        print(f"The index was made anew: {report.rebuilt}.")
    print(
        f"{report.added} sections added, {report.updated} updated, {report.removed} removed, "
        f"{report.unchanged} unchanged in {report.seconds:.1f} s."
    )
    return 0


def check(given: argparse.Namespace) -> int:
    """Check the curriculum."""
    from tutor import check as checking

    settings = settings_of(given)
    folders = given.folders or settings.curricula
    report = checking.check(folders, given.profile)
    if given.table:
        from tutor.figures import page

        print(page(report.curriculum), end="")
        return 0
    if given.json:
        print_json(checking.as_json(report))
    else:
        print(checking.render(report))
    return 1 if report.errors or (given.strict and report.warnings) else 0


def new(given: argparse.Namespace) -> int:
    """Begin a skill, a lesson or a quiz."""
    from datetime import date

    from tutor import scaffold

    wanted = {"skill": 1, "lesson": 2, "quiz": 2}[given.kind]
    if len(given.names) != wanted:
        example = {"skill": '"Safe prompting"', "lesson": 'safe-prompting "What may I paste?"', "quiz": "nlp nlp-tok"}
        raise TutorError(f"Give it as: genai-tutor new {given.kind} {example[given.kind]}")
    folder = given.folder or _own_folder(settings_of(given))
    if given.kind == "skill":
        made = scaffold.new_skill(folder, given.names[0], date.today())
    elif given.kind == "lesson":
        made = scaffold.new_lesson(folder, given.names[0], given.names[1], date.today())
    else:
        made = scaffold.new_quiz(folder, given.names[0], given.names[1])
    scaffold.write(made)
    if given.json:
        print_json({"written": [str(path) for path in made.files], "next": list(made.following)})
        return 0
    for path in made.files:
        print(f"Written: {path}")
    for number, step in enumerate(made.following, 1):
        print(f"{number}. {step}")
    return 0


def _own_folder(settings: "Settings") -> Path:
    """The first folder that is the author's: the shipped lessons are replaced with each update.

    Raises:
        TutorError: TUTOR_CURRICULA names none.
    """
    from tutor.settings import shipped_curricula

    own = [folder for folder in settings.curricula if folder.resolve() != shipped_curricula()]
    if not own:
        raise TutorError("Say where your lessons are to be: --folder my-lessons, or set TUTOR_CURRICULA.")
    return own[0]
