"""What an operator does to the store from the command line.

Knows nothing of how the store works inside.
"""

import argparse
import json
from datetime import UTC, datetime

from tutor.settings import Settings


def rebuild(settings: Settings, given: argparse.Namespace) -> int:
    """Make every learner's progress anew from the events.

    Returns:
        0 when nothing differed from what was kept, 1 when something did and is mended now.
    """
    from tutor import store
    from tutor.history import KINDS, fold

    opened = store.open_store(settings.database)
    learners = differed = events = 0
    try:
        for tenant, principal, changed, count in store.rebuild(opened, tuple(KINDS), fold, now=datetime.now(UTC)):
            learners, differed, events = learners + 1, differed + changed, events + count
            if changed and not given.json:
                print(f"{tenant} {principal}: differed from what was kept, made anew from {count} events.")
    finally:
        opened.close()
    if given.json:
        print(json.dumps({"learners": learners, "differed": differed, "events": events}))
    else:
        print(f"{learners} learners, {events} events; {differed} differed.")
    return 1 if differed else 0
