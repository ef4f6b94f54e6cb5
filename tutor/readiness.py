"""Whether a tutor can answer now: the database, the index and the lessons, one plain reason for each that cannot.

Knows nothing of HTTP. Reasons are for anybody's eyes: no path, address or name is in them.
"""

import logging
from typing import TYPE_CHECKING

from tutor.errors import TutorError
from tutor.store import check_store

if TYPE_CHECKING:
    from tutor.session import Tutor

log = logging.getLogger(__name__)


def faults(tutor: "Tutor") -> dict[str, str]:
    """What is not as it should be, by part; empty when the tutor is ready."""
    from vectorstore.errors import VectorstoreError
    from vectorstore.index import Index

    found = {}
    try:
        if tutor.store is not None:
            check_store(tutor.store)
    except TutorError as error:
        log.warning("not ready: %s", error)
        found["database"] = "The database does not answer."
    try:
        index = getattr(tutor.retriever, "index", None)
        if isinstance(index, Index):
            index.open()
    except VectorstoreError as error:
        log.warning("not ready: %s", error)
        found["index"] = "The index cannot be opened."
    if not tutor.curriculum.skills:
        found["lessons"] = "No lessons are loaded."
    return found
