"""The command line, and the one place that puts all rooms together.

Knows nothing of how a question is answered. Imports happen inside the commands: ``--help`` answers at once.
"""

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor import __version__, lti_command

if TYPE_CHECKING:
    from tutor.answer import Answer
    from tutor.session import Tutor
    from tutor.settings import Settings

GARBAGE = 50_000
"""New objects after which Python looks for those among them that are not needed; its own default is 700."""
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
    for name in ("ask", "search"):
        made[name].add_argument("question", nargs="?", help="the question; - reads it from standard input")
        made[name].add_argument(
            "--input",
            type=Path,
            metavar="FILE",
            help="JSON lines with question, history, skill; - reads standard input",
        )
        made[name].add_argument("--skill", default="", help="stay within one skill")
    made["search"].add_argument("-k", type=int, default=5, help="how many sections (default 5)")
    made["check"].add_argument("folders", nargs="*", type=Path, help="curriculum folders (default: TUTOR_CURRICULA)")
    made["check"].add_argument(
        "--profile", choices=("draft", "house"), default="draft", help="how strict (default draft)"
    )
    made["check"].add_argument("--strict", action="store_true", help="fail on warnings too")
    made["check"].add_argument("--table", action="store_true", help="print what each skill holds as a page of tables")
    made["new"].add_argument("kind", choices=("skill", "lesson", "quiz"), help="what to begin")
    made["new"].add_argument(
        "names", nargs="+", metavar="NAME", help="skill: its title; lesson: skill and title; quiz: skill and objective"
    )
    made["new"].add_argument(
        "--folder", type=Path, help="curriculum folder (default: the first own of TUTOR_CURRICULA)"
    )
    made["serve"].add_argument("--host", help="address to listen on (default 127.0.0.1)")
    made["serve"].add_argument("--port", type=int, help="port to listen on (default 7860; 0 takes a free one)")
    made["serve"].add_argument("--root-path", help="path prefix behind a proxy")
    made["serve"].add_argument("--watch", action="store_true", help="serve a changed lesson as soon as it is saved")
    made["serve"].add_argument(
        "--instructor-link", action="store_true", help="print a link, good once, that makes who opens it an instructor"
    )
    made["backup"].add_argument("file", type=Path, help="archive to make, such as tutor-backup.tar.gz")
    made["purge"].add_argument("--days", type=int, help="instead of TUTOR_RETENTION_DAYS")
    made["purge"].add_argument(
        "--learner", metavar="PRINCIPAL", help="delete all that is kept of this person, only that"
    )
    made["index"].add_argument(
        "--vectors", action="store_true", help="keep each skill's vectors beside its lessons, for a fast first index"
    )
    made["eval"].add_argument(
        "file", type=Path, help="JSON lines with question, expected, skill, objective, answer_facts"
    )
    made["eval"].add_argument("--half", choices=("tune", "report"), help="only the lines of one half")
    made["eval"].add_argument("--details", type=Path, metavar="FILE", help="write each question's result as JSON lines")
    made["eval-grading"].add_argument("file", type=Path, help="JSON lines with item, answer, label, class, half")
    made["eval-grading"].add_argument(
        "--half", choices=("tune", "report"), default="", help="only the lines of one half"
    )
    lti_command.add_arguments(made["lti"])
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 when it did what was asked, 1 when check found errors, 2 when something needs the person's attention.
    """
    given = parser().parse_args(arguments)
    # Imports and lessons make hundreds of thousands of objects that stay. Looking through them all again and again for
    # some that are not needed any more was a sixth of a start.
    gc.set_threshold(GARBAGE, 50)
    from tutor.errors import TutorError

    try:
        return COMMAND[given.command](given)
    except TutorError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        return _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.")
    except Exception:
        import logging

        logging.getLogger(__name__).exception("unexpected failure in %s", given.command)
        return _fail("Something unexpected happened; the lines above say where. Nothing was lost.")


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def _settings(given: argparse.Namespace) -> "Settings":
    from tutor.logs import configure
    from tutor.settings import load_settings

    named = {name: getattr(given, name, None) for name in ("host", "port", "root_path")}
    settings = load_settings(**{name: value for name, value in named.items() if value is not None})
    configure(settings.log_level, settings.log_format)
    return settings


def _tutor(given: argparse.Namespace) -> "Tutor":
    from tutor.assembly import make_tutor

    with _progress_bar() as progress:
        tutor, report = make_tutor(_settings(given), remember=False, progress=progress)
    if report.rebuilt:
        print(f"The index was made anew: {report.rebuilt}.", file=sys.stderr)
    return tutor


class _progress_bar:
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


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def ask(given: argparse.Namespace) -> int:
    """Answer one question or a file of them."""
    from tutor import exchange

    lines = list(exchange.lines(given.question, given.input))
    tutor = _tutor(given)
    return asyncio.run(_ask_all(tutor, lines, given))


async def _ask_all(tutor: "Tutor", lines: Sequence[Mapping[str, Any]], given: argparse.Namespace) -> int:
    from tutor import exchange
    from tutor.answer import Done, Status, Token
    from tutor.errors import TutorError

    failed = 0
    for line in lines:
        try:
            question = tutor.cleaned(str(line["question"]))
            skill = str(line.get("skill") or given.skill)
            if skill:
                tutor.curriculum.skill(skill)
            async for event in tutor.answer(question, exchange.history(line), skill):
                if isinstance(event, Done):
                    _print_answer(event.answer, given.json)
                elif isinstance(event, Token) and not given.json:
                    print(event.text, end="", flush=True)
                elif isinstance(event, Status) and event.code == "fallback" and not given.json:
                    print("\n(The model failed; the built-in tutor answers.)\n")
        except TutorError as error:
            failed += 1
            if given.json:
                _print_json(exchange.answer_json(None, str(line["question"]), str(error)))
            else:
                print(str(error), file=sys.stderr)
    return 2 if failed and failed == len(lines) else 0


def _print_answer(answer: "Answer", as_json: bool) -> None:
    if as_json:
        from tutor import exchange

        _print_json(exchange.answer_json(answer, answer.question))
        return
    print("\n")
    for n, skill, lesson, anchor in dict.fromkeys((c.n, c.skill, c.lesson, c.anchor) for c in answer.citations):
        print(f"[{n}] {skill}/{lesson}#{anchor}")
    for sentence in answer.unsupported:
        print(f"Not verified in the lessons: {sentence}")


def search(given: argparse.Namespace) -> int:
    """Find sections for one question or a file of them."""
    from tutor import exchange

    lines = list(exchange.lines(given.question, given.input))
    tutor = _tutor(given)
    return asyncio.run(_search_all(tutor, lines, given))


async def _search_all(tutor: "Tutor", lines: Sequence[Mapping[str, Any]], given: argparse.Namespace) -> int:
    import time

    from tutor import condense, exchange, gate
    from tutor.outside import Nearness

    for line in lines:
        started = time.perf_counter()
        skill = str(line.get("skill") or given.skill)
        if skill:
            tutor.curriculum.skill(skill)
        query = condense.standalone(str(line["question"]), exchange.history(line))
        found = await tutor.search(query, max(given.k, 3), skill)
        near = await tutor.outside.nearness(str(line["question"])) if tutor.outside is not None else Nearness()
        covered = gate.covered(found, near)
        passages = [
            {
                "skill": p.skill,
                "lesson": p.lesson,
                "section": p.section,
                "anchor": p.anchor,
                "objectives": list(p.objectives),
                "score": round(p.score, 4),
                "text": p.text,
            }
            for p in found[: given.k]
        ]
        if given.json:
            taken = round(1000 * (time.perf_counter() - started), 1)
            _print_json({"query": line["question"], "covered": covered, "passages": passages, "ms": taken})
            continue
        if not covered:
            print("The lessons do not seem to cover this; the nearest sections:")
        for passage in passages:
            where = f"{passage['skill']}/{passage['lesson']}#{passage['anchor']}"
            print(f"{passage['score']:.3f}  {passage['section']}  ({where})")
    return 0


def index(given: argparse.Namespace) -> int:
    """Update the index."""
    from dataclasses import asdict

    from tutor.assembly import open_index, read_lessons, update_index, write_vectors

    settings = _settings(given)
    curriculum = read_lessons(settings)
    opened = open_index(settings)
    with _progress_bar() as progress:
        report = update_index(opened, curriculum, progress)
    written = write_vectors(opened, curriculum) if given.vectors else []
    if given.json:
        _print_json({**asdict(report), "written": [str(path) for path in written]})
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

    settings = _settings(given)
    folders = given.folders or settings.curricula
    report = checking.check(folders, given.profile)
    if given.table:
        from tutor.figures import page

        print(page(report.curriculum), end="")
        return 0
    if given.json:
        _print_json(checking.as_json(report))
    else:
        print(checking.render(report))
    return 1 if report.errors or (given.strict and report.warnings) else 0


def new(given: argparse.Namespace) -> int:
    """Begin a skill, a lesson or a quiz."""
    from datetime import date

    from tutor import scaffold
    from tutor.errors import TutorError

    wanted = {"skill": 1, "lesson": 2, "quiz": 2}[given.kind]
    if len(given.names) != wanted:
        example = {"skill": '"Safe prompting"', "lesson": 'safe-prompting "What may I paste?"', "quiz": "nlp nlp-tok"}
        raise TutorError(f"Give it as: genai-tutor new {given.kind} {example[given.kind]}")
    folder = given.folder or _own_folder(_settings(given))
    if given.kind == "skill":
        made = scaffold.new_skill(folder, given.names[0], date.today())
    elif given.kind == "lesson":
        made = scaffold.new_lesson(folder, given.names[0], given.names[1], date.today())
    else:
        made = scaffold.new_quiz(folder, given.names[0], given.names[1])
    scaffold.write(made)
    if given.json:
        _print_json({"written": [str(path) for path in made.files], "next": list(made.following)})
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
    from tutor.errors import TutorError
    from tutor.settings import shipped_curricula

    own = [folder for folder in settings.curricula if folder.resolve() != shipped_curricula()]
    if not own:
        raise TutorError("Say where your lessons are to be: --folder my-lessons, or set TUTOR_CURRICULA.")
    return own[0]


def serve(given: argparse.Namespace) -> int:
    """Run the server until it is stopped."""
    from ui.server import serve as run

    run(_settings(given), watch=given.watch, instructor_link=given.instructor_link)
    return 0


def backup(given: argparse.Namespace) -> int:
    """Copy what has to be kept into an archive."""
    from tutor import store

    settings = _settings(given)
    names = store.backup(settings.database, settings.data, given.file)
    if given.json:
        _print_json({"written": str(given.file), "files": names})
    else:
        print(f"Wrote {given.file} with {' and '.join(names)}.")
    return 0


def purge(given: argparse.Namespace) -> int:
    """Delete what has been kept long enough."""
    from dataclasses import asdict
    from datetime import UTC, datetime, timedelta

    from tutor import store

    settings, now = _settings(given), datetime.now(UTC)
    days = settings.retention_days if given.days is None else given.days
    opened = store.open_store(settings.database)
    if given.learner:
        done = store.forget(opened, given.learner)
    else:
        done = store.purge(opened, now, now - timedelta(days=days) if days > 0 else None)
    opened.close()
    if given.json:
        _print_json(asdict(done))
        return 0
    print(f"Deleted {done.conversations} conversations, {done.events} events, {done.sessions} sessions.")
    if not given.learner and days <= 0:
        print("TUTOR_RETENTION_DAYS is 0, so only sessions that have expired were deleted.")
    return 0


def evaluate(given: argparse.Namespace) -> int:
    """Measure the tutor on labelled questions."""
    from tutor import evaluation, exchange
    from tutor.errors import TutorError

    read = exchange.lines(None, given.file)
    lines = [line for line in read if not given.half or line.get("half") == given.half]
    if not lines:
        raise TutorError(f"{given.file} holds no questions{f' of the half {given.half}' if given.half else ''}.")
    tutor = _tutor(given)

    async def collect() -> list[evaluation.Result]:
        return [result async for result in evaluation.run(tutor, [evaluation.case_from_dict(line) for line in lines])]

    results = asyncio.run(collect())
    grouped = evaluation.by_skill(results, tutor)
    if given.details:
        text = "\n".join(json.dumps(evaluation.as_json(result), ensure_ascii=False) for result in results)
        given.details.write_text(text + "\n", encoding="utf-8")
    if given.json:
        _print_json(grouped)
    else:
        print(evaluation.table(grouped))
    return 0


def lti(given: argparse.Namespace) -> int:
    """Connect learning platforms."""
    from ui.identity import signing_key
    from ui.lti.addresses import platform_origins

    settings = _settings(given)
    return lti_command.run(given, settings, signing_key(settings), platform_origins)


def evaluate_grading(given: argparse.Namespace) -> int:
    """Measure grading on labelled answers."""
    from tutor import grading_evaluation as measuring

    measured = measuring.evaluated(_settings(given), given.file, given.half)
    if given.json:
        _print_json(measuring.as_json(measured))
    else:
        print(measuring.render(measured))
    return 0


def rebuild(given: argparse.Namespace) -> int:
    """Make every learner's progress anew."""
    from tutor import upkeep

    return upkeep.rebuild(_settings(given), given)


COMMAND = {
    "ask": ask,
    "search": search,
    "index": index,
    "check": check,
    "new": new,
    "serve": serve,
    "backup": backup,
    "purge": purge,
    "eval": evaluate,
    "eval-grading": evaluate_grading,
    "rebuild": rebuild,
    "lti": lti,
}
