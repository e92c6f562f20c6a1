"""The sweep: the scheduled look for what no event announced, and for what should be looked after.

It writes nothing itself. It raises the jobs of work orders and tickets that deserve a look, and says what is wrong with
the webhooks and the silence around them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from app.core.mapping.digests import digest
from app.core.model.document import Document, Json
from app.core.model.failure import Failure, Rejected, Throttled, Transient
from app.core.model.finding import Finding, Severity
from app.core.model.ids import JobId, WorkOrderId
from app.core.model.job import Job, JobKind, Option
from app.core.model.ledger import LedgerEntry, LedgerState
from app.core.model.link import Link
from app.core.model.outcome import FollowUp, Result, Settled, Settlement
from app.core.planning.statuses import APPROVED, CANCELLED, PAID
from app.core.planning.targets import status_id
from app.ports.sweeps import Quiet, Sweeps, SweepState
from app.ports.tickets import Filter
from app.ports.vendors import VendorPair
from app.services.file_check import check_references
from app.services.look import id_of
from app.services.related import whole_number
from app.services.site import Site
from app.services.stories import Pass

_log = structlog.get_logger(__name__)

FINAL: Final = frozenset({APPROVED, PAID, CANCELLED})
"""Statuses after which a work order is looked at once more, and then only when its row in the list changes."""

_COLUMNS: Final = (
    *("id", "title", "status", "schedule", "closing_notes", "custom_fields"),
    *("time_logs", "pay", "messages", "attachments"),
)
_WHOLE_LOOK: Final = timedelta(hours=6)
_DAILY: Final = timedelta(hours=24)
_HOURLY: Final = timedelta(hours=1)
_PAID_WITHIN: Final = timedelta(days=30)
_MARGIN: Final = timedelta(minutes=10)
_FIRST_LOOK_BACK: Final = timedelta(days=1)
_LOST_KEPT: Final = timedelta(days=1)
"""For so long after a lost answer the vendor is asked whether it carried the call out after all."""
_ROWS_PER_LINK, _LEAST_ROWS = 20, 500
"""A list is read on for so many rows; work orders further back are looked at by their own call every six hours."""
_UNLISTED: Final = "not listed"
"""Stands for the row of a work order that the list does not have."""
_IDS_PER_QUERY: Final = 500
_SILENCE_WITHIN: Final = timedelta(days=14)
_LEAST_TRIGGERS: Final = 20
_ACTIVITY: Final = {
    "Tickets": "lastActivityDate",
    "ServiceCalls": "lastModifiedDateTime",
    "Projects": "lastActivityDateTime",
}

WebhookCheck = Callable[[VendorPair, Site], Awaitable[Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Sweep:
    """The story of `sweep` jobs. `check_webhooks` says what is wrong with those of a connection."""

    sweeps: Sweeps
    check_webhooks: WebhookCheck

    def record(self, job: Job) -> str:
        """Findings of a sweep are the connection's."""
        return f"sweep:{job.key}"

    async def prepare(self, site: Site, jobs: Sequence[Job]) -> Mapping[JobId, Pass]:
        """There is one sweep for a connection."""
        return {job.id: _SweepPass(self, site, self.record(job)).run for job in jobs}


@dataclass(slots=True)
class _SweepPass:
    story: Sweep
    site: Site
    record: str
    findings: list[Finding] = field(default_factory=list)
    raised: dict[tuple[JobKind, str], set[str]] = field(default_factory=dict)

    async def run(self) -> Settlement:
        """Looks everywhere once; what one look cannot do now is said and does not stop the others."""
        site = self.site
        state = await self.story.sweeps.load(site.connection.id)
        links = list(await site.links.active(site.connection.id))
        rows = await self._rows(links, state.now)
        self._raise_orders(links, rows, state.now)
        since = (state.began_at or state.now - _FIRST_LOOK_BACK) - _MARGIN
        await self._raise_tickets(links, since)
        memory = dict(state.state)
        await self._raise_waiting(memory, state)
        await self._check(memory, state)
        await self._read_fields(memory)
        self.findings.extend(self._silence(await self.story.sweeps.quiet(site.connection.id, _SILENCE_WITHIN)))
        await site.links.note_rows(site.hosted, site.connection.id, {id: row for id, (row, _) in rows.items()})
        await self.story.sweeps.save(site.hosted, site.connection.id, state.now, memory)
        return self._settled()

    def _settled(self) -> Settled:
        then = tuple(FollowUp(kind, key, tuple(sorted(asked))) for (kind, key), asked in sorted(self.raised.items()))
        text = f"{len(links_of(then))} work orders and {len(then) - len(links_of(then))} other things are looked at."
        result = Result.WRITTEN if then else Result.UNCHANGED
        return Settled(result, "", text if then else "", tuple(self.findings), None, then)

    def _raise(self, kind: JobKind, key: object, *options: Option) -> None:
        self.raised.setdefault((kind, str(key)), set()).update(option.value for option in options)

    async def _rows(self, links: Sequence[Link], now: datetime) -> dict[WorkOrderId, tuple[str, int]]:
        """Digest and status of the list rows of linked work orders, newest first, as far back as is worth it. The list
        leaves out what is paid, cancelled or deleted: a watched one that is missing is told apart once, too."""
        wanted = {link.work_order_id: link.examined.status for link in links if _is_watched(link, now)}
        known = {link.work_order_id for link in links}
        found: dict[WorkOrderId, tuple[str, int]] = {}
        if not wanted:
            return found
        seen, oldest, read_to = 0, min(wanted), WorkOrderId(0)
        async for row in self.site.vendors.work_orders.list(_COLUMNS):
            id, seen = id_of(row), seen + 1
            if id in known:
                found[id] = (digest(row), status_id(row) or 0)
            if id <= oldest or seen >= max(_LEAST_ROWS, _ROWS_PER_LINK * len(wanted)):
                read_to = id
                break
        missing = {id: (_UNLISTED, status) for id, status in wanted.items() if id not in found and id >= read_to}
        return found | missing

    def _raise_orders(self, links: Sequence[Link], rows: Mapping[WorkOrderId, tuple[str, int]], now: datetime) -> None:
        for link in links:
            row, status = rows.get(link.work_order_id, ("", link.examined.status))
            if _deserves_a_look(link, row, status, now):
                self._raise(JobKind.PUSH_WORK_ORDER, link.work_order_id)

    async def _raise_tickets(self, links: Sequence[Link], since: datetime) -> None:
        """Paired tickets that changed, and those that the file lets the sweep import."""
        entity = self.site.outbound.entity
        recent = {"op": "gte", "field": _ACTIVITY[entity], "value": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
        paired = sorted(link.ticket_id for link in links)
        for start in range(0, len(paired), _IDS_PER_QUERY):
            ids: Document = {"op": "in", "field": "id", "value": paired[start : start + _IDS_PER_QUERY]}
            await self._import(entity, [recent, ids])
        wanted = self.site.connection.file.settings.import_when
        if wanted is not None:
            await self._import(entity, [recent, *wanted])

    async def _import(self, entity: str, conditions: Filter) -> None:
        async for row in self.site.vendors.tickets.query(entity, conditions, ("id",)):
            id = whole_number(row.get("id"))
            if id is not None:
                self._raise(JobKind.IMPORT_TICKET, id)

    async def _raise_waiting(self, memory: dict[str, Json], state: SweepState) -> None:
        """Blocked items once a day; and what was sent without an answer is looked for a second time."""
        site = self.site
        if self._is_due(memory, "retried_at", _DAILY, state.now):
            for entry in await site.ledger.search(site.connection.id, states=[LedgerState.BLOCKED]):
                self._raise_owner(entry, Option.RETRY)
        for entry in await site.ledger.search(site.connection.id, lost_within=_LOST_KEPT):
            if entry.state is not LedgerState.QUARANTINED:
                self._raise_owner(entry, Option.AUDIT)

    def _raise_owner(self, entry: LedgerEntry, option: Option) -> None:
        whose, _, id = entry.key.owner.partition(":")
        if whose == "ticket":
            self._raise(JobKind.IMPORT_TICKET, id, option)
        elif whose == "work_order":
            kind = JobKind.PUSH_FILES if entry.key.kind == "attachment" else JobKind.PUSH_WORK_ORDER
            self._raise(kind, id, option)

    async def _check(self, memory: dict[str, Json], state: SweepState) -> None:
        """The webhooks, once an hour; what was found stays said in between."""
        if not self._is_due(memory, "webhooks_at", _HOURLY, state.now):
            self.findings.extend(_remembered(memory.get("webhooks"), self.record))
            return
        try:
            found = await self.story.check_webhooks(self.site.vendors, self.site)
        except (Throttled, Transient, Rejected) as failure:
            found = [_not_checked(failure, self.record)]
        self.findings.extend(_filed(found, self.record))
        memory["webhooks"] = _kept(found)

    async def _read_fields(self, memory: dict[str, Json]) -> None:
        """The fields of both systems, once an hour, and the records that the file names by their ids: what a change
        breaks is found before a write fails. What was found stays said in between."""
        site = self.site
        if await site.fields.age() < _HOURLY:
            self.findings.extend(_remembered(memory.get("references"), self.record))
            return
        try:
            changes = await site.fields.refresh()
            found = (await check_references(site.connection.file, site.fields, site.vendors.tickets)).findings
        except (Throttled, Transient, Rejected) as failure:
            _log.warning("fields.not_read", connection=site.connection.name, reason=failure.text)
            return
        for change in changes:
            _log.info("fields.changed", connection=site.connection.name, **asdict(change))
        self.findings.extend(_filed(found, self.record))
        memory["references"] = _kept(found)

    @staticmethod
    def _is_due(memory: dict[str, Json], name: str, every: timedelta, now: datetime) -> bool:
        """Whether so long has passed since; notes the time when it has."""
        before = memory.get(name)
        if isinstance(before, str) and now - datetime.fromisoformat(before) < every:
            return False
        memory[name] = now.isoformat()
        return True

    def _silence(self, sources: Sequence[Quiet]) -> list[Finding]:
        return [
            Finding(
                "silence",
                Severity.WARNING,
                self.record,
                f"Nothing came from {one.source.replace('_', ' ')} for {_hours(one.silent_for)}; the longest silence "
                f"before was {_hours(one.longest_before)}.",
                "Check the webhook or the workflow rule that sends it; the sweep looks after linked records meanwhile.",
                one.source,
            )
            for one in sources
            if one.triggers >= _LEAST_TRIGGERS and one.silent_for > max(_DAILY, 3 * one.longest_before)
        ]


def links_of(then: Sequence[FollowUp]) -> list[FollowUp]:
    """Those that look at a work order."""
    return [one for one in then if one.kind in (JobKind.PUSH_WORK_ORDER, JobKind.PUSH_FILES)]


def _is_watched(link: Link, now: datetime) -> bool:
    """Whether the list is read as far back as this work order: while it is in work, and for a while after its approval,
    which its payment follows."""
    examined = link.examined
    is_to_be_paid = examined.status == APPROVED and examined.at is not None and now - examined.at < _PAID_WITHIN
    return examined.status not in FINAL or is_to_be_paid


def _deserves_a_look(link: Link, row: str, status: int, now: datetime) -> bool:
    """Never looked at; changed in the list, or first seen there; final now and not when it was looked at; or not looked
    at for hours."""
    examined = link.examined
    if examined.at is None or (row and row != examined.row):
        return True
    if status in FINAL:
        return examined.status != status
    return now - examined.at > _WHOLE_LOOK


def _not_checked(failure: Failure, record: str) -> Finding:
    return Finding(
        "webhook_not_checked",
        Severity.INFO,
        record,
        f"The webhooks could not be looked at: {failure.text}",
        "Nothing, if triggers come; else give the API user the right to see webhooks.",
    )


def _filed(found: Sequence[Finding], record: str) -> list[Finding]:
    return [Finding(f.code, f.severity, record, f.text, f.mend, f.field) for f in found]


def _kept(found: Sequence[Finding]) -> Json:
    return [[f.code, str(f.severity), f.text, f.mend, f.field] for f in found]


def _remembered(rows: Any, record: str) -> list[Finding]:
    kept = rows if isinstance(rows, list | tuple) else ()
    return [Finding(row[0], Severity(row[1]), record, row[2], row[3], row[4]) for row in kept]


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.0f} hours"
