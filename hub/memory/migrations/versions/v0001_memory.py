"""The first tables: lanes, claims, versions of cases, letters and their resolutions, what was sent. Frozen: a change is a new file."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _id(name: str, bytes_at_most: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(bytes_at_most, collation="C"), nullable=nullable)


def _source() -> list[sa.Column[object]]:
    return [
        sa.Column("source_topic", sa.String(249, collation="C"), nullable=False),
        sa.Column("source_partition", sa.Integer, nullable=False),
        sa.Column("source_offset", sa.BigInteger, nullable=False),
    ]


def _written_by() -> list[sa.Column[object]]:
    return [sa.Column("partition", sa.Integer, nullable=False), sa.Column("offset", sa.BigInteger, nullable=False)]


def upgrade() -> None:
    """Create them."""
    _lanes()
    _claims()
    _case_versions()
    _letters()
    _resolutions()
    _sent()
    for table in ("claims", "case_versions", "letters", "resolutions", "sent"):
        op.create_index(f"{table}_suffix", table, ["partition", "offset"])


def _lanes() -> None:
    op.create_table(
        "lanes",
        sa.Column("partition", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("producer_id", sa.BigInteger, nullable=False),
        sa.Column("producer_epoch", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False, comment="Kafka's committed offset when the lane was opened"),
        sa.Column("pruned_to", sa.BigInteger, nullable=False, comment="versions superseded below this offset are gone"),
        sa.PrimaryKeyConstraint("partition", name="lanes_pkey"),
    )


def _claims() -> None:
    op.create_table(
        "claims", _id("scope", 128), _id("id", 512), *_source(), sa.Column("digest", sa.LargeBinary, nullable=False), *_written_by(),
        sa.PrimaryKeyConstraint("scope", "id", name="claims_pkey"),
    )


def _case_versions() -> None:
    op.create_table(
        "case_versions", _id("case_key", 128), *_written_by(), sa.Column("state", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case_key", "offset", name="case_versions_pkey"),
    )


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("letter_id", sa.Uuid, nullable=False),
        _id("fault", 16), _id("rule", 64), sa.Column("path", sa.Text), sa.Column("line", sa.Integer),
        _id("vendor", 128), _id("process", 128, nullable=True), _id("msg_id", 512, nullable=True), _id("case_key", 128, nullable=True),
        *_source(), *_written_by(),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary), sa.Column("reading", sa.LargeBinary),
        sa.PrimaryKeyConstraint("letter_id", name="letters_pkey"),
        sa.CheckConstraint("fault in ('sender', 'hub', 'door')", name="letters_fault"),
    )
    op.create_index("letters_by_time", "letters", ["written_at"])


def _resolutions() -> None:
    op.create_table(
        "resolutions", sa.Column("letter_id", sa.Uuid, nullable=False), _id("what", 16), *_written_by(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False), sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("letter_id", name="resolutions_pkey"),
        sa.CheckConstraint("what in ('replayed', 'discarded')", name="resolutions_what"),
    )


def _sent() -> None:
    op.create_table(
        "sent", _id("msg_id", 512), _id("case_key", 128), _id("receiver", 128), _id("vendor", 128), *_written_by(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("msg_id", "partition", "offset", name="sent_pkey"),
    )
