"""The command line, and the one place that puts all rooms together.

Knows nothing of the commands' options and of how a question is answered. Imports happen inside the commands:
``--help`` answers at once.
"""

import argparse
import gc
import sys
from collections.abc import Sequence

from tutor import lesson_command, lti_command, measure_command, question_command, upkeep
from tutor.errors import TutorError
from tutor.grammar import COMMANDS, parser
from tutor.terminal import settings_of

__all__ = ["COMMANDS", "main", "parser"]

GARBAGE = 50_000
"""New objects after which Python looks for those among them that are not needed; its own default is 700."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 when it did what was asked, 1 when check found errors, 2 when something needs the person's attention.
    """
    given = parser().parse_args(arguments)
    # Imports and lessons make hundreds of thousands of objects that stay. Looking through them all again and again for
    # some that are not needed any more was a sixth of a start.
    gc.set_threshold(GARBAGE, 50)
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


def serve(given: argparse.Namespace) -> int:
    """Run the server until it is stopped."""
    from ui.server import serve as run

    run(settings_of(given), watch=given.watch, instructor_link=given.instructor_link)
    return 0


def lti(given: argparse.Namespace) -> int:
    """Connect learning platforms."""
    from ui.identity import signing_key
    from ui.lti.addresses import platform_origins

    settings = settings_of(given)
    return lti_command.run(given, settings, signing_key(settings), platform_origins)


COMMAND = {
    "ask": question_command.ask,
    "search": question_command.search,
    "index": lesson_command.index,
    "check": lesson_command.check,
    "new": lesson_command.new,
    "serve": serve,
    "backup": upkeep.backup,
    "purge": upkeep.purge,
    "eval": measure_command.evaluate,
    "eval-grading": measure_command.evaluate_grading,
    "rebuild": upkeep.rebuild,
    "lti": lti,
}
