"""The command line's grammar: every command with its arguments and options.

Knows nothing of what the commands do; nothing heavy is imported, so that ``--help`` answers at once.
"""

import argparse
from pathlib import Path

from tutor import __version__, lti_command

COMMANDS = {
    "ask": "Answer a question from the lessons",
    "search": "Find the sections of the lessons that fit a question",
    "index": "Bring the search index to the state of the lessons",
    "check": "Check lessons and items, every fault at its line",
    "new": "Begin a skill, a lesson or a quiz with files that pass the check",
    "serve": "Open the tutor in the browser",
    "backup": "Copy the database and the signing key into an archive while the tutor runs",
    "purge": "Delete what is older than the setting says, or all that is kept of one person",
    "eval": "Measure search and answers on labelled questions",
    "eval-grading": "Measure the grading of written answers on labelled ones",
    "rebuild": "Make every learner's progress anew from what they did",
    "lti": "Connect learning platforms (LTI 1.3)",
}


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="genai-tutor", description="A tutor for generative-AI skills.")
    top.add_argument("--version", action="version", version=f"genai-tutor {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {name: commands.add_parser(name, help=text, description=text + ".") for name, text in COMMANDS.items()}
    for command in made.values():
        command.add_argument("--json", action="store_true", help="print JSON and nothing else on standard output")
    _question(made["ask"])
    _question(made["search"])
    made["search"].add_argument("-k", type=int, default=5, help="how many sections (default 5)")
    made["index"].add_argument(
        "--vectors", action="store_true", help="keep each skill's vectors beside its lessons, for a fast first index"
    )
    _check(made["check"])
    _new(made["new"])
    _serve(made["serve"])
    made["backup"].add_argument("file", type=Path, help="archive to make, such as tutor-backup.tar.gz")
    _purge(made["purge"])
    _evaluate(made["eval"])
    _evaluate_grading(made["eval-grading"])
    lti_command.add_arguments(made["lti"])
    return top


def _question(command: argparse.ArgumentParser) -> None:
    """What ``ask`` and ``search`` take alike."""
    command.add_argument("question", nargs="?", help="the question; - reads it from standard input")
    command.add_argument(
        "--input",
        type=Path,
        metavar="FILE",
        help="JSON lines with question, history, skill; - reads standard input",
    )
    command.add_argument("--skill", default="", help="stay within one skill")


def _check(command: argparse.ArgumentParser) -> None:
    command.add_argument("folders", nargs="*", type=Path, help="curriculum folders (default: TUTOR_CURRICULA)")
    command.add_argument("--profile", choices=("draft", "house"), default="draft", help="how strict (default draft)")
    command.add_argument("--strict", action="store_true", help="fail on warnings too")
    command.add_argument("--table", action="store_true", help="print what each skill holds as a page of tables")


def _new(command: argparse.ArgumentParser) -> None:
    command.add_argument("kind", choices=("skill", "lesson", "quiz"), help="what to begin")
    command.add_argument(
        "names", nargs="+", metavar="NAME", help="skill: its title; lesson: skill and title; quiz: skill and objective"
    )
    command.add_argument("--folder", type=Path, help="curriculum folder (default: the first own of TUTOR_CURRICULA)")


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    command.add_argument("--port", type=int, help="port to listen on (default 7860; 0 takes a free one)")
    command.add_argument("--root-path", help="path prefix behind a proxy")
    command.add_argument("--watch", action="store_true", help="serve a changed lesson as soon as it is saved")
    command.add_argument(
        "--instructor-link", action="store_true", help="print a link, good once, that makes who opens it an instructor"
    )


def _purge(command: argparse.ArgumentParser) -> None:
    command.add_argument("--days", type=int, help="instead of TUTOR_RETENTION_DAYS")
    command.add_argument("--learner", metavar="PRINCIPAL", help="delete all that is kept of this person, only that")


def _evaluate(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, help="JSON lines with question, expected, skill, objective, answer_facts")
    command.add_argument("--half", choices=("tune", "report"), help="only the lines of one half")
    command.add_argument("--details", type=Path, metavar="FILE", help="write each question's result as JSON lines")


def _evaluate_grading(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, help="JSON lines with item, answer, label, class, half")
    command.add_argument("--half", choices=("tune", "report"), default="", help="only the lines of one half")
