"""Vendors of a connection, opened with its credentials behind the limits of its account."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.adapters.autotask.caches import AccountCaches
from app.adapters.autotask.client import AutotaskTickets
from app.adapters.autotask.session import AutotaskAccess, AutotaskGates
from app.adapters.fieldnation.auth import Grant
from app.adapters.fieldnation.client import FieldNationWorkOrders
from app.adapters.fieldnation.definitions import FieldNationDefinitions
from app.adapters.fieldnation.parts import FieldNationParts
from app.adapters.fieldnation.session import FieldNationSession
from app.adapters.fieldnation.webhooks import FieldNationEvents
from app.adapters.http.downloads import Downloads
from app.adapters.http.gates import ThreadGates, open_bytes_gate, open_hour_gate, open_minute_gate
from app.adapters.http.leased import LeasedSender
from app.adapters.http.sender import Sender
from app.core.model.connection import ConnectionFile
from app.ports.budgets import Budgets
from app.ports.clock import Clock
from app.ports.hosting import Hosted
from app.ports.vendors import VendorPair

_HOST_THREADS, _PERSON_THREADS = 2, 1
"""Of Autotask's three threads per endpoint a host takes two and leaves one to a person's commands."""


@dataclass(slots=True)
class _Shared:
    """What the connections of one hosted account share, for as long as any of them is open."""

    gates: AutotaskGates
    caches: AccountCaches
    file_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


@dataclass(slots=True)
class LiveVendors:
    """Implements `Vendors`. `integration_code` is used where a connection leaves its own blank."""

    sender: Sender
    clock: Clock
    budgets: Budgets
    discovery_url: str
    integration_code: str
    _shared: dict[tuple[int, int], _Shared] = field(default_factory=dict)

    @asynccontextmanager
    async def open(
        self, file: ConnectionFile, secrets: Mapping[str, str], *, scope: str, hosted: Hosted | None
    ) -> AsyncIterator[VendorPair]:
        """Both systems; with `hosted`, behind its lease and budgets, which are given back at the end."""
        sender = LeasedSender(self.sender, hosted, self.clock) if hosted else self.sender
        shared = await self._join(file, scope, hosted)
        minute = await open_minute_gate(self.clock, self.budgets, scope, hosted, file.field_nation.calls_per_minute)
        tickets = AutotaskTickets(sender, self.clock, self._access(file, secrets), shared.gates, shared.caches)
        part = file.field_nation
        grant = Grant(
            part.grant,
            part.client_id,
            secrets["field_nation.client_secret"],
            part.username,
            secrets.get("field_nation.password", ""),
        )
        session = FieldNationSession(sender, self.clock, part.base_url, grant, minute)
        orders, parts = FieldNationWorkOrders(session), FieldNationParts(session)
        events, files = FieldNationEvents(session), Downloads(sender, self.clock, shared.file_turn)
        try:
            yield VendorPair(tickets, tickets, orders, parts, events, files, FieldNationDefinitions(session))
        finally:
            await minute.release()
            await self._leave(shared, hosted)

    def _access(self, file: ConnectionFile, secrets: Mapping[str, str]) -> AutotaskAccess:
        code = file.autotask.integration_code or self.integration_code
        return AutotaskAccess(self.discovery_url, file.autotask.username, secrets["autotask.secret"], code)

    async def _join(self, file: ConnectionFile, scope: str, hosted: Hosted | None) -> _Shared:
        if hosted is None:
            hour = await open_hour_gate(self.clock, self.budgets, scope, None, file.autotask.calls_per_hour)
            files = await open_bytes_gate(self.clock, self.budgets, f"{scope}:bytes", None)
            return _Shared(AutotaskGates(ThreadGates(_PERSON_THREADS), hour, files), AccountCaches(self.clock))
        key = (hosted.account_id, hosted.epoch)
        if key not in self._shared:
            account = f"account:{hosted.account_id}"
            hour = await open_hour_gate(self.clock, self.budgets, account, hosted, file.autotask.calls_per_hour)
            files = await open_bytes_gate(self.clock, self.budgets, f"{account}:bytes", hosted)
            fresh = _Shared(AutotaskGates(ThreadGates(_HOST_THREADS), hour, files), AccountCaches(self.clock))
            self._shared.setdefault(key, fresh)
        shared = self._shared[key]
        shared.users += 1
        return shared

    async def _leave(self, shared: _Shared, hosted: Hosted | None) -> None:
        if hosted is None:
            return
        shared.users -= 1
        if shared.users == 0:
            self._shared.pop((hosted.account_id, hosted.epoch), None)
            await shared.gates.hour.release()
            await shared.gates.files.release()
