"""The tables, as SQLAlchemy Core. They say what is stored; the statements of the hot path are in `statements.py`.

Every row of the hot path is appended and carries the (partition, offset) of the log's record that wrote it. So the database can be
ahead of Kafka by the batches in flight only, and opening a lane takes the suffix away. Nothing is ever updated in place but
`lanes` and `condition`, and the bytes of a letter whose resolution is final.

A case lives in one partition, so the highest offset is its latest version. Offsets of two partitions do not compare: when partitions are
added to the log, or names change, each case keeps one version at an offset below every real one (`moving.py`). There is one row of
`lanes` for every partition that the cases are arranged for, and one of partition -1 while they move. Claims, letters and what was sent
are found by their ids, over all partitions.

Ids compare by bytes (collation "C"), as Python sorts them. Their lengths are bounded here once more, in case reading forgot.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Uuid,
    text,
    true,
)

SCHEMA_VERSION = "0004"
"""The migration these tables correspond to."""

metadata = MetaData()


def _id(name: str, bytes_at_most: int, *, nullable: bool = False, comment: str | None = None) -> Column[str]:
    return Column(name, String(bytes_at_most, collation="C"), nullable=nullable, comment=comment)


def _source() -> tuple[Column[str], Column[int], Column[int]]:
    return (
        _id("source_topic", 249),
        Column("source_partition", Integer, nullable=False),
        Column("source_offset", BigInteger, nullable=False),
    )


def _written_by() -> tuple[Column[int], Column[int]]:
    return Column("partition", Integer, nullable=False), Column("offset", BigInteger, nullable=False)


lanes = Table(
    "lanes", metadata,
    Column("partition", Integer, nullable=False, autoincrement=False),
    Column("producer_id", BigInteger, nullable=False),
    Column("producer_epoch", Integer, nullable=False),
    Column("opened_at", BigInteger, nullable=False, comment="Kafka's committed offset when the lane was opened"),
    Column("pruned_to", BigInteger, nullable=False, comment="versions superseded below this offset are gone"),
    Column("decided_to", BigInteger, comment="first offset not decided; null: not known"),
    Column("trying", BigInteger, comment="offset that is tried alone; null: none is"),
    Column("deaths", Integer, nullable=False, server_default="0", comment="owners that died trying it"),
    Column("told_by", BigInteger, comment="the fence under which decided_to was last told, as one number"),
    PrimaryKeyConstraint("partition", name="lanes_pkey"),
)

claims = Table(
    "claims", metadata,
    _id("scope", 128), _id("id", 512), *_source(), Column("digest", LargeBinary, nullable=False), *_written_by(),
    PrimaryKeyConstraint("scope", "id", name="claims_pkey"),
    Index("claims_suffix", "partition", "offset"),
)

case_versions = Table(
    "case_versions", metadata,
    _id("case_key", 128), *_written_by(), Column("state", LargeBinary, nullable=False),
    PrimaryKeyConstraint("case_key", "offset", name="case_versions_pkey"),
    Index("case_versions_suffix", "partition", "offset"),
)

letters = Table(
    "letters", metadata,
    Column("letter_id", Uuid, nullable=False),
    _id("fault", 16), _id("rule", 64), Column("path", Text), Column("line", Integer),
    _id("vendor", 128), _id("process", 128, nullable=True), _id("msg_id", 512, nullable=True), _id("case_key", 128, nullable=True),
    *_source(), *_written_by(),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Column("body", LargeBinary), Column("reading", LargeBinary),
    Column("behind", Uuid, comment="the letter that this message is parked behind"),
    _id("direction", 16, nullable=True, comment="which way of its case it holds up"),
    PrimaryKeyConstraint("letter_id", name="letters_pkey"),
    CheckConstraint("fault in ('sender', 'hub', 'door')", name="letters_fault"),
    Index("letters_suffix", "partition", "offset"),
    Index("letters_by_time", "written_at"),
    Index("letters_parked", "case_key", postgresql_where=text("behind is not null")),
)

resolutions = Table(
    "resolutions", metadata,
    Column("letter_id", Uuid, nullable=False), _id("what", 16), *_written_by(),
    Column("at", DateTime(timezone=True), nullable=False), Column("reason", Text),
    PrimaryKeyConstraint("letter_id", name="resolutions_pkey"),
    CheckConstraint("what in ('replayed', 'discarded', 'released')", name="resolutions_what"),
    Index("resolutions_suffix", "partition", "offset"),
)

sent = Table(
    "sent", metadata,
    _id("msg_id", 512), _id("case_key", 128), _id("receiver", 128), _id("vendor", 128), *_written_by(),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("of_portal", Boolean, nullable=False),
    # Two senders may use one MsgId for what we hand on: neither may refuse the other's row.
    PrimaryKeyConstraint("msg_id", "partition", "offset", name="sent_pkey"),
    Index("sent_suffix", "partition", "offset"),
)

deadlines = Table(
    "deadlines", metadata,
    _id("command_id", 64), _id("what", 16), _id("case_key", 128), *_written_by(),
    Column("due_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("command_id", "what", name="deadlines_pkey"),
    Index("deadlines_suffix", "partition", "offset"),
    Index("deadlines_by_time", "partition", "due_at"),
)

deadlines_met = Table(
    "deadlines_met", metadata,
    _id("command_id", 64), _id("what", 16), *_written_by(),
    PrimaryKeyConstraint("command_id", "what", name="deadlines_met_pkey"),
    Index("deadlines_met_suffix", "partition", "offset"),
)

citizens = Table(
    "citizens", metadata,
    _id("person", 128), *_written_by(), Column("active", Boolean, nullable=False),
    PrimaryKeyConstraint("person", "offset", name="citizens_pkey"),
    Index("citizens_suffix", "partition", "offset"),
)

marks = Table(
    "marks", metadata,
    *_written_by(), Column("at", DateTime(timezone=True), nullable=False, comment="no record below the offset was appended later"),
    PrimaryKeyConstraint("partition", "offset", name="marks_pkey"),
)
"""How old an offset is, after the log's own record is gone. They speak of the log and not of what was decided: no suffix is taken away."""

condition = Table(
    "condition", metadata,
    Column("one", Boolean, nullable=False, server_default=true()),
    Column("fits_from", String(16, collation="C"), nullable=False, comment="the oldest version whose programs may work here"),
    Column("behind_since", DateTime(timezone=True), comment="older than Kafka: nobody decides until it has been rebuilt"),
    PrimaryKeyConstraint("one", name="condition_pkey"),
    CheckConstraint("one", name="condition_one"),
)
"""One row, for the database as a whole."""

WITH_A_SUFFIX: tuple[Table, ...] = (claims, case_versions, letters, resolutions, sent, deadlines, deadlines_met, citizens)
"""Every table whose rows are taken away from an offset on when a lane is opened."""
