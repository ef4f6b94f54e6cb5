"""Which item of a topic comes next.

Knows nothing of which topic it is or of the store; nothing is drawn by lot.
"""

import zlib
from datetime import datetime

from tutor.history import FRESH
from tutor.outline import ItemOutline, Topic
from tutor.progress import Progress, Standing

BANDS = ((0, 1), (2, 2), (3, 5))
"""Bloom levels by P(known): remember and understand, apply, analyse and above."""
FULL = 10
TOO_HARD = 0.6
"""Share right of the last FULL answers under which items become easier by one band."""


def choose_item(progress: Progress, topic: Topic, now: datetime, again: bool = False) -> ItemOutline | None:
    """The item of a topic that tells most now; None when an answer to each has counted in the last 24 hours.

    Unseen ones first, then the one shown longest ago; near the Bloom band of P(known), one band lower when the last
    answers were too hard; every third answer of a topic is a constructed response. Put off are the item that was closed
    last, so that a skipped one does not come back at once, and the one that completed the learning, because only
    another can master it.

    Args:
        progress: Where the learner stands.
        topic: The topic.
        now: The present moment; aware.
        again: Also those whose answer would not count.
    """
    standing = progress.standing(topic.id)
    fresh = [item for item in topic.items if again or not _counted_lately(progress, item, now)]
    if not fresh:
        return None
    low, high = band(progress, standing)
    want_constructed = standing.answers % 3 == 2
    put_off = {progress.closed.showing.item} if progress.closed else set()
    if standing.learned_by and not standing.mastered:
        put_off.add(standing.learned_by)

    def rank(item: ItemOutline) -> tuple[bool, bool, bool, int, float, int]:
        seen = progress.items.get(item.id)
        off = max(low - item.bloom, item.bloom - high, 0)
        order = zlib.crc32(f"{topic.id}{standing.answers}{item.id}".encode())
        shown = seen.shown.timestamp() if seen else 0
        return seen is not None, item.id in put_off, item.constructed != want_constructed, off, shown, order

    return min(fresh, key=rank)


def _counted_lately(progress: Progress, item: ItemOutline, now: datetime) -> bool:
    seen = progress.items.get(item.id)
    return seen is not None and seen.counted is not None and now - seen.counted < FRESH


def band(progress: Progress, standing: Standing) -> tuple[int, int]:
    """The Bloom levels, from and to, that fit P(known) and the last answers."""
    place = 0 if standing.known < 0.4 else 1 if standing.known <= 0.8 else 2
    recent = progress.recent
    if len(recent) >= FULL and sum(recent) < TOO_HARD * len(recent):
        place = max(0, place - 1)
    return BANDS[place]


def test_out_item(progress: Progress, topic: Topic) -> ItemOutline | None:
    """An item of an objective for a test-out, or None when none is left.

    It was never shown before, and the second is a constructed response when the first was none.
    """
    unseen = [item for item in topic.items if item.id not in progress.items]
    testing = progress.testing
    if testing is None or testing.objective != topic.id or not testing.right:
        if len(unseen) < 2 or not any(item.constructed for item in unseen):
            return None
    elif not testing.constructed:
        unseen = [item for item in unseen if item.constructed]
    return min(unseen, key=lambda item: (abs(item.bloom - 2), item.id), default=None)
