"""The tables, as the newest migration leaves them (a test compares the two)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.adapters.postgres.columns import (
    ZERO,
    connection_id,
    document,
    identity,
    metadata,
    moment,
    number,
    one_of,
    version,
    words,
)
from app.core.model.connection import ConnectionState
from app.core.model.finding import Severity
from app.core.model.job import JobKind, JobState
from app.core.model.ledger import LedgerState
from app.core.model.link import LinkOrigin
from app.core.model.outcome import Result

meta = Table("meta", metadata, Column("key", Text, primary_key=True), document("value"))

accounts = Table(
    "accounts",
    metadata,
    identity(),
    number("ci", default=False),
    words("integration_code_hash", default=False),
    Column("holder", Text),
    number("epoch"),
    moment("lease_until"),
    moment("last_served_at"),
    UniqueConstraint("ci", "integration_code_hash"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    moment("last_heartbeat_at", nullable=False),
    moment("started_at", nullable=False),
)

connections = Table(
    "connections",
    metadata,
    identity(),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    words("name", default=False),
    document("file"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("state", Text, nullable=False, server_default=text("'active'")),
    Column("pause_reason", Text),
    moment("pause_since"),
    Column("pause_by_person", Boolean, nullable=False, server_default=text("false")),
    moment("pause_next_probe_at"),
    Column("pause_probes", Integer, nullable=False, server_default=ZERO),
    number("ci", default=False),
    number("field_nation_company"),
    # When `settings.outbound_create` was last switched on.
    moment("creates_since"),
    moment("created_at", nullable=False, default=True),
    moment("updated_at", nullable=False, default=True),
    # Raised when the fields of a system changed: what was compiled against the old ones is compiled again.
    version("fields_version"),
    one_of("state", ConnectionState),
    Index("connections_name_key", "name", unique=True, postgresql_where=text("state <> 'archived'")),
    Index("connections_account_id_idx", "account_id"),
)

connection_versions = Table(
    "connection_versions",
    metadata,
    connection_id(),
    Column("version", Integer, nullable=False),
    moment("at", nullable=False, default=True),
    words("who"),
    document("file"),
    words("note"),
    PrimaryKeyConstraint("connection_id", "version"),
)

# What a vendor says about its fields, as it was read last. `work_orders` are Field Nation's.
catalogs = Table(
    "catalogs",
    metadata,
    connection_id(),
    words("entity", default=False),
    Column("has_user_fields", Boolean, nullable=False, server_default=text("false")),
    document("document"),
    moment("read_at", nullable=False, default=True),
    PrimaryKeyConstraint("connection_id", "entity"),
)

secrets = Table(
    "secrets",
    metadata,
    connection_id(),
    words("field", default=False),
    words("sealed", default=False),
    PrimaryKeyConstraint("connection_id", "field"),
)

trigger_tokens = Table(
    "trigger_tokens",
    metadata,
    identity(),
    connection_id(),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    moment("created_at", nullable=False, default=True),
    moment("revoked_at"),
    Index("trigger_tokens_connection_id_idx", "connection_id"),
)

# Hot and history tables carry no foreign keys: connections are archived, never deleted, and a reference check would
# lock the connection's row once per receipt.
deliveries = Table(
    "deliveries",
    metadata,
    identity(),
    number("connection_id", default=False),
    words("source", default=False),
    words("content_type"),
    Column("body", LargeBinary, nullable=False),
    moment("received_at", nullable=False, default=True),
    Index("deliveries_received_at_idx", "received_at"),
)

# What senders call their deliveries: a second one with the same key is not taken.
delivery_keys = Table(
    "delivery_keys",
    metadata,
    number("connection_id", default=False),
    words("key", default=False),
    moment("received_at", nullable=False, default=True),
    PrimaryKeyConstraint("connection_id", "key"),
    Index("delivery_keys_received_at_idx", "received_at"),
)

receipts = Table(
    "receipts",
    metadata,
    identity(),
    number("connection_id", default=False),
    number("delivery_id", default=False),
    number("job_id", default=False),
    number("generation", default=False),
    words("named", default=False),
    words("source", default=False),
    moment("received_at", nullable=False, default=True),
    Column("outcome", Text),
    words("code"),
    words("text"),
    moment("settled_at"),
    one_of("outcome", Result),
    CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled"),
    Index("receipts_job_id_idx", "job_id", "generation"),
    Index("receipts_outcome_idx", "connection_id", "outcome", "settled_at"),
    Index("receipts_waiting_idx", "connection_id", "received_at", postgresql_where=text("outcome IS NULL")),
    Index("receipts_delivery_id_idx", "delivery_id"),
    Index("receipts_settled_at_idx", "settled_at", postgresql_where=text("outcome IS NOT NULL")),
)

jobs = Table(
    "jobs",
    metadata,
    identity(),
    number("connection_id", default=False),
    number("account_id", default=False),
    words("kind", default=False),
    words("key", default=False),
    words("state", default=False),
    # A person waits for it: a trigger of this kind brings a waiting job forward.
    Column("hastened", Boolean, nullable=False, server_default=text("false")),
    # It waits for nothing but its next turn: a trigger brings it forward, as it would an idle job.
    Column("resting", Boolean, nullable=False, server_default=text("false")),
    # The state it was in when it was last raised: what tells a sender "queued" from "merged".
    Column("raised_from", Text, nullable=False, server_default=text("'new'")),
    number("wanted", default=False),
    number("observed"),
    Column("attempts", Integer, nullable=False, server_default=ZERO),
    Column("options", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    # Options that the running pass took; they come back if the pass does not settle.
    Column("taken_options", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    moment("due_at", nullable=False, default=True),
    moment("first_wanted_at", nullable=False, default=True),
    moment("last_wanted_at", nullable=False, default=True),
    moment("last_pass_at"),
    moment("changed_at", nullable=False, default=True),
    # How many triggers the last pass saw together, and how many such passes in a row found nothing to do.
    number("merged"),
    Column("calm", Integer, nullable=False, server_default=ZERO),
    number("epoch"),
    words("code"),
    words("text"),
    UniqueConstraint("connection_id", "kind", "key"),
    one_of("kind", JobKind),
    one_of("state", JobState),
    CheckConstraint("observed <= wanted", name="generations"),
    CheckConstraint("NOT resting OR state = 'queued'", name="resting"),
    Index("jobs_queued_idx", "account_id", "connection_id", "due_at", postgresql_where=text("state = 'queued'")),
    Index("jobs_running_idx", "account_id", postgresql_where=text("state = 'running'")),
    Index("jobs_idle_idx", "changed_at", postgresql_where=text("state = 'idle'")),
    Index("jobs_dead_idx", "connection_id", postgresql_where=text("state = 'dead'")),
)

runs = Table(
    "runs",
    metadata,
    identity(),
    number("job_id", default=False),
    number("connection_id", default=False),
    words("kind", default=False),
    words("key", default=False),
    moment("started_at", nullable=False),
    moment("ended_at", nullable=False),
    words("outcome", default=False),
    words("code"),
    words("text"),
    Column("attempts", Integer, nullable=False, server_default=ZERO),
    words("worker"),
    # The version of the connection that it ran under, and what its scripts traced.
    version(),
    words("trace"),
    Index("runs_job_id_idx", "job_id"),
    Index("runs_thing_idx", "connection_id", "kind", "key"),
    Index("runs_ended_at_idx", "ended_at"),
    Index("runs_done_idx", "connection_id", "kind", "ended_at",
          postgresql_where=text("outcome IN ('written', 'unchanged')")),
)  # fmt: skip

counters = Table(
    "counters",
    metadata,
    Column("connection_id", BigInteger, primary_key=True, autoincrement=False),
    number("received"),
)

tallies = Table(
    "tallies",
    metadata,
    number("connection_id", default=False),
    words("outcome", default=False),
    number("n"),
    PrimaryKeyConstraint("connection_id", "outcome"),
    one_of("outcome", Result),
)

links = Table(
    "links",
    metadata,
    identity(),
    connection_id(),
    number("ticket_id", default=False),
    words("ticket_number"),
    number("work_order_id", default=False),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    words("origin", default=False),
    document("sources"),
    document("targets"),
    Column("pending", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    moment("known_at"),
    # What the push knows, beside what the import knows above.
    document("out_sources"),
    document("out_targets"),
    Column("out_pending", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    moment("examined_at"),
    number("examined_status"),
    words("row_digest"),
    Column("is_adopted", Boolean, nullable=False, server_default=text("false")),
    moment("created_at", nullable=False, default=True),
    moment("retired_at"),
    words("retired_because"),
    one_of("origin", LinkOrigin),
    Index("links_ticket_key", "connection_id", "ticket_id", unique=True, postgresql_where=text("is_active")),
    Index("links_work_order_key", "connection_id", "work_order_id", unique=True, postgresql_where=text("is_active")),
    Index("links_any_work_order_idx", "connection_id", "work_order_id"),
)

ledger = Table(
    "ledger",
    metadata,
    identity(),
    connection_id(),
    words("owner", default=False),
    words("kind", default=False),
    words("key", default=False),
    words("verb", default=False),
    words("state", default=False),
    words("fingerprint"),
    words("remote_id"),
    document("attempted"),
    words("note"),
    number("epoch"),
    moment("opened_at", nullable=False, default=True),
    moment("closed_at"),
    moment("missing_since"),
    moment("lost_at"),
    # The version of the connection that wrote last.
    version(),
    UniqueConstraint("connection_id", "owner", "kind", "key"),
    one_of("state", LedgerState),
    Index("ledger_remote_idx", "connection_id", "kind", "remote_id", postgresql_where=text("remote_id <> ''")),
    Index("ledger_state_idx", "state", postgresql_where=text("state <> 'written'")),
    Index("ledger_lost_idx", "connection_id", "lost_at", postgresql_where=text("lost_at IS NOT NULL")),
)

findings = Table(
    "findings",
    metadata,
    identity(),
    number("connection_id", default=False),
    words("code", default=False),
    words("severity", default=False),
    words("record", default=False),
    words("field"),
    words("text", default=False),
    words("mend", default=False),
    moment("first_seen_at", nullable=False, default=True),
    moment("last_seen_at", nullable=False, default=True),
    number("count", default=False),
    moment("acknowledged_at"),
    Column("acknowledged_by", Text),
    moment("closed_at"),
    one_of("severity", Severity),
    Index("findings_open_key", "connection_id", "record", "code", "field", unique=True,
          postgresql_where=text("closed_at IS NULL")),
    Index("findings_record_idx", "connection_id", "record"),
)  # fmt: skip

budgets = Table(
    "budgets",
    metadata,
    Column("scope", Text, primary_key=True),
    document("state"),
    moment("saved_at", nullable=False, default=True),
)

# `began_at` is of the last sweep that ended well, `raised_at` of the last one that upkeep asked for.
sweeps = Table(
    "sweeps",
    metadata,
    Column("connection_id", BigInteger, primary_key=True, autoincrement=False),
    moment("began_at"),
    moment("raised_at"),
    document("state"),
)

audit = Table(
    "audit",
    metadata,
    identity(),
    moment("at", nullable=False, default=True),
    words("who"),
    words("what", default=False),
    Column("connection_id", BigInteger),
    words("detail"),
    Index("audit_at_idx", "at"),
)
