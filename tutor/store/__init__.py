"""What the tutor remembers: events, conversations, web sessions, in a SQLite file or in PostgreSQL.

Knows nothing of lessons, models or pages. The only importer of sqlalchemy and alembic.

Example:
    >>> store = open_store("sqlite:////tmp/tutor.sqlite3")  # doctest: +SKIP
    >>> append(store, Event("anon:1", "asked", datetime.now(UTC), {"question": "..."}))  # doctest: +SKIP
    True
"""

from tutor.store.conversations import (
    Conversation,
    conversation,
    conversations,
    create_conversation,
    delete_conversation,
    rename_conversation,
    scope_conversation,
)
from tutor.store.engine import Store, open_store
from tutor.store.events import Event, append, events, new_id
from tutor.store.messages import Message, Role, add_message, message, messages, replace_message
from tutor.store.progress import State, advance, progress, rebuild
from tutor.store.web_sessions import end_web_session, find_web_session, purge_expired, start_web_session, use_once

__all__ = [
    "Conversation",
    "Event",
    "Message",
    "Role",
    "State",
    "Store",
    "add_message",
    "advance",
    "append",
    "conversation",
    "conversations",
    "create_conversation",
    "delete_conversation",
    "end_web_session",
    "events",
    "find_web_session",
    "message",
    "messages",
    "new_id",
    "open_store",
    "progress",
    "purge_expired",
    "rebuild",
    "rename_conversation",
    "replace_message",
    "scope_conversation",
    "start_web_session",
    "use_once",
]
