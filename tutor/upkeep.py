"""What an operator does to the store from the command line: ``backup``, ``purge`` and ``rebuild``.

Knows nothing of how the store works inside.
"""

import argparse
from datetime import UTC, datetime, timedelta

from tutor.terminal import print_json, settings_of


def backup(given: argparse.Namespace) -> int:
    """Copy what has to be kept into an archive."""
    from tutor import store

    settings = settings_of(given)
    names = store.backup(settings.database, settings.data, given.file)
    if given.json:
        print_json({"written": str(given.file), "files": names})
    else:
        print(f"Wrote {given.file} with {' and '.join(names)}.")
    return 0


def purge(given: argparse.Namespace) -> int:
    """Delete what has been kept long enough."""
    from dataclasses import asdict

    from tutor import store

    settings, now = settings_of(given), datetime.now(UTC)
    days = settings.retention_days if given.days is None else given.days
    opened = store.open_store(settings.database)
    if given.learner:
        done = store.forget(opened, given.learner)
    else:
        done = store.purge(opened, now, now - timedelta(days=days) if days > 0 else None)
    opened.close()
    if given.json:
        print_json(asdict(done))
        return 0
    print(f"Deleted {done.conversations} conversations, {done.events} events, {done.sessions} sessions.")
    if not given.learner and days <= 0:
        print("TUTOR_RETENTION_DAYS is 0, so only sessions that have expired were deleted.")
    return 0


def rebuild(given: argparse.Namespace) -> int:
    """Make every learner's progress anew from the events.

    Returns:
        0 when nothing differed from what was kept, 1 when something did and is mended now.
    """
    from tutor import store
    from tutor.history import KINDS, fold

    opened = store.open_store(settings_of(given).database)
    learners = differed = events = 0
    try:
        for tenant, principal, changed, count in store.rebuild(opened, tuple(KINDS), fold, now=datetime.now(UTC)):
            learners, differed, events = learners + 1, differed + changed, events + count
            if changed and not given.json:
                print(f"{tenant} {principal}: differed from what was kept, made anew from {count} events.")
    finally:
        opened.close()
    if given.json:
        print_json({"learners": learners, "differed": differed, "events": events})
    else:
        print(f"{learners} learners, {events} events; {differed} differed.")
    return 1 if differed else 0
