from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from tutor.errors import StoreError
from tutor.learner import Learner
from tutor.store import Event, Store, add_message, append, create_conversation, events, messages, open_store
from tutor.store.migrations import configuration
from tutor.store.tables import SCHEMA, metadata


def test_migrated_database_differs_in_nothing_from_the_tables(store: Store) -> None:
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_named_revision_is_the_head_of_the_only_branch(store: Store) -> None:
    with store.reading() as connection:
        assert ScriptDirectory.from_config(configuration(connection)).get_heads() == [SCHEMA]
        assert MigrationContext.configure(connection).get_current_revision() == SCHEMA


def test_schema_can_go_down_to_nothing_and_up_again(store: Store) -> None:
    with store.writing() as connection:
        command.downgrade(configuration(connection), "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    with store.writing() as connection:
        command.upgrade(configuration(connection), "head")
    with store.reading() as connection:
        assert set(metadata.tables) < set(inspect(connection).get_table_names())


def test_migration_that_fails_changes_nothing_and_is_said_plainly(address: str) -> None:
    opened = open_store(address)
    with opened.writing() as connection:
        command.downgrade(configuration(connection), "base")
        connection.execute(text("CREATE TABLE web_session (x INTEGER)"))
    opened.close()
    with pytest.raises(StoreError, match="web_session"):
        open_store(address)
    with opened.reading() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version", "web_session"}
    opened.close()


def test_newer_schema_is_refused_with_what_to_do_and_left_alone(address: str) -> None:

    store = open_store(address)
    append(store, Event("anon:anna", "asked", datetime(2026, 11, 24, tzinfo=UTC)))
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"schema 9999.*newer version wrote it\. Install that version"):
        open_store(address)
    assert len(events(store, "anon:anna")) == 1
    store.close()


def test_every_upgrade_from_the_first_on_keeps_what_is_stored(address: str) -> None:
    opened = open_store(address)
    append(opened, Event("anon:anna", "asked", datetime(2026, 11, 24, tzinfo=UTC), {"text": "Grüße 🙂"}))
    talk = create_conversation(opened, Learner("anon:anna"), "title", now=datetime(2026, 11, 24, tzinfo=UTC))
    add_message(opened, Learner("anon:anna"), talk.id, "learner", "words", now=datetime(2026, 11, 24, tzinfo=UTC))
    with opened.reading() as connection:
        script = ScriptDirectory.from_config(configuration(connection))
        revisions = [each.revision for each in script.walk_revisions()][::-1]
    assert revisions[0] == "0001"
    with opened.writing() as connection:
        command.downgrade(configuration(connection), "0001")
    for revision in revisions[1:]:
        with opened.writing() as connection:
            command.upgrade(configuration(connection), revision)
        assert [event.payload for event in events(opened, "anon:anna")] == [{"text": "Grüße 🙂"}]
        assert [line.text for line in messages(opened, Learner("anon:anna"), talk.id)] == ["words"]
    opened.close()
    again = open_store(address)
    assert len(events(again, "anon:anna")) == 1
    again.close()
