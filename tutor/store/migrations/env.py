"""What Alembic runs to migrate: it uses the connection it was given and leaves commit to its owner.

Knows nothing of single revisions.
"""

from alembic import context

from tutor.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
