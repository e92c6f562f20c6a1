"""Expense reports: the open one of a submitter and a week, made when it is missing, another one when it was closed."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from app.core.mapping.digests import digest
from app.core.model.document import Document
from app.core.model.failure import Rejected, Throttled
from app.core.model.intent import Intent, Phase
from app.core.model.ledger import Adopted, EntryKey, LedgerEntry, LedgerState
from app.core.model.permit import Opening
from app.core.planning.targets import read_moment
from app.core.planning.ticket.context import at_midnight
from app.core.planning.ticket.money import week_ending
from app.ports.tickets import Filter
from app.services.execute import Write
from app.services.site import Site

REPORT: Final = "expense_report"
"""Their kind in the ledger."""

_CLOSED: Final = "autotask_report_closed"
_MOST_REPORTS: Final = 20
_OPEN_LABELS: Final = frozenset({"in progress", "rejected"})
"""Statuses in which a report takes items (Autotask developer help, expense items)."""


class ExpenseReports:
    """Reports belong to the submitter and the week, not to a work order: passes that need the same one take turns."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def add(self, item: Intent, put: Callable[[Intent], Awaitable[int]]) -> int:
        """Puts the item into the open report of its week; when that was closed meanwhile, into another one."""
        submitter = self._site.connection.file.expenses.submitter_id or 0
        week = week_ending(self._day(item.body), self._site.connection.file.expenses.week_ends_on)
        owner = f"{REPORT}:{submitter}"
        async with self._site.turn(f"{owner}/{week}"):
            for _ in range(_MOST_REPORTS):
                key, report = await self._report(owner, submitter, week)
                try:
                    return await put(_under(item, report))
                except Rejected as failure:
                    if failure.code != _CLOSED:
                        raise
                    await self._close(owner, key, report)
        raise Rejected(_CLOSED, f"Every expense report of the week that ends on {week} is closed.")

    async def settle_lost(self, lost: Sequence[LedgerEntry]) -> None:
        """Looks up those whose create has had no answer for the horizon, whether or not an item still needs them."""
        for entry in lost:
            if entry.age >= self._site.horizon:
                async with self._site.turn(f"{entry.key.owner}/{_week_of(entry)}"):
                    await self._settle(entry)

    async def _settle(self, lost: LedgerEntry) -> None:
        """A pass that needed the report may have settled it meanwhile. A doubt is recorded with the entry."""
        entries = await self._site.ledger.entries(self._site.connection.id, [lost.key.owner])
        entry = next(one for one in entries[lost.key.owner] if one.id == lost.id)
        if entry.state is LedgerState.OPEN and entry.age >= self._site.horizon:
            submitter = int(lost.key.owner.partition(":")[2])
            with contextlib.suppress(Rejected):
                await self._resolve(entry, await self._standing(submitter, _week_of(entry), set()))

    def _day(self, body: Document) -> date:
        moment = read_moment(body.get("expenseDate"))
        if moment is None:
            raise Rejected("autotask_required", "The expense has no date.", field="expenseDate")
        return moment.date()

    async def _report(self, owner: str, submitter: int, week: date) -> tuple[str, int]:
        entries = await self._site.ledger.entries(self._site.connection.id, [owner])
        own = {entry.key.key: entry for entry in entries.get(owner, ())}
        closed = {entry.remote_id for entry in own.values() if entry.state is LedgerState.BLOCKED}
        key = next(k for k in _keys(week) if k not in own or own[k].state is not LedgerState.BLOCKED)
        entry = own.get(key)
        if entry is not None and entry.state is LedgerState.WRITTEN:
            return key, int(entry.remote_id)
        if entry is not None and entry.state is LedgerState.QUARANTINED:
            raise Rejected("report_quarantined", f"Which expense report to use is open: {entry.note}")
        found = await self._standing(submitter, week, closed)
        if entry is not None and entry.state is LedgerState.OPEN:
            lost = await self._resolve(entry, found)
            if lost:
                return key, lost
        elif found:
            report = min(found)
            adopted = Adopted(EntryKey(owner, REPORT, key), "find", "", str(report), {}, "was open already")
            await self._site.ledger.adopt(self._site.hosted, self._site.connection.id, [adopted])
            return key, report
        return key, await self._create(owner, key, submitter, week)

    async def _standing(self, submitter: int, week: date, closed: set[str]) -> dict[int, str]:
        """Open reports of the submitter and week, by id with their names."""
        status = (await self._site.fields.catalog("ExpenseReports")).field("status")
        takes = {pick.value for pick in (status.values if status else ()) if pick.label.lower() in _OPEN_LABELS}
        asked: Filter = [
            {"op": "eq", "field": "submitterID", "value": submitter},
            {"op": "eq", "field": "weekEnding", "value": at_midnight(week)},
        ]
        fields = ("id", "name", "status", "weekEnding")
        return {
            int(str(row["id"])): str(row.get("name") or "")
            async for row in self._site.vendors.tickets.query("ExpenseReports", asked, fields)
            if str(row.get("status")) in takes and str(row["id"]) not in closed
        }

    async def _resolve(self, entry: LedgerEntry, found: dict[int, str]) -> int:
        """The report that a create made whose answer was lost, or 0 when it never happened."""
        if entry.age < self._site.horizon:
            until = self._site.clock.now() + self._site.horizon - entry.age
            raise Throttled("An expense report was sent and its answer lost; it is looked up first.", until=until)
        values = entry.attempted.get("values")
        name = values.get("name") if isinstance(values, dict) else None
        hits = [id for id, standing in found.items() if standing == name]
        if len(hits) > 1:
            note = f"Expense reports {', '.join(map(str, sorted(hits)))} could each be the one that was made."
            await self._site.ledger.close(self._site.hosted, entry.id, LedgerState.QUARANTINED, note=note)
            raise Rejected("report_quarantined", note)
        state = LedgerState.WRITTEN if hits else LedgerState.VOID
        remote = str(hits[0]) if hits else ""
        note = "looked up after a lost answer"
        await self._site.ledger.close(self._site.hosted, entry.id, state, remote_id=remote, note=note, was_lost=True)
        return hits[0] if hits else 0

    async def _create(self, owner: str, key: str, submitter: int, week: date) -> int:
        name = f"Field Nation {key}"
        body: Document = {"name": name, "submitterID": submitter, "weekEnding": at_midnight(week)}
        intent = Intent(
            kind=REPORT,
            key=key,
            verb="create",
            entity="ExpenseReports",
            target="",
            body=body,
            before={},
            after=body,
            reason="the week has no open expense report",
            fingerprint=digest(body),
            phase=Phase.MONEY,
            attempted={"values": body},
        )
        write = Write(self._site, owner, intent, intent.attempted)

        async def create(opening: Opening) -> int:
            return await self._site.vendors.tickets.create("ExpenseReports", body, opening)

        id = await write.make(create)
        await write.done(str(id))
        return id

    async def _close(self, owner: str, key: str, report: int) -> None:
        """Remembers that the report takes no more items."""
        site = self._site
        named, version = EntryKey(owner, REPORT, key), site.connection.version
        permit = await site.ledger.open(site.hosted, site.connection.id, named, "close", "", {}, version=version)
        note = "closed to new items"
        await site.ledger.close(site.hosted, permit.entry_id, LedgerState.BLOCKED, remote_id=str(report), note=note)


def _week_of(entry: LedgerEntry) -> date:
    return date.fromisoformat(entry.key.key.partition(" ")[0])


def _keys(week: date) -> list[str]:
    return [f"{week}", *(f"{week} #{n}" for n in range(2, _MOST_REPORTS + 2))]


def _under(item: Intent, report: int) -> Intent:
    """The item as it goes into that report."""
    parent = ("Expenses", report)
    body = {**item.body, "expenseReportID": report}
    return replace(item, body=body, parent=parent, attempted={**item.attempted, "parent": list(parent)})
