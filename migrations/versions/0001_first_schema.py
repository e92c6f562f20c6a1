"""The first schema: intake, jobs, hosting, ledger, links, findings, history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ci", sa.BigInteger(), nullable=False),
        sa.Column("integration_code_hash", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_served_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="accounts_pkey"),
        sa.UniqueConstraint("ci", "integration_code_hash", name="accounts_ci_integration_code_hash_key"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("who", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_pkey"),
    )
    op.create_index("audit_at_idx", "audit", ["at"], unique=False)
    op.create_table(
        "budgets",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("state", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("scope", name="budgets_pkey"),
    )
    op.create_table(
        "counters",
        sa.Column("connection_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name="counters_pkey"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="deliveries_pkey"),
    )
    op.create_index("deliveries_received_at_idx", "deliveries", ["received_at"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("hastened", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("raised_from", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("observed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("options", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("taken_options", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("first_wanted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_wanted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_pass_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("merged", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("calm", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("kind IN ('resolve_number', 'import_ticket')", name="jobs_kind_check"),
        sa.CheckConstraint("state IN ('queued', 'running', 'idle', 'dead')", name="jobs_state_check"),
        sa.CheckConstraint("observed <= wanted", name="jobs_generations_check"),
        sa.PrimaryKeyConstraint("id", name="jobs_pkey"),
        sa.UniqueConstraint("connection_id", "kind", "key", name="jobs_connection_id_kind_key_key"),
    )
    op.create_index(
        "jobs_dead_idx", "jobs", ["connection_id"], unique=False, postgresql_where=sa.text("state = 'dead'")
    )
    op.create_index("jobs_idle_idx", "jobs", ["changed_at"], unique=False, postgresql_where=sa.text("state = 'idle'"))
    op.create_index(
        "jobs_queued_idx",
        "jobs",
        ["account_id", "connection_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "jobs_running_idx", "jobs", ["account_id"], unique=False, postgresql_where=sa.text("state = 'running'")
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("key", name="meta_pkey"),
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('written', 'unchanged', 'skipped', 'planned', 'dead', 'cancelled')",
            name="receipts_outcome_check",
        ),
        sa.CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="receipts_settled_check"),
        sa.PrimaryKeyConstraint("id", name="receipts_pkey"),
    )
    op.create_index("receipts_delivery_id_idx", "receipts", ["delivery_id"], unique=False)
    op.create_index("receipts_job_id_idx", "receipts", ["job_id", "generation"], unique=False)
    op.create_index("receipts_outcome_idx", "receipts", ["connection_id", "outcome", "settled_at"], unique=False)
    op.create_index(
        "receipts_settled_at_idx",
        "receipts",
        ["settled_at"],
        unique=False,
        postgresql_where=sa.text("outcome IS NOT NULL"),
    )
    op.create_index(
        "receipts_waiting_idx",
        "receipts",
        ["connection_id", "received_at"],
        unique=False,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("worker", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="runs_pkey"),
    )
    op.create_index("runs_ended_at_idx", "runs", ["ended_at"], unique=False)
    op.create_index("runs_job_id_idx", "runs", ["job_id"], unique=False)
    op.create_index("runs_thing_idx", "runs", ["connection_id", "kind", "key"], unique=False)
    op.create_table(
        "tallies",
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('written', 'unchanged', 'skipped', 'planned', 'dead', 'cancelled')",
            name="tallies_outcome_check",
        ),
        sa.PrimaryKeyConstraint("connection_id", "outcome", name="tallies_pkey"),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("last_heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="workers_pkey"),
    )
    op.create_table(
        "connections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("pause_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_by_person", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pause_next_probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_probes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ci", sa.BigInteger(), nullable=False),
        sa.Column("field_nation_company", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused', 'archived')", name="connections_state_check"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="connections_account_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="connections_pkey"),
    )
    op.create_index("connections_account_id_idx", "connections", ["account_id"], unique=False)
    op.create_index(
        "connections_name_key", "connections", ["name"], unique=True, postgresql_where=sa.text("state <> 'archived'")
    )
    op.create_table(
        "connection_versions",
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("who", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("file", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="connection_versions_connection_id_fkey"),
        sa.PrimaryKeyConstraint("connection_id", "version", name="connection_versions_pkey"),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mend", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("severity IN ('info', 'warning', 'error')", name="findings_severity_check"),
        sa.PrimaryKeyConstraint("id", name="findings_pkey"),
    )
    op.create_index(
        "findings_open_key",
        "findings",
        ["connection_id", "record", "code", "field"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("findings_record_idx", "findings", ["connection_id", "record"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("remote_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("attempted", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'written', 'void', 'deleted', 'blocked', 'rejected', 'quarantined')",
            name="ledger_state_check",
        ),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="ledger_connection_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="ledger_pkey"),
        sa.UniqueConstraint("connection_id", "owner", "kind", "key", name="ledger_connection_id_owner_kind_key_key"),
    )
    op.create_index(
        "ledger_remote_idx",
        "ledger",
        ["connection_id", "kind", "remote_id"],
        unique=False,
        postgresql_where=sa.text("remote_id <> ''"),
    )
    op.create_index(
        "ledger_state_idx", "ledger", ["state"], unique=False, postgresql_where=sa.text("state <> 'written'")
    )
    op.create_table(
        "links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("work_order_id", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("sources", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("targets", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("pending", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_because", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("origin IN ('import', 'found', 'person')", name="links_origin_check"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="links_connection_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="links_pkey"),
    )
    op.create_index("links_any_work_order_idx", "links", ["connection_id", "work_order_id"], unique=False)
    op.create_index(
        "links_ticket_key", "links", ["connection_id", "ticket_id"], unique=True, postgresql_where=sa.text("is_active")
    )
    op.create_index(
        "links_work_order_key",
        "links",
        ["connection_id", "work_order_id"],
        unique=True,
        postgresql_where=sa.text("is_active"),
    )
    op.create_table(
        "secrets",
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="secrets_connection_id_fkey"),
        sa.PrimaryKeyConstraint("connection_id", "field", name="secrets_pkey"),
    )
    op.create_table(
        "trigger_tokens",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="trigger_tokens_connection_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="trigger_tokens_pkey"),
        sa.UniqueConstraint("token_hash", name="trigger_tokens_token_hash_key"),
    )
    op.create_index("trigger_tokens_connection_id_idx", "trigger_tokens", ["connection_id"], unique=False)
    # Jobs change state many times a minute in few rows: leave room on each page, and clean up early.
    op.execute("ALTER TABLE jobs SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)")
    op.execute("ALTER TABLE counters SET (fillfactor = 50)")


def downgrade() -> None:
    for table in (
        "trigger_tokens",
        "secrets",
        "links",
        "ledger",
        "findings",
        "connection_versions",
        "connections",
        "workers",
        "tallies",
        "runs",
        "receipts",
        "meta",
        "jobs",
        "deliveries",
        "counters",
        "budgets",
        "audit",
        "accounts",
    ):
        op.drop_table(table)
