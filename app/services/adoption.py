"""Adoption: records that stand in Autotask already, written by another connector, are taken into the ledger.

Time and money are found by their mark `(#id)`; notes by their text, files by name and size. Nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.core.model.document import Document, Json
from app.core.model.finding import Finding, Severity
from app.core.model.ids import LedgerId
from app.core.model.ledger import Adopted, EntryKey, LedgerEntry, LedgerState
from app.core.planning.targets import read_moment
from app.core.planning.ticket.context import Context
from app.core.planning.ticket.files import file_items, key_of, size_of
from app.core.planning.ticket.matching import by_mark, mark_in
from app.core.planning.ticket.money import money_items, money_kind
from app.core.planning.ticket.notes import note_items
from app.core.planning.ticket.time_entries import looks_like, time_items
from app.core.planning.ticket.values import is_same
from app.core.planning.ticket.wishes import Fact
from app.services.site import Site
from app.services.ticket_records import TicketRecords

_TELLING: Final = frozenset(
    {"startDateTime", "endDateTime", "unitPrice", "expenseCurrencyExpenseAmount", "internalCurrencyExpenseAmount"}
)
"""Fields by which a record of another connector is told to be behind its fact: hours and money, not words."""


@dataclass(slots=True)
class Adoption:
    """Looks for the records of one work order. Findings about what was and was not found go to the list given;
    `paired_at` is when the pair was made."""

    site: Site
    context: Context
    records: TicketRecords
    findings: list[Finding]
    paired_at: datetime | None = None

    async def find(self, *, is_baseline: bool) -> list[Adopted]:
        """What the ledger should take in. A baseline counts everything as sent, found or not."""
        quiet = replace(self.context, findings=[])
        money = money_kind(quiet, may_delete=True)
        found: list[Adopted] = []
        for kind, facts in (
            ("time_entry", time_items(quiet, is_complete=False).facts),
            (money.name, money_items(quiet, money, is_complete=False).facts),
        ):
            found.extend(await self._marked(kind, self._unknown(kind, facts), is_baseline=is_baseline))
        notes = self._unknown("note", note_items(quiet).facts)
        found.extend(await self._by_text(self._older("messages", notes, is_baseline)))
        if self.context.file.attachments.enabled:
            files = self._unknown("attachment", file_items(quiet, is_complete=False).facts)
            found.extend(await self._by_name(self._older("attachments", files, is_baseline)))
        return found

    def _unknown(self, kind: str, facts: Mapping[str, Fact]) -> dict[str, Fact]:
        """Facts of which the ledger knows nothing yet."""
        known = {
            entry.key.key
            for entry in self.context.entries
            if entry.key.kind == kind and entry.state is not LedgerState.VOID
        }
        return {key: fact for key, fact in facts.items() if key not in known}

    def _older(self, rows: str, facts: dict[str, Fact], is_baseline: bool) -> dict[str, Fact]:
        """Facts from before the pair was made: the other connector may have sent them."""
        paired = self.paired_at
        if is_baseline or paired is None:
            return facts
        ages = {
            (key_of(row) if rows == "attachments" else str(row.get("id"))): _created(row)
            for row in self.context.rows(rows)
        }
        return {key: fact for key, fact in facts.items() if (made := ages.get(key)) is None or made <= paired}

    async def _marked(self, kind: str, facts: Mapping[str, Fact], *, is_baseline: bool) -> list[Adopted]:
        if not facts:
            return []
        taken = {entry.remote_id for entry in self.context.entries if entry.key.kind == kind}
        free = [one for one in await self.records.of(kind) if str(one.get("id")) not in taken]
        marked = by_mark(kind, free)
        adopted: list[Adopted] = []
        unmatched: list[str] = []
        for key, fact in sorted(facts.items()):
            hits = marked.pop(key, None) or marked.pop(key.partition("/")[0], [])
            if not hits and is_baseline and kind == "time_entry":
                hits = _alike(fact, free)
            if hits:
                free = [one for one in free if one not in hits]
                adopted.append(self._adopted(kind, fact, hits, is_baseline=is_baseline))
            elif is_baseline:
                adopted.append(self._as_sent(kind, fact))
                unmatched.append(fact.name)
        self._say_unmatched(unmatched, kind)
        return adopted

    def _adopted(self, kind: str, fact: Fact, hits: list[Document], *, is_baseline: bool) -> Adopted:
        ids = [str(hit.get("id")) for hit in hits]
        if len(hits) > 1:
            note = f"Records {', '.join(ids)} all carry the mark of {fact.name}."
            mend = "Decide with `broker ledger resolve`; delete the other record in Autotask."
            self.findings.append(
                Finding("item_quarantined", Severity.ERROR, self.context.owner, note, mend, f"{kind}/{fact.key}")
            )
            return self._entry(kind, fact, "", fact.facts, note, state=LedgerState.QUARANTINED)
        record = hits[0]
        behind = set() if is_baseline else _behind(fact, record)
        facts = {path: "" if path in behind else value for path, value in fact.facts.items()}
        return self._entry(kind, fact, ids[0], facts, "written by another connector", _parent(record))

    def _as_sent(self, kind: str, fact: Fact) -> Adopted:
        return self._entry(kind, fact, "", fact.facts, "counted as sent; no record was found")

    def _entry(
        self,
        kind: str,
        fact: Fact,
        remote: str,
        facts: Mapping[str, str],
        note: str,
        parent: tuple[str, int] | None = None,
        state: LedgerState = LedgerState.WRITTEN,
    ) -> Adopted:
        values: dict[str, Json] = {wish.field: wish.value for wish in fact.wishes}
        attempted: dict[str, Json] = {"facts": facts, "values": values, "fields": [], "mark": fact.mark}
        if parent:
            attempted["parent"] = list(parent)
        key = EntryKey(self.context.owner, kind, fact.key)
        return Adopted(key, "adopt", "", remote, attempted, note, state)

    async def _by_text(self, facts: Mapping[str, Fact]) -> list[Adopted]:
        if not facts:
            return []
        free = list(await self.records.of("note"))
        adopted: list[Adopted] = []
        unmatched: list[str] = []
        for _, fact in sorted(facts.items()):
            text = str(next((wish.value for wish in fact.wishes if wish.field == "description"), ""))
            hit = next((note for note in free if text.strip() and text.strip() in str(note.get("description"))), None)
            adopted.append(self._taken("note", fact, hit, free, unmatched))
        self._say_unmatched(unmatched, "note")
        return adopted

    async def _by_name(self, facts: Mapping[str, Fact]) -> list[Adopted]:
        if not facts:
            return []
        free = list(await self.records.of("attachment"))
        rows = {key_of(row): row for row in self.context.rows("attachments")}
        adopted: list[Adopted] = []
        unmatched: list[str] = []
        for key, fact in sorted(facts.items()):
            name, size = str(rows[key].get("name") or ""), size_of(rows[key])
            hit = next((one for one in free if _is_file(one, name, size)), None)
            adopted.append(self._taken("attachment", fact, hit, free, unmatched))
        self._say_unmatched(unmatched, "attachment")
        return adopted

    def _taken(
        self, kind: str, fact: Fact, hit: Document | None, free: list[Document], unmatched: list[str]
    ) -> Adopted:
        if hit is None:
            unmatched.append(fact.name)
            return self._as_sent(kind, fact)
        free.remove(hit)
        return self._entry(kind, fact, str(hit.get("id")), fact.facts, "written by another connector")

    def _say_unmatched(self, names: list[str], kind: str) -> None:
        if names:
            text = f"No record in Autotask was found for {', '.join(names)}; counted as sent."
            mend = "If one is really missing there, add it in Autotask by hand."
            self.findings.append(Finding("counted_as_sent", Severity.WARNING, self.context.owner, text, mend, kind))


def _alike(fact: Fact, records: list[Document]) -> list[Document]:
    """The first record without a mark that has the fact's window."""
    values = {wish.field: wish.value for wish in fact.wishes}
    unmarked = (one for one in records if not mark_in("time_entry", one))
    return [one for one in unmarked if looks_like(one, values)][:1]


def as_entry(adopted: Adopted, site: Site) -> LedgerEntry:
    """The entry that an adoption would make, for those who only look."""
    return LedgerEntry(
        LedgerId(0),
        site.connection.id,
        adopted.key,
        adopted.verb,
        adopted.state,
        adopted.fingerprint,
        adopted.remote_id,
        site.clock.now(),
        timedelta(),
        adopted.attempted,
        adopted.note,
    )


def _behind(fact: Fact, record: Document) -> set[str]:
    """Paths of facts that the record does not show."""
    wishes = (wish for wish in fact.wishes if wish.field in _TELLING and record.get(wish.field) is not None)
    return {path for wish in wishes if not is_same(record.get(wish.field), wish.value) for path in wish.sources}


def _parent(record: Document) -> tuple[str, int] | None:
    report = record.get("expenseReportID")
    return ("Expenses", int(str(report))) if report is not None else None


def _is_file(record: Document, name: str, size: int) -> bool:
    names = {str(record.get("fullPath") or "").strip().lower(), str(record.get("title") or "").strip().lower()}
    stored = record.get("fileSize")
    return name.strip().lower() in names and (stored is None or not size or int(float(str(stored))) == size)


def _created(row: Document) -> datetime | None:
    made = row.get("created")
    text = made.get("utc") if isinstance(made, Mapping) else made
    return read_moment(text) if text else None
