"""Alembic's entry: runs the migrations on the connection that `hub.memory.migrate` gives. Never connects by itself."""

from alembic import context

from hub.memory.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
