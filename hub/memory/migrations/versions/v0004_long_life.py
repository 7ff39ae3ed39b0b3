"""What a long life needs: by whom `decided_to` was told, when the log was how far, and what holds for the database as a whole.

Frozen: a change is a new file.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add them. Everything is additive: the statements of the versions before go on working."""
    op.add_column("lanes", sa.Column("told_by", sa.BigInteger, comment="the fence under which decided_to was last told, as one number"))
    op.create_table(
        "marks",
        sa.Column("partition", sa.Integer, nullable=False), sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="no record below the offset was appended later"),
        sa.PrimaryKeyConstraint("partition", "offset", name="marks_pkey"),
    )
    op.create_table(
        "condition",
        sa.Column("one", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("fits_from", sa.String(16, collation="C"), nullable=False, comment="the oldest version whose programs may work here"),
        sa.Column("behind_since", sa.DateTime(timezone=True), comment="older than Kafka: nobody decides until it has been rebuilt"),
        sa.PrimaryKeyConstraint("one", name="condition_pkey"),
        sa.CheckConstraint("one", name="condition_one"),
    )
    op.execute("insert into condition (fits_from) values ('0004')")
