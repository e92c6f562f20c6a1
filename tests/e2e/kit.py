"""The whole product on real sockets: simulators in their processes, web and worker over a fresh database."""

import asyncio
import base64
import contextlib
import itertools
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

import httpx
from sqlalchemy import text

from app.bootstrap.desk import Desk, desk_over
from app.bootstrap.processes import Stop, listening, web_app
from app.bootstrap.wiring import Wiring, wired
from app.bootstrap.working import make_worker
from app.core.model.connection import Connection, ConnectionFile
from app.settings import Settings

DISPATCH, NEW, COMPLETE = 29683380, 1, 5
CODE = "FIELDNATION0SIMULATED0CODE1"
SITE_CODE = 4711
LEASE_S, HORIZON_S = 2.0, 2.0

_numbers = itertools.count(secrets.randbelow(10**6) * 100 + 10**6)


def mapping(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """The usual inbound rules of a customer."""
    return [
        {"source": "Title", "target": "title", "action": "sync"},
        {"source": "Description", "target": "description", "action": "sync"},
        {
            "source": "Status",
            "target": "status_id",
            "action": "status",
            "mappings": [{"compare": "Dispatch to Field", "value": "Published"}],
        },
        {
            "source": "DueDateTime",
            "target": "time_window.end",
            "action": "date_convert",
            "output_format": "YYYY-MM-DD HH:mm:ss",
        },
        {"source": "Account.AccountName", "target": "location.name", "action": "sync"},
        {"source": "AccountPhysicalLocation.City", "target": "location.city", "action": "sync"},
        {"source": "AccountPhysicalLocation.State", "target": "location.state", "action": "sync"},
        {"source": "UserDefinedField.Site Code", "target": f"custom_fields.{SITE_CODE}", "action": "sync"},
        *more,
    ]


def seed_of(place: str, **wanted: Any) -> dict[str, Any]:
    """A simulator's own seed."""
    made: dict[str, Any] = import_module(f"app.simulators.{place}.seeding").make_seed(**wanted)
    return made


@dataclass(frozen=True, slots=True)
class Simulators:
    """Addresses of both simulators, and a client to them."""

    autotask: str
    field_nation: str
    http: httpx.AsyncClient

    async def call(self, method: str, url: str, body: Any = None) -> Any:
        """One call to a simulator's truth, or a person's act there."""
        answer = await self.http.request(method, url, json=body)
        assert answer.is_success, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def fault(self, system: str, **fault: Any) -> None:
        """Makes a fault at `autotask` or `field_nation`."""
        await self.call("POST", f"{getattr(self, system)}/_sim/faults", fault)

    async def calls(self, system: str) -> dict[str, Any]:
        """What `autotask` or `field_nation` was asked since the last reset."""
        return dict(await self.call("GET", f"{getattr(self, system)}/_sim/calls"))

    async def forget_calls(self) -> None:
        """Starts both counts afresh."""
        for place in (self.autotask, self.field_nation):
            await self.call("POST", f"{place}/_sim/reset-calls")

    async def calm(self) -> None:
        """Ends all faults and lets held answers go."""
        for place in (self.autotask, self.field_nation):
            await self.call("DELETE", f"{place}/_sim/faults")
            await self.call("POST", f"{place}/_sim/release")


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer at both vendors, with its connection applied."""

    kit: "Kit"
    connection: Connection
    ci: int
    company: int
    username: str
    tickets: tuple[int, ...]
    trigger_url: str

    async def trigger(self, *tickets: int | str) -> Any:
        """Tells the broker to look, over HTTP; the accepted rows."""
        answer = await self.kit.http.post(self.trigger_url, json=list(tickets or self.tickets))
        assert answer.status_code == 202, answer.text
        return answer.json()["accepted"]

    async def edit(self, ticket: int, **fields: Any) -> None:
        """A person's edit in Autotask."""
        await self.kit.sims.call("PATCH", f"{self.kit.sims.autotask}/_sim/ui/{self.ci}/Tickets/{ticket}", fields)

    async def person(self, order: int, action: str, **body: Any) -> None:
        """A person's act in Field Nation."""
        url = f"{self.kit.sims.field_nation}/_sim/ui/{self.company}/workorders/{order}/{action}"
        await self.kit.sims.call("POST", url, body)

    async def orders(self) -> list[dict[str, Any]]:
        """Every work order of the company as it stands."""
        state = await self.kit.sims.call("GET", f"{self.kit.sims.field_nation}/_sim/state?company={self.company}")
        found = state["work_orders"]
        return list(found.values()) if isinstance(found, dict) else list(found)

    async def numbers(self) -> dict[int, str]:
        """Ticket numbers by id."""
        url = f"{self.kit.sims.autotask}/_sim/state?database={self.ci}&entity=Tickets"
        return {int(row["id"]): row["ticketNumber"] for row in await self.kit.sims.call("GET", url)}

    async def writes(self) -> list[dict[str, Any]]:
        """What Field Nation saw written for this company."""
        journal = await self.kit.sims.call("GET", f"{self.kit.sims.field_nation}/_sim/writes")
        return [entry for entry in journal if entry["company"] == self.company]

    async def health(self) -> dict[str, Any]:
        """The connection's row of the health page."""
        rows = await self.kit.desk.health.connections()
        return dict(next(row for row in rows if row["name"] == self.connection.name))


@dataclass(slots=True)
class Kit:
    """A broker whose web side listens; workers are started by the test."""

    settings: Settings
    wiring: Wiring
    desk: Desk
    sims: Simulators
    web: str
    http: httpx.AsyncClient
    changes: Mapping[str, str] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)

    async def customer(
        self,
        *,
        tickets: int = 1,
        companies: int = 3,
        inbound: Sequence[dict[str, Any]] | None = None,
        settings: dict[str, Any] | None = None,
        autotask: dict[str, Any] | None = None,
        field_nation: dict[str, Any] | None = None,
        status: int = DISPATCH,
        file: dict[str, Any] | None = None,
    ) -> Customer:
        """A new customer, seeded at both simulators and applied. `autotask` and `field_nation` are switches, `file`
        are further sections of the connection file."""
        number = next(_numbers)
        name, username, secret = f"c{number}", f"api{number}@customer.example", secrets.token_hex(8)
        login = {"ci": number, "username": username, "secret": secret, "integration_code": CODE}
        seed = seed_of("autotask", tickets=tickets, companies=companies, status=status, settings=autotask, **login)
        await self.sims.call("POST", f"{self.sims.autotask}/_sim/seed", seed)
        await self._seed_field_nation(number, field_nation)
        document = merged(self.document(name, username, secret, number, inbound, settings), file or {})
        report = await self.desk.connections.apply(ConnectionFile.model_validate(document))
        assert report.is_stored, report.findings
        url = (await self.desk.connections.trigger_url(name)).url
        ids = tuple(int(row["id"]) for row in seed["databases"][0]["records"]["Tickets"])
        stored = await self.desk.named(name)
        made = Customer(self, stored, number, number, username, ids, url)
        self.customers.append(made)
        return made

    async def _seed_field_nation(self, number: int, switches: dict[str, Any] | None) -> None:
        site_code = {"id": SITE_CODE, "name": "Site", "type": "text", "role": "buyer", "flags": [], "options": []}
        logins = {"client_id": f"client{number}", "client_secret": "fn-secret", "username": f"fn{number}"}
        seed = seed_of("field_nation", company_id=number, custom_fields=[site_code], settings=switches or {}, **logins)
        await self.sims.call("POST", f"{self.sims.field_nation}/_sim/seed", seed)

    def document(
        self,
        name: str,
        username: str,
        secret: str,
        number: int,
        inbound: Sequence[dict[str, Any]] | None,
        settings: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """The customer's connection file."""
        return {
            "name": name,
            "time_zone": "America/Chicago",
            "autotask": {"username": username, "secret": secret, "integration_code": CODE},
            "field_nation": {
                "base_url": self.sims.field_nation,
                "client_id": f"client{number}",
                "client_secret": "fn-secret",
                "username": f"fn{number}",
                "password": "correct horse battery",
                "calls_per_minute": 60_000,
            },
            "settings": settings or {},
            "mappings": {"inbound": list(inbound if inbound is not None else mapping())},
        }

    @contextlib.asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """A worker in this process, stopped cleanly at the end."""
        stop = Stop()
        task = asyncio.create_task(make_worker(self.wiring, stop, stop.wake).run())
        try:
            yield
        finally:
            stop.request()
            await task

    @contextlib.asynccontextmanager
    async def process(self, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """A real worker process: `-m app worker`, or the module and arguments given; killed at the end if alive."""
        command = arguments or ("app", "worker")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *command, env=self.environment(), stdin=asyncio.subprocess.DEVNULL
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """What the database itself says."""
        async with self.wiring.engine.begin() as connection:
            result = await connection.execute(text(statement), values)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    def environment(self) -> dict[str, str]:
        """What a broker process of this kit is started with."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BROKER_")}  # noqa: TID251 - a child's environment
        return inherited | variables(self.wiring.url, self.sims, self.settings) | dict(self.changes)

    async def settled(self, timeout_s: float = 30.0, every_s: float = 0.05) -> None:
        """Returns when no receipt of any customer waits."""
        await until(self._nothing_waits, timeout_s, every_s)

    async def _nothing_waits(self) -> bool:
        return all(not row["counters"]["waiting"] for row in await self.desk.health.connections())

    async def check_identity(self) -> None:
        """Both sides of the accounting identity, and no ticket with two work orders."""
        for row in await self.desk.health.connections():
            assert row["identity"]["holds"], row["identity"]
        for customer in self.customers:
            marks = [order["incident_id"] for order in await customer.orders() if order["incident_id"]]
            active = [mark for mark in marks if mark]
            assert len(active) == len(set(active)) or customer.connection.file.settings.redispatch


def merged(document: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The document with more of it; sections that both have are put together."""
    joined = dict(document)
    for name, value in more.items():
        own = joined.get(name)
        joined[name] = merged(own, value) if isinstance(own, dict) and isinstance(value, dict) else value
    return joined


async def until(condition: Callable[[], Any], timeout_s: float = 30.0, every_s: float = 0.05) -> None:
    """Waits for a state that can be asked for."""
    limit = time.monotonic() + timeout_s
    while not await condition():
        assert time.monotonic() < limit, f"still not so after {timeout_s} s"
        await asyncio.sleep(every_s)  # noqa: TID251 - there is no signal to wait for across processes


def variables(url: str, sims: Simulators, settings: Settings | None = None) -> dict[str, str]:
    """The environment of a broker on that database against those simulators."""
    keys = (
        settings.secret_keys[0].get_secret_value() if settings else base64.b64encode(secrets.token_bytes(32)).decode()
    )
    hosts = ",".join(place.removeprefix("http://") for place in (sims.autotask, sims.field_nation))
    return {
        "BROKER_DATABASE_URL": url,
        "BROKER_SECRET_KEYS": keys,
        "BROKER_ADMIN_TOKEN": "admin-token-of-the-tests",
        "BROKER_VIEWER_TOKEN": "viewer-token-of-the-tests",
        "BROKER_AUTOTASK_DISCOVERY_URL": f"{sims.autotask}/atservicesrest",
        "BROKER_UPSTREAM_HOSTS": hosts,
        "BROKER_LEASE_S": str(LEASE_S),
        "BROKER_HORIZON_S": str(HORIZON_S),
        "BROKER_LOG_LEVEL": "warning",
        "BROKER_LOG_FORMAT": "json",
    }


@contextlib.asynccontextmanager
async def standing(url: str, sims: Simulators, changes: Mapping[str, str]) -> AsyncIterator[Kit]:
    """A broker over that database, its web side on a socket of its own; `changes` are variables set otherwise."""
    wanted = variables(url, sims) | dict(changes)
    fields = {name.removeprefix("BROKER_").lower(): value for name, value in wanted.items()}
    settings = Settings(_env_file=None, **fields)  # type: ignore[call-arg]  # read from the environment by name
    async with (
        wired(settings) as wiring,
        httpx.AsyncClient(timeout=30, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)) as http,
        listening(web_app(wiring, lambda: False), "127.0.0.1", 0) as port,
    ):
        web = f"http://127.0.0.1:{port}"
        public = settings.model_copy(update={"public_url": web})
        desk = desk_over(_with_settings(wiring, public))
        yield Kit(public, wiring, desk, sims, web, http, changes)


def _with_settings(wiring: Wiring, settings: Settings) -> Wiring:
    return replace(wiring, settings=settings)
