"""Items: what a kind of fact needs written, from the facts that are there and the ledger's entries of that kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from app.core.mapping.digests import digest
from app.core.model.document import Document, Json
from app.core.model.finding import Finding, Severity
from app.core.model.intent import Intent, Phase
from app.core.model.ledger import LedgerEntry, LedgerState, Observed
from app.core.planning.ticket.place import PLACES
from app.core.planning.ticket.values import is_same
from app.core.planning.ticket.wishes import Fact, FieldWish, as_body

Removal = Literal["delete", "zero", "keep"]

_REFUSED = frozenset({LedgerState.REJECTED, LedgerState.BLOCKED})
_UNDONE = _REFUSED | {LedgerState.VOID}
"""States of a write that certainly did not happen."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of item. `name` is its kind in the ledger, `entity` Autotask's name of the records.

    `change` is what a changed fact does: a PATCH, a delete and a create (where the vendor has no update), or nothing.
    """

    name: str
    entity: str
    phase: Phase
    label: str
    change: Literal["patch", "replace", "keep"] = "patch"
    removal: Removal = "delete"


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asked for, and how far apart the two reads are that believe an absence.

    `retry` tries refused and blocked items again, `delete` allows many deletions, `resync` writes again what an older
    mapping wrote.
    """

    owner: str
    second_look: timedelta
    retry: bool = False
    delete: bool = False
    resync: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """The items of one kind as they stand at the work order.

    `facts` should stand at the ticket; `held` are there and wait (a time log that is open); `denied` are gone for a
    reason that is believed at once. `zeroed` are the wishes that stand for a removal where nothing can be deleted.
    """

    facts: Mapping[str, Fact]
    is_complete: bool
    held: frozenset[str] = frozenset()
    denied: Mapping[str, str] = field(default_factory=dict)
    zeroed: tuple[FieldWish, ...] = ()


@dataclass(slots=True)
class Decided:
    """What is to be done for one kind. `vanished` are the removals for which nobody gave a reason; `failing` says that
    an item is not in place and waits for a person."""

    intents: list[Intent] = field(default_factory=list)
    vanished: list[Intent] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    observed: list[Observed] = field(default_factory=list)
    standing: int = 0
    failing: bool = False
    looks_again: bool = False


def decide(
    kind: Kind, items: Items, entries: Iterable[LedgerEntry], ask: Ask, parent: tuple[str, int] | None
) -> Decided:
    """Creates, changes and removals of one kind. Deterministic; the order of what it is given does not count."""
    of_kind = {entry.key.key: entry for entry in entries if entry.key.kind == kind.name}
    decided = Decided(standing=sum(1 for one in of_kind.values() if _stands(one)))
    chooser = _Chooser(kind, ask, parent, decided)
    for key in sorted(items.facts):
        chooser.present(items.facts[key], of_kind.get(key))
    for key in sorted(of_kind.keys() - items.facts.keys() - items.held):
        chooser.absent(of_kind[key], items)
    for key in sorted(of_kind.keys() & items.held):
        chooser.held(of_kind[key])
    return decided


def is_sent(entry: LedgerEntry) -> bool:
    """Whether a record was made of the fact, or may have been, or it counts as sent: everything but a create that did
    not happen, and a record that was deleted."""
    if entry.state is LedgerState.DELETED:
        return entry.verb == "zero"
    return entry.verb != "create" or entry.state not in _UNDONE


def _stands(entry: LedgerEntry) -> bool:
    is_over = entry.state in (LedgerState.DELETED, LedgerState.QUARANTINED)
    return bool(entry.remote_id) and not is_over and is_sent(entry)


@dataclass(slots=True)
class _Chooser:
    kind: Kind
    ask: Ask
    parent: tuple[str, int] | None
    decided: Decided

    def present(self, fact: Fact, entry: LedgerEntry | None) -> None:
        """The fact is there: create it, change it, or leave it."""
        if entry is None:
            self._create(fact)
            return
        self.seen(entry)
        if entry.state is LedgerState.QUARANTINED:
            self._say_quarantined(entry, fact.name)
        elif entry.state in _REFUSED and not self._is_worth_a_try(fact, entry):
            self._say_refused(entry, fact.name)
        elif not is_sent(entry):
            self._create(fact)
        elif not entry.remote_id:
            self._without_record(fact, entry)
        else:
            self._compare(fact, entry)

    def _is_worth_a_try(self, fact: Fact, entry: LedgerEntry) -> bool:
        return self.ask.retry or bool(changed_paths(fact, entry)) or entry.verb in ("delete", "zero")

    def _without_record(self, fact: Fact, entry: LedgerEntry) -> None:
        """A create whose answer is not known yet; or a fact that counts as sent though no record was found."""
        if entry.state is not LedgerState.WRITTEN:
            self._create(fact)
        elif changed_paths(fact, entry) and self.kind.change != "keep":
            text = f"{fact.name} changed; it was counted as sent when the pair was taken over, and has no record."
            mend = "Change it in Autotask by hand, or name its record with `broker ledger resolve`."
            self._find("no_record_to_change", Severity.WARNING, fact.key, text, mend)

    def _compare(self, fact: Fact, entry: LedgerEntry) -> None:
        changed = changed_paths(fact, entry)
        wishes = tuple(wish for wish in fact.wishes if self._is_wanted(wish, entry, changed))
        if wishes and self.kind.change == "patch":
            self._patch(fact, entry, wishes, changed)
        elif changed and self.kind.change == "replace":
            if self.kind.removal == "delete":
                self._remove(entry, "it was replaced", fact.name)
            self._create(fact)
        elif new := {path: now for path, now in fact.facts.items() if path not in entry.facts}:
            self.decided.observed.append(Observed(entry.id, facts=new))

    def _is_wanted(self, wish: FieldWish, entry: LedgerEntry, changed: frozenset[str]) -> bool:
        """Whether a change writes this field: its source changed, or an attempt at it did not happen or was undone."""
        if not wish.sources.keys().isdisjoint(changed) or wish.field in _owed(entry):
            return True
        if self.ask.resync and wish.field not in PLACES:
            return not is_same(_part(entry.attempted, "values").get(wish.field), wish.value)
        return wish.always and bool(changed)

    def absent(self, entry: LedgerEntry, items: Items) -> None:
        """The fact is not there: gone, or only not seen."""
        self._say_quarantined(entry, self._name(entry))
        if self.kind.removal == "keep" or not _stands(entry):
            return
        reason = items.denied.get(entry.key.key)
        # Only a look that somebody asked for notes a refused removal as missing: the second one then tries it again.
        is_refused = entry.state in _REFUSED and entry.verb in ("delete", "zero") and entry.missing_for is None
        if is_refused and not self.ask.retry:
            self._say_refused(entry, self._name(entry))
        elif reason is not None:
            self._remove(entry, reason, self._name(entry), items.zeroed)
        elif not items.is_complete:
            self.decided.looks_again = self.decided.looks_again or entry.missing_for is not None
        elif entry.missing_for is None:
            self.decided.observed.append(Observed(entry.id, is_missing=True))
            self.decided.looks_again = True
        elif entry.missing_for < self.ask.second_look:
            self.decided.looks_again = True
        else:
            self._remove(entry, "it was removed at Field Nation", self._name(entry), items.zeroed, vanished=True)

    def held(self, entry: LedgerEntry) -> None:
        """The fact is there and waits."""
        self.seen(entry)
        self._say_quarantined(entry, self._name(entry))

    def seen(self, entry: LedgerEntry) -> None:
        """The fact is there again after it had been missing."""
        if entry.missing_for is not None:
            self.decided.observed.append(Observed(entry.id, is_missing=False))

    def _create(self, fact: Fact) -> None:
        if fact.lacking:
            self.decided.failing = True
            self._find("item_incomplete", Severity.WARNING, fact.key, f"{fact.name} was not sent: {fact.lacking}",
                       "Complete the connection file or map the field, apply it, then `broker sync`.")  # fmt: skip
            return
        after = {wish.field: wish.value for wish in fact.wishes}
        self._intend("create", fact.key, as_body(fact.wishes), {}, after, f"{fact.name} is new",
                     self._attempted(fact.facts, after, after, fact.mark), parent=self.parent)  # fmt: skip

    def _patch(self, fact: Fact, entry: LedgerEntry, wishes: tuple[FieldWish, ...], changed: frozenset[str]) -> None:
        written = _written(entry)
        after = {wish.field: wish.value for wish in wishes}
        before = {name: written.get(name) for name in after}
        reason = (
            f"{fact.name} changed: {', '.join(sorted(changed))}" if changed else f"{fact.name} is not as it was sent"
        )
        record = int(entry.remote_id)
        attempted = self._attempted({**entry.facts, **fact.facts}, {**written, **after}, after, fact.mark, entry)
        attempted = {**attempted, "before": {name: written[name] for name in after if name in written}}
        self._intend("update", fact.key, {"id": record, **as_body(wishes)}, before, after, reason, attempted,
                     record=record, parent=parent_of(entry) or self.parent)  # fmt: skip

    def _remove(
        self,
        entry: LedgerEntry,
        reason: str,
        name: str,
        zeroed: tuple[FieldWish, ...] = (),
        *,
        vanished: bool = False,
    ) -> None:
        record = int(entry.remote_id)
        written = _written(entry)
        is_zero = self.kind.removal == "zero"
        after: dict[str, Json] = {wish.field: wish.value for wish in zeroed} if is_zero else {}
        body: Document = {"id": record, **as_body(zeroed)} if is_zero else {}
        before = {field: written.get(field) for field in after} if is_zero else dict(written)
        mark = str(entry.attempted.get("mark") or "")
        attempted = self._attempted(entry.facts, {**written, **after}, after, mark, entry)
        attempted = {**attempted, "owed": sorted(_owed(entry))}
        self._intend("zero" if is_zero else "delete", entry.key.key, body, before, after, f"{name}: {reason}",
                     attempted, record=record, parent=parent_of(entry) or self.parent, vanished=vanished)  # fmt: skip

    def _attempted(
        self,
        facts: Mapping[str, str],
        values: Mapping[str, Json],
        after: Mapping[str, Json],
        mark: str,
        entry: LedgerEntry | None = None,
    ) -> Document:
        parent = parent_of(entry) if entry else self.parent
        told: dict[str, Json] = {"facts": facts, "values": values, "fields": sorted(after), "mark": mark}
        return {**told, "parent": list(parent)} if parent else told

    def _intend(
        self,
        verb: str,
        key: str,
        body: Document,
        before: Document,
        after: Document,
        reason: str,
        attempted: Document,
        *,
        record: int = 0,
        parent: tuple[str, int] | None = None,
        vanished: bool = False,
    ) -> None:
        intent = Intent(
            kind=self.kind.name,
            key=key,
            verb=verb,
            entity=self.kind.entity,
            target=f"{self.kind.name}:{record}" if record else "",
            body=body,
            before=before,
            after=after,
            reason=reason,
            fingerprint=digest(attempted["facts"]),
            phase=self.kind.phase,
            record=record,
            parent=parent,
            attempted=attempted,
        )
        (self.decided.vanished if vanished else self.decided.intents).append(intent)

    def _say_refused(self, entry: LedgerEntry, name: str) -> None:
        is_blocked = entry.state is LedgerState.BLOCKED
        mend = (
            "Reopen it in Autotask; it is tried again daily, and by `broker sync`."
            if is_blocked
            else "Change the value, its mapping or the right, then `broker sync`."
        )
        self._say(entry, name, str(entry.state), mend, Severity.WARNING if is_blocked else Severity.ERROR)

    def _say_quarantined(self, entry: LedgerEntry, name: str) -> None:
        if entry.state is LedgerState.QUARANTINED:
            self._say(entry, name, "quarantined", "Decide with `broker ledger resolve`.")

    def _say(self, entry: LedgerEntry, name: str, state: str, mend: str, severity: Severity = Severity.ERROR) -> None:
        self.decided.failing = True
        self._find(f"item_{state}", severity, entry.key.key, f"{name}: {entry.note or state}", mend)

    def _find(self, code: str, severity: Severity, key: str, text: str, mend: str) -> None:
        field = f"{self.kind.name}/{key}"
        self.decided.findings.append(Finding(code, severity, self.ask.owner, text, mend, field))

    def _name(self, entry: LedgerEntry) -> str:
        return f"{self.kind.label} {entry.key.key}"


def changed_paths(fact: Fact, entry: LedgerEntry) -> frozenset[str]:
    """Paths whose source fact is another one than when the record was written; a path that was not read then does
    not count."""
    known = entry.facts
    return frozenset(path for path, now in fact.facts.items() if path in known and known[path] != now)


def _owed(entry: LedgerEntry) -> frozenset[str]:
    """Fields in which the record is not what its facts say: an update of them did not happen, or they were zeroed."""
    owed = frozenset(_texts(entry.attempted, "owed"))
    is_undone = entry.state in _UNDONE and entry.verb == "update"
    is_doubtful = entry.state in (LedgerState.DELETED, LedgerState.VOID) and entry.verb == "zero"
    if is_undone or is_doubtful:
        return owed.union(_texts(entry.attempted, "fields"))
    return owed


def _written(entry: LedgerEntry) -> Mapping[str, Json]:
    """What the record holds as far as we know: after an attempt that did not happen, what it would have replaced."""
    values, before = _part(entry.attempted, "values"), _part(entry.attempted, "before")
    if entry.state not in _UNDONE:
        return values
    unknown = frozenset(_texts(entry.attempted, "fields")) - before.keys()
    return {name: value for name, value in {**values, **before}.items() if name not in unknown}


def parent_of(entry: LedgerEntry) -> tuple[str, int] | None:
    """The record that the entry's record stands under, where it was noted."""
    found: Any = entry.attempted.get("parent")
    return (str(found[0]), int(found[1])) if isinstance(found, list | tuple) and len(found) == 2 else None


def _part(attempted: Document, name: str) -> Mapping[str, Json]:
    part = attempted.get(name)
    return part if isinstance(part, Mapping) else {}


def _texts(attempted: Document, name: str) -> tuple[str, ...]:
    part = attempted.get(name)
    return tuple(str(one) for one in part) if isinstance(part, list | tuple) else ()
