"""Push files: attachments of one work order, one file in memory at a time. It holds up nothing else."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from app.core.mapping.work_order_document import work_order_document
from app.core.model.document import Document
from app.core.model.failure import Gone, Rejected
from app.core.model.finding import Finding, Severity
from app.core.model.ids import JobId, WorkOrderId
from app.core.model.intent import Intent
from app.core.model.job import Job, Option
from app.core.model.ledger import LedgerEntry
from app.core.model.link import Link
from app.core.model.outcome import Result, Settled, Settlement
from app.core.planning.guards import mode_of
from app.core.planning.ticket.context import Context
from app.core.planning.ticket.files import LARGEST_FILE_BYTES, key_of, link_of, size_of
from app.core.planning.ticket.items import Ask
from app.core.planning.ticket.to_ticket import TicketPlan, plan_files
from app.ports.parts import Listing
from app.services.audit import audit
from app.services.left_open import settle_left_open
from app.services.push_facts import Records, read_list, read_records
from app.services.push_pass import within_horizon
from app.services.site import SeenFiles, Site
from app.services.stories import Pass
from app.services.ticket_records import TicketRecords
from app.services.ticket_writes import TicketWrites

_SOON: Final = timedelta(seconds=1)
_FRESH_S: Final = 60.0
"""A reading of the files that a push made is used when it is no older: links may not live long."""


class PushFiles:
    """The story of `push_files` jobs."""

    def record(self, job: Job) -> str:
        """Findings about files stand apart from those of the push, which would close them."""
        return f"work_order_files:{job.key}"

    async def prepare(self, site: Site, jobs: Sequence[Job]) -> Mapping[JobId, Pass]:
        """Our own records; everything else is read by the pass."""
        records = await read_records(site, [WorkOrderId(int(job.key)) for job in jobs])
        return {
            job.id: FilesPass(
                site, replace(records[WorkOrderId(int(job.key))], options=frozenset(job.options)), self.record(job)
            ).run
            for job in jobs
        }


@dataclass(slots=True)
class FilesPass:
    """One pass over the files of one work order. `record` is what findings are filed under; `is_outdated` says that a
    file was replaced while the pass went on."""

    site: Site
    records: Records
    record: str
    is_outdated: bool = False

    async def run(self) -> Settlement:
        """The settlement of the pass."""
        waiting = within_horizon(self.site, self.records.open_entries(of_files=True))
        if waiting:
            return waiting
        findings = list[Finding]()
        entries = await settle_left_open(self.site, self.record, self.records, findings, of_files=True)
        self.records = replace(self.records, entries=tuple(entries))
        link = self.records.link
        if link is None or not link.is_active or not self.site.connection.file.attachments.enabled:
            return Settled(Result.SKIPPED, "not_linked", "The work order belongs to no ticket, or files are off.")
        if not link.is_adopted:
            return Settled(Result.SKIPPED, "not_adopted", "The push looks for records of an earlier connector first.")
        try:
            seen = await self._seen()
        except Gone as gone:
            return Settled(Result.SKIPPED, "work_order_gone", gone.text)
        return await self._sent(link, seen, findings)

    async def _seen(self) -> SeenFiles:
        site, id = self.site, self.records.id
        is_doubtful = any(e.missing_for is not None for e in self.records.entries if e.key.kind == "attachment")
        seen = site.seen_files.pop(id, None)
        if seen is not None and not is_doubtful and site.clock.boot_s() - seen.at_s < _FRESH_S:
            return seen
        order = await site.vendors.work_orders.read(id)
        listing = await read_list(site, id, order, "attachments", is_doubtful=is_doubtful)
        return SeenFiles(site.clock.boot_s(), order, listing)

    async def _sent(self, link: Link, seen: SeenFiles, findings: list[Finding]) -> Settled:
        site, entries = self.site, self.records.entries
        place = await site.places.of(link.ticket_id)
        if Option.AUDIT in self.records.options:
            records = TicketRecords(site.vendors.tickets, place)
            findings.extend(await audit(site, self.record, entries, records, of_files=True))
            entries = await self._entries_again()
        document = work_order_document(seen.order, files=seen.listing.rows)
        context = Context(
            id=int(self.records.id),
            order=document,
            file=site.connection.file,
            place=place,
            apply=lambda kind, item: site.outbound.apply(kind, document, item, self.record),
            lengths=site.outbound.lengths,
            entries=entries,
        )
        plan = plan_files(context, self._ask(), is_complete=seen.listing.is_complete)
        return await self._carried_out(plan, context, seen.listing, findings)

    async def _entries_again(self) -> tuple[LedgerEntry, ...]:
        found = await self.site.ledger.entries(self.site.connection.id, [self.records.owner])
        return tuple(found.get(self.records.owner, ()))

    def _ask(self) -> Ask:
        options = self.records.options
        return Ask(self.record, self.site.second_look, Option.RETRY in options, Option.DELETE in options)

    async def _carried_out(
        self, plan: TicketPlan, context: Context, listing: Listing, findings: list[Finding]
    ) -> Settled:
        site = self.site
        findings.extend(plan.findings)
        if plan.observed:
            await site.ledger.observe(site.hosted, plan.observed)
        if plan.intents and mode_of(site.connection.file.settings.mode, "files") != "automatic":
            names = ", ".join(intent.key for intent in plan.intents)
            return Settled(Result.PLANNED, "held_by_mode", f"Not written in this mode: {names}", tuple(findings))
        rows = {key_of(row): row for row in context.rows("attachments")}
        writes = TicketWrites(site, self.records.owner, findings)
        kept: set[str] = set()
        for intent in plan.intents:
            if intent.verb == "delete":
                # A file that may not be removed is not replaced either: there would be two of it.
                kept |= set() if await writes.make(intent) else {intent.key}
            elif intent.key not in kept:
                await self._send(intent, rows.get(intent.key, {}), writes, findings)
        again = _SOON if self.is_outdated else site.second_look + _SOON if plan.looks_again else None
        worst = next((one for one in findings if one.severity is Severity.ERROR), None)
        filed = tuple(replace(one, record=self.record) for one in findings)
        if worst is not None:
            return Settled(Result.DEAD, worst.code, worst.text, filed, again)
        return Settled(Result.WRITTEN if writes.count else Result.UNCHANGED, "", "", filed, again)

    async def _send(self, intent: Intent, row: Document, writes: TicketWrites, findings: list[Finding]) -> None:
        if intent.body.get("attachmentType") == "URL":
            await writes.make(intent)
            return
        try:
            await self._send_bytes(intent, row, writes)
        except Rejected as failure:
            mend = "Check that the file opens in Field Nation, and `attachments.hosts`; then `broker jobs retry`."
            text = f"{intent.reason.removesuffix(' is new')} could not be read: {failure.text}"
            findings.append(Finding(failure.code, Severity.ERROR, self.record, text, mend, f"attachment/{intent.key}"))

    async def _send_bytes(self, intent: Intent, row: Document, writes: TicketWrites) -> None:
        """An address that leads nowhere may be an old one: then the file's row is read once more."""
        try:
            await self._fetch_and_make(intent, row, writes)
        except Rejected as failure:
            if failure.code != "file_not_found":
                raise
            now = await self._row_now(intent.key)
            if now is None:
                return
            if link_of(now) == link_of(row):
                raise
            if (now.get("name"), size_of(now)) != (row.get("name"), size_of(row)):
                self.is_outdated = True
                return
            await self._fetch_and_make(intent, now, writes)

    async def _fetch_and_make(self, intent: Intent, row: Document, writes: TicketWrites) -> None:
        hosts = frozenset({*self.site.connection.file.attachments.hosts, self._own_host()})
        async with self.site.vendors.files.fetch(link_of(row), hosts=hosts, cap_bytes=LARGEST_FILE_BYTES) as file:
            if file.is_too_large:
                await writes.make(self._as_link(intent))
            else:
                await writes.make(intent, base64.b64encode(file.data).decode("ascii"))

    async def _row_now(self, key: str) -> Document | None:
        """The file's row as it is by now; None when it is gone."""
        order = await self.site.vendors.work_orders.read(self.records.id)
        listing = await read_list(self.site, self.records.id, order, "attachments", is_doubtful=True)
        rows: Any = work_order_document(order, files=listing.rows)["attachments"]
        return next((row for row in rows if key_of(row) == key), None)

    def _own_host(self) -> str:
        return urlsplit(self.site.connection.file.field_nation.base_url).netloc

    def _as_link(self, intent: Intent) -> Intent:
        """A file that is too large is a link to the work order's page that names it."""
        page = self.site.connection.file.field_nation.web_url.replace("{id}", str(self.records.id))
        change = {"attachmentType": "URL", "fullPath": page}
        return replace(intent, body={**intent.body, **change}, after={**intent.after, **change})
