"""Fields of both systems kept per connection; the version that wrote; what scripts traced."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogs",
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("has_user_fields", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("document", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="catalogs_connection_id_fkey"),
        sa.PrimaryKeyConstraint("connection_id", "entity", name="catalogs_pkey"),
    )
    op.add_column("connections", sa.Column("fields_version", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("connection_versions", sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("ledger", sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("runs", sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("runs", sa.Column("trace", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    op.drop_column("runs", "trace")
    op.drop_column("runs", "version")
    op.drop_column("ledger", "version")
    op.drop_column("connection_versions", "note")
    op.drop_column("connections", "fields_version")
    op.drop_table("catalogs")
