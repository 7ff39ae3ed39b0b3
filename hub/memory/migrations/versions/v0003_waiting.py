"""What waits behind a letter, and how far each lane has come: decided to where, and what it is trying. Frozen: a change is a new file."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add them. How far the lanes have come is not known before their next batch; no letter had anything behind it."""
    op.add_column("lanes", sa.Column("decided_to", sa.BigInteger, comment="first offset not decided; null: not known"))
    op.add_column("lanes", sa.Column("trying", sa.BigInteger, comment="offset that is tried alone; null: none is"))
    op.add_column("lanes", sa.Column("deaths", sa.Integer, nullable=False, server_default="0", comment="owners that died trying it"))
    op.add_column("letters", sa.Column("behind", sa.Uuid, comment="the letter that this message is parked behind"))
    op.add_column("letters", sa.Column("direction", sa.String(16, collation="C"), comment="which way of its case it holds up"))
    op.create_index("letters_parked", "letters", ["case_key"], postgresql_where=sa.text("behind is not null"))
    op.drop_constraint("resolutions_what", "resolutions")
    op.create_check_constraint("resolutions_what", "resolutions", "what in ('replayed', 'discarded', 'released')")
