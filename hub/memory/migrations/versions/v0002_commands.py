"""What commands need: deadlines and what came of them, citizens, and whose an XML was that we sent. Frozen: a change is a new file."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _id(name: str, bytes_at_most: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(bytes_at_most, collation="C"), nullable=False)


def _written_by() -> list[sa.Column[object]]:
    return [sa.Column("partition", sa.Integer, nullable=False), sa.Column("offset", sa.BigInteger, nullable=False)]


def upgrade() -> None:
    """Create them. What was sent so far was handed on."""
    op.add_column("sent", sa.Column("of_portal", sa.Boolean, nullable=False, server_default=sa.false()))
    op.alter_column("sent", "of_portal", server_default=None)
    op.create_table(
        "deadlines", _id("command_id", 64), _id("what", 16), _id("case_key", 128), *_written_by(),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("command_id", "what", name="deadlines_pkey"),
    )
    op.create_index("deadlines_by_time", "deadlines", ["partition", "due_at"])
    op.create_table(
        "deadlines_met", _id("command_id", 64), _id("what", 16), *_written_by(),
        sa.PrimaryKeyConstraint("command_id", "what", name="deadlines_met_pkey"),
    )
    op.create_table(
        "citizens", _id("person", 128), *_written_by(), sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("person", "offset", name="citizens_pkey"),
    )
    for table in ("deadlines", "deadlines_met", "citizens"):
        op.create_index(f"{table}_suffix", table, ["partition", "offset"])
