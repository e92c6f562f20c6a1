"""The tables, as the newest migration leaves them (a test compares the two)."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.core.model.connection import ConnectionState
from app.core.model.finding import Severity
from app.core.model.job import JobKind, JobState
from app.core.model.ledger import LedgerState
from app.core.model.link import LinkOrigin
from app.core.model.outcome import Result

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

NOW = text("now()")
EMPTY = text("''")
ZERO = text("0")


def _id() -> "Column[int]":
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def _words(name: str, default: bool = True) -> "Column[str]":
    return Column(name, Text, nullable=False, server_default=EMPTY if default else None)


def _number(name: str, default: bool = True) -> "Column[int]":
    return Column(name, BigInteger, nullable=False, server_default=ZERO if default else None)


def _at(name: str, *, nullable: bool = True, default: bool = False) -> "Column[object]":
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=NOW if default else None)


def _document(name: str) -> "Column[object]":
    return Column(name, JSONB, nullable=False, server_default=text("'{}'"))


def _connection() -> "Column[int]":
    return Column("connection_id", BigInteger, ForeignKey("connections.id"), nullable=False)


def _one_of(column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


meta = Table("meta", metadata, Column("key", Text, primary_key=True), _document("value"))

accounts = Table(
    "accounts",
    metadata,
    _id(),
    _number("ci", default=False),
    _words("integration_code_hash", default=False),
    Column("holder", Text),
    _number("epoch"),
    _at("lease_until"),
    _at("last_served_at"),
    UniqueConstraint("ci", "integration_code_hash"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    _at("last_heartbeat_at", nullable=False),
    _at("started_at", nullable=False),
)

connections = Table(
    "connections",
    metadata,
    _id(),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    _words("name", default=False),
    _document("file"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("state", Text, nullable=False, server_default=text("'active'")),
    Column("pause_reason", Text),
    _at("pause_since"),
    Column("pause_by_person", Boolean, nullable=False, server_default=text("false")),
    _at("pause_next_probe_at"),
    Column("pause_probes", Integer, nullable=False, server_default=ZERO),
    _number("ci", default=False),
    _number("field_nation_company"),
    # When `settings.outbound_create` was last switched on.
    _at("creates_since"),
    _at("created_at", nullable=False, default=True),
    _at("updated_at", nullable=False, default=True),
    _one_of("state", ConnectionState),
    Index("connections_name_key", "name", unique=True, postgresql_where=text("state <> 'archived'")),
    Index("connections_account_id_idx", "account_id"),
)

connection_versions = Table(
    "connection_versions",
    metadata,
    _connection(),
    Column("version", Integer, nullable=False),
    _at("at", nullable=False, default=True),
    _words("who"),
    _document("file"),
    PrimaryKeyConstraint("connection_id", "version"),
)

secrets = Table(
    "secrets",
    metadata,
    _connection(),
    _words("field", default=False),
    _words("sealed", default=False),
    PrimaryKeyConstraint("connection_id", "field"),
)

trigger_tokens = Table(
    "trigger_tokens",
    metadata,
    _id(),
    _connection(),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    _at("created_at", nullable=False, default=True),
    _at("revoked_at"),
    Index("trigger_tokens_connection_id_idx", "connection_id"),
)

# Hot and history tables carry no foreign keys: connections are archived, never deleted, and a reference check would
# lock the connection's row once per receipt.
deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _number("connection_id", default=False),
    _words("source", default=False),
    _words("content_type"),
    Column("body", LargeBinary, nullable=False),
    _at("received_at", nullable=False, default=True),
    Index("deliveries_received_at_idx", "received_at"),
)

# What senders call their deliveries: a second one with the same key is not taken.
delivery_keys = Table(
    "delivery_keys",
    metadata,
    _number("connection_id", default=False),
    _words("key", default=False),
    _at("received_at", nullable=False, default=True),
    PrimaryKeyConstraint("connection_id", "key"),
    Index("delivery_keys_received_at_idx", "received_at"),
)

receipts = Table(
    "receipts",
    metadata,
    _id(),
    _number("connection_id", default=False),
    _number("delivery_id", default=False),
    _number("job_id", default=False),
    _number("generation", default=False),
    _words("named", default=False),
    _words("source", default=False),
    _at("received_at", nullable=False, default=True),
    Column("outcome", Text),
    _words("code"),
    _words("text"),
    _at("settled_at"),
    _one_of("outcome", Result),
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
    _id(),
    _number("connection_id", default=False),
    _number("account_id", default=False),
    _words("kind", default=False),
    _words("key", default=False),
    _words("state", default=False),
    # A person waits for it: a trigger of this kind brings a waiting job forward.
    Column("hastened", Boolean, nullable=False, server_default=text("false")),
    # It waits for nothing but its next turn: a trigger brings it forward, as it would an idle job.
    Column("resting", Boolean, nullable=False, server_default=text("false")),
    # The state it was in when it was last raised: what tells a sender "queued" from "merged".
    Column("raised_from", Text, nullable=False, server_default=text("'new'")),
    _number("wanted", default=False),
    _number("observed"),
    Column("attempts", Integer, nullable=False, server_default=ZERO),
    Column("options", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    # Options that the running pass took; they come back if the pass does not settle.
    Column("taken_options", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _at("due_at", nullable=False, default=True),
    _at("first_wanted_at", nullable=False, default=True),
    _at("last_wanted_at", nullable=False, default=True),
    _at("last_pass_at"),
    _at("changed_at", nullable=False, default=True),
    # How many triggers the last pass saw together, and how many such passes in a row found nothing to do.
    _number("merged"),
    Column("calm", Integer, nullable=False, server_default=ZERO),
    _number("epoch"),
    _words("code"),
    _words("text"),
    UniqueConstraint("connection_id", "kind", "key"),
    _one_of("kind", JobKind),
    _one_of("state", JobState),
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
    _id(),
    _number("job_id", default=False),
    _number("connection_id", default=False),
    _words("kind", default=False),
    _words("key", default=False),
    _at("started_at", nullable=False),
    _at("ended_at", nullable=False),
    _words("outcome", default=False),
    _words("code"),
    _words("text"),
    Column("attempts", Integer, nullable=False, server_default=ZERO),
    _words("worker"),
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
    _number("received"),
)

tallies = Table(
    "tallies",
    metadata,
    _number("connection_id", default=False),
    _words("outcome", default=False),
    _number("n"),
    PrimaryKeyConstraint("connection_id", "outcome"),
    _one_of("outcome", Result),
)

links = Table(
    "links",
    metadata,
    _id(),
    _connection(),
    _number("ticket_id", default=False),
    _words("ticket_number"),
    _number("work_order_id", default=False),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    _words("origin", default=False),
    _document("sources"),
    _document("targets"),
    Column("pending", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _at("known_at"),
    # What the push knows, beside what the import knows above.
    _document("out_sources"),
    _document("out_targets"),
    Column("out_pending", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _at("examined_at"),
    _number("examined_status"),
    _words("row_digest"),
    Column("is_adopted", Boolean, nullable=False, server_default=text("false")),
    _at("created_at", nullable=False, default=True),
    _at("retired_at"),
    _words("retired_because"),
    _one_of("origin", LinkOrigin),
    Index("links_ticket_key", "connection_id", "ticket_id", unique=True, postgresql_where=text("is_active")),
    Index("links_work_order_key", "connection_id", "work_order_id", unique=True, postgresql_where=text("is_active")),
    Index("links_any_work_order_idx", "connection_id", "work_order_id"),
)

ledger = Table(
    "ledger",
    metadata,
    _id(),
    _connection(),
    _words("owner", default=False),
    _words("kind", default=False),
    _words("key", default=False),
    _words("verb", default=False),
    _words("state", default=False),
    _words("fingerprint"),
    _words("remote_id"),
    _document("attempted"),
    _words("note"),
    _number("epoch"),
    _at("opened_at", nullable=False, default=True),
    _at("closed_at"),
    _at("missing_since"),
    _at("lost_at"),
    UniqueConstraint("connection_id", "owner", "kind", "key"),
    _one_of("state", LedgerState),
    Index("ledger_remote_idx", "connection_id", "kind", "remote_id", postgresql_where=text("remote_id <> ''")),
    Index("ledger_state_idx", "state", postgresql_where=text("state <> 'written'")),
    Index("ledger_lost_idx", "connection_id", "lost_at", postgresql_where=text("lost_at IS NOT NULL")),
)

findings = Table(
    "findings",
    metadata,
    _id(),
    _number("connection_id", default=False),
    _words("code", default=False),
    _words("severity", default=False),
    _words("record", default=False),
    _words("field"),
    _words("text", default=False),
    _words("mend", default=False),
    _at("first_seen_at", nullable=False, default=True),
    _at("last_seen_at", nullable=False, default=True),
    _number("count", default=False),
    _at("acknowledged_at"),
    Column("acknowledged_by", Text),
    _at("closed_at"),
    _one_of("severity", Severity),
    Index("findings_open_key", "connection_id", "record", "code", "field", unique=True,
          postgresql_where=text("closed_at IS NULL")),
    Index("findings_record_idx", "connection_id", "record"),
)  # fmt: skip

budgets = Table(
    "budgets",
    metadata,
    Column("scope", Text, primary_key=True),
    _document("state"),
    _at("saved_at", nullable=False, default=True),
)

# `began_at` is of the last sweep that ended well, `raised_at` of the last one that upkeep asked for.
sweeps = Table(
    "sweeps",
    metadata,
    Column("connection_id", BigInteger, primary_key=True, autoincrement=False),
    _at("began_at"),
    _at("raised_at"),
    _document("state"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    _at("at", nullable=False, default=True),
    _words("who"),
    _words("what", default=False),
    Column("connection_id", BigInteger),
    _words("detail"),
    Index("audit_at_idx", "at"),
)
