"""Everything the simulator knows: databases, switches, faults, meters, the journal of writes, what is under way."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from app.simulators.autotask.clock import Clock
from app.simulators.autotask.errors import ApiError
from app.simulators.autotask.faults import Faults
from app.simulators.autotask.limits import Calls, InFlight
from app.simulators.autotask.records import Database, Row, User
from app.simulators.autotask.rules.hooks import refresh_ready
from app.simulators.autotask.switches import Switches
from app.simulators.autotask.user_fields import read_picks
from app.simulators.autotask.values import moment_text
from app.simulators.autotask.workflow import WorkflowRule


@dataclass(frozen=True)
class Committed:
    """A change that stands: `action` is Create, Update or Delete."""

    entity: str
    action: str
    row: Row
    changed: frozenset[str]
    udfs: frozenset[str]


def put_records(db: Database, records: dict[str, list[dict[str, Any]]]) -> list[int]:
    """Put seeded records by entity, checked only for types; gives their ids. A known id replaces its record."""
    ids = []
    for entity, described in records.items():
        for record in described:
            row = db.load(entity, record)
            ids.append(row.id)
            if entity.endswith("Fields") and "Webhook" in entity:
                refresh_ready(db, entity, row.get("webhookID"))
    return ids


Listener = Callable[[Database, Committed, int], None]


@dataclass
class World:
    clock: Clock = field(default_factory=Clock)
    switches: Switches = field(default_factory=Switches)
    databases: dict[int, Database] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    calls: Calls = field(default_factory=Calls)
    in_flight: InFlight = field(default_factory=InFlight)
    journal: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    workflow: dict[int, list[WorkflowRule]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    held: int = 0
    _users: dict[str, tuple[Database, User]] = field(default_factory=dict)

    def load(self, seed: dict[str, Any]) -> None:
        """Add the databases of a seed; one with a known `ci` replaces it. A bare database is a seed of one."""
        if "ci" in seed:
            seed = {"databases": [seed]}
        self.switches = self.switches.changed(seed.get("settings", {}))
        for described in seed.get("databases", []):
            self.databases[int(described["ci"])] = self._database(described)
            self.workflow.pop(int(described["ci"]), None)
        self._refresh()

    def _database(self, described: dict[str, Any]) -> Database:
        db = Database(
            ci=int(described["ci"]),
            zone_name=described.get("zone_name", "America East"),
            users=[User(**user) for user in described["users"]],
            switches=self.switches,
            overrides=dict(described.get("settings", {})),
        )
        for entity, fields in described.get("picklists", {}).items():
            db.picklists.setdefault(entity, {}).update({name: read_picks(raw) for name, raw in fields.items()})
        for entity, udfs in described.get("udfs", {}).items():
            for udf in udfs:
                db.add_udf(entity, udf)
        for entity, changed in described.get("fields", {}).items():
            for name, changes in changed.items():
                db.change_field(entity, name, changes)
        put_records(db, described.get("records", {}))
        return db

    def _refresh(self) -> None:
        self._users = {user.username.lower(): (db, user) for db in self.databases.values() for user in db.users}
        for db in self.databases.values():
            db.switches = self.switches.changed(db.overrides)

    def change_switches(self, patch: dict[str, Any], ci: int | None) -> None:
        """Set switches for all databases, or for one. ApiError (400) names an unknown one."""
        try:
            checked = self.switches.changed(patch)
        except KeyError as error:
            raise ApiError(str(error.args[0]), status=400) from None
        if ci is None:
            self.switches = checked
        else:
            self.database(ci).overrides.update(patch)
        self._refresh()

    def reset(self) -> None:
        """Forget everything. Work under way is cancelled, held answers are let go."""
        self.let_go()
        for task in list(self.tasks):
            task.cancel()
        self.switches, self.databases, self.faults = Switches(), {}, Faults()
        self.journal, self.deliveries, self.workflow = [], [], {}
        self.reset_calls()
        self._refresh()

    def reset_calls(self) -> None:
        self.calls = Calls()

    def let_go(self) -> None:
        """Release every answer that is held now."""
        self.release.set()
        self.release = asyncio.Event()

    def database(self, ci: int) -> Database:
        if ci not in self.databases:
            raise ApiError(f"no database with ci {ci}", status=404)
        return self.databases[ci]

    def user(self, username: str | None) -> tuple[Database, User] | None:
        """The user of a name and the database it belongs to: the name picks the database."""
        return self._users.get((username or "").lower())

    def announce(self, db: Database, committed: Committed, person_id: int) -> None:
        for listener in self.listeners:
            listener(db, committed, person_id)

    def note_write(self, db: Database, described: dict[str, Any]) -> dict[str, Any]:
        """Open a journal entry for a write; the caller fills in what came of it."""
        entry = {
            "seq": len(self.journal) + 1,
            "at": moment_text(self.clock.now_at()),
            "database": db.ci,
            **described,
            "status": None,
            "committed": False,
            "item_id": None,
        }
        self.journal.append(entry)
        return entry

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the requests until it ends or the server stops."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def stop(self) -> None:
        self.let_go()
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
