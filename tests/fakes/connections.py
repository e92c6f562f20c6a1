"""Small fakes of the ports that the life of a connection touches. They keep what they are given, and no more."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from app.adapters.system.secrets import AesSealer
from app.core.mapping.work_order_fields import with_definitions
from app.core.model.catalog import EntityCatalog, EntityRights, Field, PickValue
from app.core.model.connection import Connection, ConnectionFile, ConnectionState, Pause
from app.core.model.failure import Failure
from app.core.model.ids import AccountId, ConnectionId
from app.core.model.intake import Caller
from app.ports.connections import StoredVersion
from app.services.connections import ConnectionService
from app.services.doctor import Doctor
from app.services.trigger_tokens import TriggerTokens
from app.services.versions import VersionService
from tests.fakes.clock import HandClock
from tests.fakes.fields import FakeFields
from tests.fakes.scripts import no_scripts

KEY = bytes(range(32))
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def a_file(**changes: Any) -> ConnectionFile:
    document: dict[str, Any] = {
        "name": "acme",
        "autotask": {"username": "api@acme.example", "secret": "autotask-secret", "integration_code": "OWN"},
        "field_nation": {"client_id": "c", "client_secret": "fn-secret", "username": "u", "password": "fn-password"},
        "mappings": {"inbound": [{"source": "Title", "target": "title", "action": "sync"}]},
        "time_entries": {"resource_id": 29682885, "role_id": 29683354},
        "expenses": {"submitter_id": 29682885, "expense_category": 2, "payment_type": 1},
    }
    return ConnectionFile.model_validate({**document, **changes})


def codes(report: Any) -> list[str]:
    return [finding.code for finding in report.findings]


class FakeStore:
    """`Connections`, `Versions` and `Tokens` and the `callers` of `Inbox`, in dictionaries."""

    def __init__(self) -> None:
        self.rows: dict[ConnectionId, Connection] = {}
        self.sealed: dict[ConnectionId, dict[str, str]] = {}
        self.hashes: dict[ConnectionId, list[bytes]] = {}
        self.codes: list[str] = []
        self.kept: dict[ConnectionId, list[StoredVersion]] = {}

    async def all(self, *, archived: bool = False) -> Sequence[Connection]:
        rows = sorted(self.rows.values(), key=lambda row: row.name)
        return [row for row in rows if archived or row.state is not ConnectionState.ARCHIVED]

    async def named(self, name: str) -> Connection | None:
        return next((row for row in await self.all() if row.name == name), None)

    async def secrets(self, connection: ConnectionId) -> Mapping[str, str]:
        return self.sealed[connection]

    async def versions(self, connection: ConnectionId) -> Sequence[StoredVersion]:
        return self.kept.get(connection, [])

    async def save(
        self,
        file: ConnectionFile,
        secrets: Mapping[str, str],
        *,
        ci: int,
        integration_code_hash: str,
        company: int,
        who: str,
        note: str = "",
    ) -> Connection:
        old = await self.named(file.name)
        id = old.id if old else ConnectionId(len(self.rows) + 1)
        is_same = old is not None and old.file == file
        version = (old.version + (not is_same)) if old else 1
        if not is_same:
            self.kept.setdefault(id, []).append(StoredVersion(version, NOON, who, note, file))
        creates_since = (old and old.creates_since) or NOON if file.settings.outbound_create else None
        row = Connection(
            id, AccountId(1), file.name, file, version, ConnectionState.ACTIVE, None, ci, company, creates_since
        )
        self.rows[id], self.sealed[id] = row, dict(secrets)
        self.codes.append(integration_code_hash)
        return row

    async def archive(self, connection: ConnectionId) -> None:
        self.rows[connection] = replace(self.rows[connection], state=ConnectionState.ARCHIVED)
        self.hashes.pop(connection, None)

    async def reseal(self, connection: ConnectionId, secrets: Mapping[str, str]) -> None:
        self.sealed[connection] = dict(secrets)

    async def add(self, connection: ConnectionId, token_hash: bytes) -> None:
        self.hashes[connection] = [*self.hashes.get(connection, [])[-1:], token_hash]

    async def live(self, connection: ConnectionId) -> int:
        return len(self.hashes.get(connection, []))

    async def callers(self, token_hash: bytes) -> Sequence[Caller]:
        holders = [id for id, hashes in self.hashes.items() if token_hash in hashes]
        return [
            Caller(
                id,
                self.rows[id].name,
                token_hash,
                self.sealed[id].get("autotask.webhook_secret"),
                self.sealed[id].get("field_nation.webhook_secret"),
            )
            for id in holders
        ]


@dataclass
class FakeHealth:
    """`HealthDesk` as far as a connection's life asks of it."""

    store: FakeStore
    trouble: str = ""

    async def ready(self) -> str:
        return self.trouble

    async def set_paused(self, connection: ConnectionId, paused: bool, by: str) -> None:
        pause = Pause(f"paused by {by}", NOON, True, None) if paused else None
        state = ConnectionState.PAUSED if paused else ConnectionState.ACTIVE
        self.store.rows[connection] = replace(self.store.rows[connection], state=state, pause=pause)


def _catalogs() -> dict[str, EntityCatalog]:
    statuses = (PickValue("1", "New"), PickValue("5", "Complete"), PickValue("8", "Dispatch to Field"))
    tickets = (
        Field("id", "long"),
        Field("title", "string"),
        Field("status", "integer", is_picklist=True, values=statuses),
        Field("companyID", "integer", reference="Company"),
    )
    site = Field("Site Code", "string")
    others = {field.name.lower(): field for field in tickets[:3]}
    return {
        "Tickets": EntityCatalog("Tickets", {f.name.lower(): f for f in tickets}, {"site code": site}),
        "Companies": EntityCatalog("Companies", {"companyname": Field("companyName", "string")}),
        "ServiceCalls": EntityCatalog("ServiceCalls", others),
        "Projects": EntityCatalog("Projects", others),
    }


@dataclass
class FakeVendors:
    """Two vendors that know one database and one company, or fail as told; keeps what they were opened with."""

    ci: int = 4711
    company: int = 815
    denied: frozenset[tuple[str, str]] = frozenset()
    autotask_trouble: Failure | None = None
    field_nation_trouble: Failure | None = None
    catalogs: dict[str, EntityCatalog] = field(default_factory=_catalogs)
    opened_with: list[dict[str, str]] = field(default_factory=list)

    @asynccontextmanager
    async def open(
        self, file: ConnectionFile, secrets: Mapping[str, str], *, scope: str, hosted: Any
    ) -> AsyncIterator[Any]:
        self.opened_with.append(dict(secrets))
        yield _Pair(self)


class _Pair:
    def __init__(self, vendors: FakeVendors) -> None:
        self.tickets = None
        self.catalog = _Autotask(vendors)
        self.work_orders = _FieldNation(vendors)
        self.definitions = _Definitions()


class _Autotask:
    def __init__(self, vendors: FakeVendors) -> None:
        self._vendors = vendors

    async def database(self) -> int:
        return self._vendors.ci

    async def probe(self) -> None:
        if self._vendors.autotask_trouble:
            raise self._vendors.autotask_trouble

    async def catalog(self, entity: str, *, user_fields: bool = False) -> EntityCatalog:
        return self._vendors.catalogs.get(entity, EntityCatalog(entity))

    async def rights(self, entity: str) -> EntityRights:
        may = {verb: (entity, verb) not in self._vendors.denied for verb in ("view", "add", "edit", "delete")}
        return EntityRights(entity, may["add"], may["view"], may["edit"], may["delete"])


class _FieldNation:
    def __init__(self, vendors: FakeVendors) -> None:
        self._vendors = vendors

    async def probe(self) -> int:
        if self._vendors.field_nation_trouble:
            raise self._vendors.field_nation_trouble
        return self._vendors.company


class _Definitions:
    async def definitions(self) -> EntityCatalog:
        return with_definitions([Field("4711", "string", label="Site code")], {})


class FakeMail:
    async def send(self, to: Sequence[str], subject: str, text: str) -> None:
        return None

    async def check(self) -> str:
        return "no mail server is set: alerts are logged"


class StillClock:
    def now(self) -> datetime:
        return NOON

    def boot_s(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        return None


@dataclass
class FakeDesk:
    """What a command gets: the real services over the fakes above."""

    store: FakeStore = field(default_factory=FakeStore)
    vendors: FakeVendors = field(default_factory=FakeVendors)
    integration_code: str = "CODE"
    fields: FakeFields = field(default_factory=FakeFields)
    keys: tuple[bytes, ...] = (KEY,)
    database_at: datetime = NOON
    trouble: str = ""
    made: int = 0

    @property
    def sealer(self) -> AesSealer:
        return AesSealer(self.keys)

    @property
    def connections(self) -> ConnectionService:
        store: Any = self.store
        triggers = TriggerTokens(store, store, store, self.sealer, "https://broker.example", self._token)
        health: Any = FakeHealth(self.store, self.trouble)
        vendors: Any = self.vendors
        return ConnectionService(
            store, triggers, health, vendors, self.sealer, self.integration_code, HandClock(), self.fields, no_scripts
        )

    @property
    def mappings(self) -> "FakeDesk":
        """Of the mapping desk, the versions."""
        return self

    @property
    def versions(self) -> VersionService:
        store: Any = self.store
        return VersionService(store, self.connections)

    @property
    def doctor(self) -> Doctor:
        store: Any = self.store
        health: Any = FakeHealth(self.store, self.trouble)

        async def database_now() -> datetime:
            return self.database_at

        return Doctor(health, store, self.connections, self.sealer, FakeMail(), StillClock(), database_now)

    def _token(self) -> str:
        self.made += 1
        return f"made-token-number-{self.made}"
