"""What the tutor remembers: events, conversations, web sessions, in a SQLite file or in PostgreSQL.

Knows nothing of lessons, models or pages. The only importer of sqlalchemy and alembic.

Example:
    >>> store = open_store("sqlite:////tmp/tutor.sqlite3")  # doctest: +SKIP
    >>> append(store, Event("anon:1", "asked", datetime.now(UTC), {"question": "..."}))  # doctest: +SKIP
    True
"""

from tutor.store.adoption import adopt, may_adopt
from tutor.store.answers import add_answer, begin_conversation
from tutor.store.backup import backup
from tutor.store.conversations import (
    Conversation,
    conversation,
    conversations,
    create_conversation,
    delete_conversation,
    rename_conversation,
    scope_conversation,
)
from tutor.store.engine import Store, check_store, open_store
from tutor.store.events import Event, append, events, new_id
from tutor.store.messages import Message, Role, add_message, message, messages, replace_message
from tutor.store.personal import (
    Counts,
    Kept,
    WebSession,
    counted,
    delete_everything,
    delete_named,
    events_in_order,
    everything,
)
from tutor.store.progress import State, advance, progress, rebuild
from tutor.store.retention import Purged, forget, purge
from tutor.store.web_sessions import end_web_session, find_web_session, purge_expired, start_web_session, use_once

__all__ = [
    "Conversation",
    "Counts",
    "Event",
    "Kept",
    "Message",
    "Purged",
    "Role",
    "State",
    "Store",
    "WebSession",
    "add_answer",
    "add_message",
    "adopt",
    "advance",
    "append",
    "backup",
    "begin_conversation",
    "check_store",
    "conversation",
    "conversations",
    "counted",
    "create_conversation",
    "delete_conversation",
    "delete_everything",
    "delete_named",
    "end_web_session",
    "events",
    "events_in_order",
    "everything",
    "find_web_session",
    "forget",
    "may_adopt",
    "message",
    "messages",
    "new_id",
    "open_store",
    "progress",
    "purge",
    "purge_expired",
    "rebuild",
    "rename_conversation",
    "replace_message",
    "scope_conversation",
    "start_web_session",
    "use_once",
]
