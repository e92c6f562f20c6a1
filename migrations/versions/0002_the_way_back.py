"""The way back: work orders pushed to tickets, sweeps, deliveries known by their key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS_BEFORE = "'resolve_number', 'import_ticket'"
KINDS = f"{KINDS_BEFORE}, 'push_work_order', 'push_files', 'sweep'"
ORIGINS_BEFORE = "'import', 'found', 'person'"
ORIGINS = f"{ORIGINS_BEFORE}, 'export'"


def upgrade() -> None:
    _add_tables()
    _change_jobs()
    _change_links()
    op.add_column("ledger", sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ledger", sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ledger_lost_idx",
        "ledger",
        ["connection_id", "lost_at"],
        unique=False,
        postgresql_where=sa.text("lost_at IS NOT NULL"),
    )
    op.create_index(
        "runs_done_idx",
        "runs",
        ["connection_id", "kind", "ended_at"],
        unique=False,
        postgresql_where=sa.text("outcome IN ('written', 'unchanged')"),
    )
    op.add_column("connections", sa.Column("creates_since", sa.DateTime(timezone=True), nullable=True))
    # Until now nothing acted on the setting: what is older than this must not be made in one go.
    op.execute("UPDATE connections SET creates_since = now() WHERE file #>> '{settings,outbound_create}' = 'true'")


def downgrade() -> None:
    op.drop_column("connections", "creates_since")
    op.drop_index("runs_done_idx", table_name="runs")
    op.drop_index("ledger_lost_idx", table_name="ledger")
    op.drop_column("ledger", "lost_at")
    op.drop_column("ledger", "missing_since")
    _restore_links()
    _restore_jobs()
    op.drop_table("sweeps")
    op.drop_table("delivery_keys")


def _add_tables() -> None:
    op.create_table(
        "delivery_keys",
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "key", name="delivery_keys_pkey"),
    )
    op.create_index("delivery_keys_received_at_idx", "delivery_keys", ["received_at"], unique=False)
    op.create_table(
        "sweeps",
        sa.Column("connection_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name="sweeps_pkey"),
    )


def _change_jobs() -> None:
    op.add_column("jobs", sa.Column("resting", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_check_constraint("jobs_resting_check", "jobs", "NOT resting OR state = 'queued'")
    op.drop_constraint("jobs_kind_check", "jobs")
    op.create_check_constraint("jobs_kind_check", "jobs", f"kind IN ({KINDS})")


def _restore_jobs() -> None:
    # An older broker knows nothing of such work: what waits for it gets an outcome, so that every receipt has one.
    op.execute(
        f"""UPDATE receipts SET outcome = 'cancelled', code = 'downgraded', text = 'The broker was downgraded.',
                settled_at = clock_timestamp()
            WHERE outcome IS NULL AND job_id IN (SELECT id FROM jobs WHERE kind NOT IN ({KINDS_BEFORE}))"""
    )
    op.execute(f"DELETE FROM jobs WHERE kind NOT IN ({KINDS_BEFORE})")
    op.drop_constraint("jobs_kind_check", "jobs")
    op.create_check_constraint("jobs_kind_check", "jobs", f"kind IN ({KINDS_BEFORE})")
    op.drop_constraint("jobs_resting_check", "jobs")
    op.drop_column("jobs", "resting")


def _change_links() -> None:
    op.add_column("links", sa.Column("out_sources", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("links", sa.Column("out_targets", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column(
        "links",
        sa.Column("out_pending", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("links", sa.Column("examined_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("links", sa.Column("examined_status", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("links", sa.Column("row_digest", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("links", sa.Column("is_adopted", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    # A work order that the broker made holds nothing of an earlier connector.
    op.execute("UPDATE links SET is_adopted = true WHERE origin = 'import'")
    op.drop_constraint("links_origin_check", "links")
    op.create_check_constraint("links_origin_check", "links", f"origin IN ({ORIGINS})")


def _restore_links() -> None:
    op.execute("UPDATE links SET origin = 'found' WHERE origin = 'export'")
    op.drop_constraint("links_origin_check", "links")
    op.create_check_constraint("links_origin_check", "links", f"origin IN ({ORIGINS_BEFORE})")
    for column in (
        "is_adopted",
        "row_digest",
        "examined_status",
        "examined_at",
        "out_pending",
        "out_targets",
        "out_sources",
    ):
        op.drop_column("links", column)
