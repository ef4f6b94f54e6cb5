"""The commands ``eval`` and ``eval-grading``: the tutor and its grading measured on labelled lines.

Knows nothing of what is measured, nor of how.
"""

import argparse
import asyncio
import json

from tutor.errors import TutorError
from tutor.terminal import print_json, settings_of, tutor_of


def evaluate(given: argparse.Namespace) -> int:
    """Measure the tutor on labelled questions."""
    from tutor import evaluation, exchange

    read = exchange.lines(None, given.file)
    lines = [line for line in read if not given.half or line.get("half") == given.half]
    if not lines:
        raise TutorError(f"{given.file} holds no questions{f' of the half {given.half}' if given.half else ''}.")
    tutor = tutor_of(given)

    async def collect() -> list[evaluation.Result]:
        return [result async for result in evaluation.run(tutor, [evaluation.case_from_dict(line) for line in lines])]

    results = asyncio.run(collect())
    grouped = evaluation.by_skill(results, tutor)
    if given.details:
        text = "\n".join(json.dumps(evaluation.as_json(result), ensure_ascii=False) for result in results)
        given.details.write_text(text + "\n", encoding="utf-8")
    if given.json:
        print_json(grouped)
    else:
        print(evaluation.table(grouped))
    return 0


def evaluate_grading(given: argparse.Namespace) -> int:
    """Measure grading on labelled answers."""
    from tutor import grading_evaluation as measuring

    measured = measuring.evaluated(settings_of(given), given.file, given.half)
    if given.json:
        print_json(measuring.as_json(measured))
    else:
        print(measuring.render(measured))
    return 0
