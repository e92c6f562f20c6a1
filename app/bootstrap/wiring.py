"""Wiring: every adapter made once, in one place, from the settings."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from app import __version__
from app.adapters.http.sender import Sender
from app.adapters.postgres.budgets import PostgresBudgets
from app.adapters.postgres.connections import PostgresConnections
from app.adapters.postgres.desk import PostgresJobDesk
from app.adapters.postgres.embedded import start_embedded
from app.adapters.postgres.engine import make_engine
from app.adapters.postgres.fields import PostgresFields
from app.adapters.postgres.health import PostgresHealthDesk
from app.adapters.postgres.hosting import PostgresHosting
from app.adapters.postgres.inbox import PostgresInbox
from app.adapters.postgres.jobs import PostgresJobs
from app.adapters.postgres.ledger import PostgresLedger
from app.adapters.postgres.links import PostgresLinks, PostgresPersonsLinks
from app.adapters.postgres.migrate import upgrade
from app.adapters.postgres.records import PostgresRecordDesk
from app.adapters.postgres.sweeps import PostgresSweeps
from app.adapters.postgres.tokens import PostgresTokens
from app.adapters.postgres.upkeep import PostgresUpkeep
from app.adapters.system.clock import SystemClock
from app.adapters.system.mail import LoggedMail, SmtpMail, SmtpServer
from app.adapters.system.secrets import AesSealer
from app.bootstrap.vendors import LiveVendors
from app.ports.mail import Mail
from app.settings import Settings, generate

PROCESS = secrets.token_hex(6)
"""Names this process to the other ones on its database, and in a vendor's log."""

USER_AGENT = f"broker/{__version__} ({PROCESS})"


@dataclass(frozen=True, slots=True)
class Wiring:
    """Everything that lives as long as the process. `shown` are generated tokens, to be shown this once."""

    settings: Settings
    shown: Mapping[str, str]
    url: str
    clock: SystemClock
    engine: AsyncEngine
    inbox: PostgresInbox
    hosting: PostgresHosting
    jobs: PostgresJobs
    job_desk: PostgresJobDesk
    record_desk: PostgresRecordDesk
    health: PostgresHealthDesk
    ledger: PostgresLedger
    links: PostgresLinks
    persons_links: PostgresPersonsLinks
    connections: PostgresConnections
    tokens: PostgresTokens
    sweeps: PostgresSweeps
    fields: PostgresFields
    upkeep: PostgresUpkeep
    sealer: AesSealer
    sender: Sender
    vendors: LiveVendors
    mail: Mail

    @property
    def horizon(self) -> timedelta:
        """How long after sending a vendor may still be carrying a call out."""
        return timedelta(seconds=self.settings.horizon_s)


@asynccontextmanager
async def wired(settings: Settings) -> AsyncIterator[Wiring]:
    """Starts what the settings ask for (an embedded database is brought to the newest schema) and stops it again."""
    generated = generate(settings)
    async with _database(settings) as url:
        engine = make_engine(url, process=PROCESS)
        sender = Sender(SystemClock(), frozenset(settings.upstream_hosts), USER_AGENT)
        wiring = _wire(generated.settings, generated.shown, url, engine, sender)
        try:
            yield wiring
        finally:
            await wiring.inbox.drain()
            await sender.aclose()
            await wiring.hosting.close()
            await engine.dispose()


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[str]:
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    embedded = await start_embedded(settings.data_dir)
    try:
        await upgrade(embedded.url)
        yield embedded.url
    finally:
        await embedded.stop()


def _wire(settings: Settings, shown: Mapping[str, str], url: str, engine: AsyncEngine, sender: Sender) -> Wiring:
    clock = SystemClock()
    budgets = PostgresBudgets(engine)
    code = settings.autotask_integration_code.get_secret_value()
    return Wiring(
        settings=settings,
        shown=shown,
        url=url,
        clock=clock,
        engine=engine,
        inbox=PostgresInbox(engine),
        hosting=PostgresHosting(engine, url, clock, lease_s=settings.lease_s),
        jobs=PostgresJobs(engine),
        job_desk=PostgresJobDesk(engine),
        record_desk=PostgresRecordDesk(engine),
        health=PostgresHealthDesk(engine),
        ledger=PostgresLedger(engine, clock, lease_s=settings.lease_s),
        links=PostgresLinks(engine),
        persons_links=PostgresPersonsLinks(engine),
        connections=PostgresConnections(engine),
        tokens=PostgresTokens(engine),
        sweeps=PostgresSweeps(engine),
        fields=PostgresFields(engine),
        upkeep=PostgresUpkeep(engine),
        sealer=AesSealer(settings.keys()),
        sender=sender,
        vendors=LiveVendors(sender, clock, budgets, settings.autotask_discovery_url, code),
        mail=_mail(settings),
    )


def _mail(settings: Settings) -> Mail:
    if settings.smtp_url is None:
        return LoggedMail()
    server = SmtpServer.from_url(settings.smtp_url.get_secret_value())
    return SmtpMail(server, settings.mail_from or "")
