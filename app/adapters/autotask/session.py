"""Calls with the credentials of one API user, and the care that keeps the vendor from locking that user out."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.adapters.autotask.caches import AccountCaches
from app.adapters.autotask.wire import refusals
from app.adapters.autotask.wire.answers import decipher, limit_of, proves_credentials
from app.adapters.autotask.wire.contract import Operation
from app.adapters.autotask.wire.metadata import read_usage
from app.adapters.autotask.wire.zone import Zone, address, discovery_address, read_zone
from app.adapters.http.gates import BytesGate, Gate, HourGate, ThreadGates
from app.adapters.http.sender import HttpRequest, Sender
from app.core.model.document import Document
from app.core.model.failure import NotSent, Refused, Rejected, Throttled, Transient
from app.core.model.permit import Opening
from app.ports.clock import Clock
from app.ports.tickets import Usage

VERSION = Operation("GET", "Version")
USAGE = Operation("GET", "ThresholdInformation")
_DISCOVERY = Operation("GET", "ZoneInformation")
_TIMEOUT_S = 100.0


@dataclass(frozen=True, slots=True)
class AutotaskAccess:
    """Who calls, and where discovery starts (an address such as https://webservices.autotask.net/atservicesrest)."""

    discovery_url: str
    username: str
    secret: str = field(repr=False)
    integration_code: str = field(repr=False)

    def headers(self, as_resource: int | None = None) -> Mapping[str, str]:
        """The headers of every authenticated call (Autotask developer help, REST security and authentication).

        `as_resource` is whom the vendor shall show as the creator (the same help, impersonation)."""
        acting = {} if as_resource is None else {"ImpersonationResourceId": str(as_resource)}
        return acting | {
            "UserName": self.username,
            "Secret": self.secret,
            "ApiIntegrationCode": self.integration_code,
            "Content-Type": "application/json",
        }


@dataclass(frozen=True, slots=True)
class AutotaskGates:
    """The gates of one account: calls in flight for each endpoint, the share of the hour, the bytes of files."""

    threads: ThreadGates
    hour: HourGate
    files: BytesGate


class _ReadingGate:
    """Counts the call that reads the limit, without asking whether the limit allows it."""

    def __init__(self, hour: HourGate) -> None:
        self._hour = hour

    async def enter(self) -> None:
        await self._hour.enter_for_reading()

    def leave(self) -> None:
        self._hour.leave()


@dataclass(frozen=True, slots=True)
class _Ask:
    """One call to make; the fields are those of `Session.call`."""

    operation: Operation
    body: Document | None = None
    permit: Opening | None = None
    url: str = ""
    as_resource: int | None = None


@dataclass(slots=True)
class Meter:
    """What was sent, by endpoint: how many calls, and the time until their answers were there."""

    clock: Clock
    calls: Counter[str] = field(default_factory=Counter)
    waited_s: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


class _Metered:
    """The last gate: counts a call and its time."""

    def __init__(self, meter: Meter, endpoint: str) -> None:
        self._meter = meter
        self._endpoint = endpoint
        self._since_s = 0.0

    async def enter(self) -> None:
        self._meter.calls[self._endpoint] += 1
        self._since_s = self._meter.clock.boot_s()

    def leave(self) -> None:
        self._meter.waited_s[self._endpoint] += self._meter.clock.boot_s() - self._since_s


class _WhileProven:
    """Stops a call that waited its turn while another one learnt that the credentials are not accepted any more."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    async def enter(self) -> None:
        if not self._session.is_proven:
            raise Refused("The credentials are in doubt.")

    def leave(self) -> None:
        """Nothing is held."""


class Session:
    """Makes calls for one API user.

    Until the vendor has accepted the credentials once, calls go one at a time: wrong ones cost the first call and
    one neutral probe, since the vendor locks users out. After that nothing is called until `retry_credentials`.
    """

    def __init__(
        self, sender: Sender, clock: Clock, access: AutotaskAccess, gates: AutotaskGates, caches: AccountCaches
    ) -> None:
        self.meter = Meter(clock)
        self._sender = sender
        self._clock = clock
        self._access = access
        self._gates = gates
        self._caches = caches
        self._door = asyncio.Lock()
        self._proven = False
        self._refused: Refused | None = None

    @property
    def is_proven(self) -> bool:
        """Whether the vendor accepted the credentials the last time that it looked at them."""
        return self._proven

    async def zone(self) -> Zone:
        """Where the database lives, from the cache or by discovery. Raises `Refused` for an unknown user."""
        self._stay_refused()
        try:
            return await self._caches.zones.get(self._access.username, self._discover)
        except Refused as refused:
            raise self._refuse(refused) from None

    async def call(
        self,
        operation: Operation,
        body: Document | None = None,
        permit: Opening | None = None,
        *,
        url: str = "",
        as_resource: int | None = None,
    ) -> Document:
        """The answer's object. `url` is a next page's address, known to be at the zone's host, or empty;
        `as_resource` is whom the vendor shall show as the creator."""
        try:
            await self._read_usage_when_due(operation)
            return await self._answered(_Ask(operation, body, permit, url, as_resource))
        except Transient as trouble:
            if permit is None:
                raise
            # The write's own trouble has other names; this was met on the way to it.
            raise NotSent(f"Nothing was written: {trouble.text}", detail=trouble.detail) from trouble

    async def usage(self) -> Usage:
        """The limit and everybody's use of it; the hour's gate learns of it."""
        usage = read_usage(await self.call(USAGE), self._clock.now())
        self._gates.hour.note_reading(usage.limit, usage.used, usage.window_minutes)
        return usage

    def retry_credentials(self) -> None:
        """Lets the next call try credentials that were refused."""
        self._refused = None

    async def _read_usage_when_due(self, operation: Operation) -> None:
        if operation != USAGE and self._refused is None and self._gates.hour.begin_reading():
            try:
                await self.usage()
            except (Transient, Rejected, Throttled):
                # The budget goes on with what it knows; the next reading is due in five minutes.
                return

    async def _answered(self, ask: _Ask) -> Document:
        if self._proven:
            try:
                return await self._exchange(ask, _WhileProven(self))
            except Refused:
                self._proven = False
                async with self._door:
                    return await self._recovered(ask)
        async with self._door:
            self._stay_refused()
            try:
                return await self._exchange(ask)
            except Refused:
                return await self._recovered(ask)

    async def _recovered(self, ask: _Ask) -> Document:
        """The answer in spite of a refusal, when another caller or another zone mended it meanwhile.

        Makes at most one more authenticated call before the credentials count as refused.
        """
        self._stay_refused()
        if self._proven or await self._has_moved():
            return await self._again(ask)
        if ask.operation == VERSION:
            raise self._refuse(Refused("Autotask does not accept the credentials of the API user."))
        await self._again(_Ask(VERSION))
        text = f"Autotask accepts the credentials, but not for {ask.operation.method} {ask.operation.path}."
        raise Rejected("autotask_permission", text)

    async def _again(self, ask: _Ask) -> Document:
        if ask.url:
            raise Transient("The database moved to another zone between two pages of a query.")
        try:
            return await self._exchange(ask)
        except Refused as refused:
            raise self._refuse(refused) from None

    async def _has_moved(self) -> bool:
        """Whether discovery, asked once more, names another zone than before."""
        old = await self.zone()
        try:
            new = await self._discover()
        except Transient:
            return False
        except Refused as refused:
            raise self._refuse(refused) from None
        self._caches.zones.put(self._access.username, new)
        return new.url != old.url

    def _stay_refused(self) -> None:
        if self._refused is not None:
            raise Refused(self._refused.text, detail=self._refused.detail)

    def _refuse(self, refused: Refused) -> Refused:
        self._proven = False
        self._refused = refused
        return refused

    async def _exchange(self, ask: _Ask, *more: Gate) -> Document:
        operation = ask.operation
        zone = await self.zone()
        request = HttpRequest(
            operation.method,
            ask.url or address(zone, operation.path),
            headers=self._access.headers(ask.as_resource),
            json=ask.body,
            timeout_s=_TIMEOUT_S,
        )
        answer = await self._sender.send(request, permit=ask.permit, gates=self._gates_of(operation, *more))
        if self._refused is None and proves_credentials(answer):
            self._proven = True
        try:
            return decipher(operation, answer, self._clock.now())
        except Throttled as throttled:
            await self._note_limit(limit_of(answer), throttled.until)
            raise

    async def _note_limit(self, limit: str, until: datetime) -> None:
        if limit == refusals.REQUESTS:
            self._gates.hour.block_until(until)
        elif limit == refusals.UPLOADS:
            await self._gates.files.block_until(until)

    def _gates_of(self, operation: Operation, *more: Gate) -> Sequence[Gate]:
        hour: Gate = _ReadingGate(self._gates.hour) if operation == USAGE else self._gates.hour
        return (self._gates.threads.of(operation.endpoint), *more, hour, _Metered(self.meter, operation.endpoint))

    async def _discover(self) -> Zone:
        """Discovery needs no credentials and counts against no thread limit (Autotask's Postman collection)."""
        url = discovery_address(self._access.discovery_url)
        request = HttpRequest("GET", url, params={"user": self._access.username}, timeout_s=_TIMEOUT_S)
        answer = await self._sender.send(request, gates=(_Metered(self.meter, _DISCOVERY.endpoint),))
        return read_zone(decipher(_DISCOVERY, answer, self._clock.now()), self._access.discovery_url)
