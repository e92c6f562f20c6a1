"""Fields: what the mapping writes to the record of the pair itself, and its status, which comes last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from app.core.mapping.digests import digest
from app.core.mapping.labels import Labels
from app.core.model.document import Document, Json
from app.core.model.finding import Finding, Severity
from app.core.model.intent import Intent, Phase
from app.core.model.ledger import LedgerEntry, LedgerState
from app.core.model.link import Known, Link, LinkOrigin
from app.core.planning.targets import value_at
from app.core.planning.ticket.creates import KIND as CREATE
from app.core.planning.ticket.items import Ask
from app.core.planning.ticket.values import is_same, value_of
from app.core.planning.ticket.wishes import FieldWish, as_body

FIELDS, STATUS = "ticket_fields", "ticket_status"
STATUS_FIELD = "status"


@dataclass(frozen=True, slots=True)
class TwoWay:
    """A field that is mapped in both directions: its place in the work order, and who wins when both sides changed."""

    target: tuple[str | int, ...]
    shown: str
    owner: Literal["autotask", "field_nation"]


@dataclass(frozen=True, slots=True)
class FieldsNow:
    """Everything the decision about fields looks at. `entity` is Autotask's name of the paired record; `completing`
    are status ids that close it; `ticket` is the record as read, where a decision needed that; `labels` is how ids of
    picklists are shown."""

    entity: str
    link: Link
    order: Document
    wishes: tuple[FieldWish, ...]
    read: Mapping[str, str]
    two_way: Mapping[str, TwoWay]
    completing: frozenset[str]
    entries: tuple[LedgerEntry, ...]
    is_failing: bool
    ticket: Document | None = None
    labels: Labels = field(default_factory=Labels)


@dataclass(slots=True)
class FieldsPlan:
    """`known` is what the push will know once the intents are done and were read back."""

    intents: list[Intent] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    known: Known = field(default_factory=Known)


def needs_ticket(now: FieldsNow) -> bool:
    """Whether the ticket is read before writing: when a field that is mapped both ways changed at the work order, and
    at the first look at a pair that a person made, whose ticket may have everything already."""
    return _is_new_to_us(now) or any(wish.field in now.two_way and _is_changed(wish, now) for wish in now.wishes)


def _is_new_to_us(now: FieldsNow) -> bool:
    out = now.link.out
    is_unseen = now.link.examined.at is None and not out.sources and not out.targets
    return now.link.origin is LinkOrigin.PERSON and is_unseen and bool(now.wishes)


def plan_fields(now: FieldsNow, ask: Ask) -> FieldsPlan:
    """The changed fields, then the status. Nothing is written for a value that the ticket is known to have."""
    now, plan = _remembering(now), FieldsPlan()
    wanted = [wish for wish in now.wishes if _is_wanted(wish, now, ask, plan)]
    status = [wish for wish in wanted if wish.field == STATUS_FIELD]
    others = [wish for wish in wanted if wish.field != STATUS_FIELD]
    pending: list[str] = []
    if status and now.is_failing and str(status[0].value) in now.completing:
        pending.append(STATUS_FIELD)
        plan.findings.append(_withheld(status[0], now, ask.owner))
        status = []
    if others:
        plan.intents.append(_intent(now, FIELDS, "fields", others, Phase.UPDATE))
    if status:
        plan.intents.append(_intent(now, STATUS, "status", status, Phase.STATUS))
    plan.findings.extend(_refused(now, wanted, ask))
    out = now.link.out
    targets = {**out.targets, **{wish.field: wish.value for wish in wanted if wish.field not in pending}}
    plan.known = Known({**out.sources, **_sources(now)}, targets, tuple(pending))
    return plan


def _remembering(now: FieldsNow) -> FieldsNow:
    """With what the ledger knows and the link does not: a pass wrote it and ended before it could remember."""
    link, written, facts = now.link, dict[str, Json](), dict[str, str]()
    for entry in now.entries:
        values = entry.attempted.get("values")
        if entry.state is LedgerState.WRITTEN and isinstance(values, Mapping) and _is_news(entry, link):
            written |= {name: values.get(name) for name in _names(entry, "fields")}
            facts |= entry.facts
    pending = tuple(name for name in link.out.pending if name not in written)
    # Without any source it is still the first look, at which what was not written counts as changed.
    sources = {**link.out.sources, **facts} if link.out.sources else {}
    out = replace(link.out, sources=sources, targets={**link.out.targets, **written}, pending=pending)
    return replace(now, link=replace(link, out=out))


def _is_news(entry: LedgerEntry, link: Link) -> bool:
    """Whether the entry wrote to this pair's ticket after the last pass that came to its end."""
    if entry.key.kind == CREATE:
        is_own = link.origin is LinkOrigin.EXPORT and entry.remote_id == str(link.ticket_id)
        return is_own and link.examined.at is None
    since = link.examined.at or link.made_at
    is_here = entry.key.kind in (FIELDS, STATUS) and str(entry.attempted.get("record")) == str(link.ticket_id)
    return is_here and since is not None and entry.opened_at > since


def _sources(now: FieldsNow) -> dict[str, str]:
    return {**now.read, **{path: value for wish in now.wishes for path, value in wish.sources.items()}}


def _is_wanted(wish: FieldWish, now: FieldsNow, ask: Ask, plan: FieldsPlan) -> bool:
    if ask.resync and wish.field not in now.two_way:
        return not is_same(now.link.out.targets.get(wish.field), wish.value)
    if wish.field in _again(now, ask):
        return True
    if not _is_changed(wish, now):
        return False
    known = now.link.out.targets
    if wish.field in now.two_way:
        return _wins(wish, now, ask, plan)
    if _is_new_to_us(now) and is_same(value_of(now.ticket or {}, wish.field), wish.value):
        return False
    is_known = wish.field in known and is_same(known[wish.field], wish.value)
    return not is_known or (wish.always and bool(now.link.out.sources))


def _is_changed(wish: FieldWish, now: FieldsNow) -> bool:
    """Whether the source fact changed since the push last looked. At the first look every fact counts that did not
    come from the ticket itself; a static value is for tickets that are made here, or for `always`."""
    out = now.link.out
    if wish.field in out.pending:
        return True
    if _is_echo(wish, now):
        return False
    is_first = now.link.examined.at is None and not out.sources
    if not wish.sources:
        return wish.always and (is_first or _has_news(now))
    return is_first or any(out.sources.get(path, value) != value for path, value in wish.sources.items())


def _has_news(now: FieldsNow) -> bool:
    known = now.link.out.sources
    return any(known.get(path, value) != value for path, value in _sources(now).items())


def _is_echo(wish: FieldWish, now: FieldsNow) -> bool:
    """Whether the work order holds what the import left there, and no push wrote another value since: our own write,
    seen again."""
    both = now.two_way.get(wish.field)
    if both is None:
        return False
    if _is_imported(both, now):
        return is_same(now.link.out.targets.get(wish.field, wish.value), wish.value)
    return both.shown not in now.link.known.targets and now.link.examined.at is None and both.owner == "autotask"


def _is_imported(both: TwoWay, now: FieldsNow) -> bool:
    known = now.link.known.targets
    return both.shown in known and value_at(now.order, both.target) == known[both.shown]


def _wins(wish: FieldWish, now: FieldsNow, ask: Ask, plan: FieldsPlan) -> bool:
    """The work order changed a field that the ticket maps too: it is written unless the ticket changed as well and is
    its owner."""
    both, standing = now.two_way[wish.field], value_of(now.ticket or {}, wish.field)
    if is_same(standing, wish.value):
        return False
    if _is_imported(both, now):
        # Either the import wrote here after our push, or somebody went back to the imported value after it: then the
        # ticket still holds what the push wrote.
        return is_same(standing, now.link.out.targets.get(wish.field))
    known = now.link.known.sources.get(wish.field)
    if known is None or known == digest(standing):
        return True
    is_ours = both.owner == "field_nation"
    kept = "was written over it" if is_ours else "was left as it stands"
    wanted, stands = (now.labels.quoted(now.entity, wish.field, value) for value in (wish.value, standing))
    plan.findings.append(
        Finding(
            "both_sides_changed",
            Severity.WARNING,
            ask.owner,
            f"{wish.field}: the work order now says {wanted} and the ticket {stands}. Its owner is "
            f"{both.owner}: the ticket's value {kept}.",
            "Nothing, if that is right; `owner` on the mapping says who wins.",
            wish.field,
        )
    )
    return is_ours


def _again(now: FieldsNow, ask: Ask) -> frozenset[str]:
    """Fields of an earlier write that did not happen, or that was refused and should be tried again."""
    found: set[str] = set()
    for entry in _entries(now):
        found |= _names(entry, "fields") if entry.state is LedgerState.VOID else frozenset()
        found |= _refused_fields(entry) if ask.retry else frozenset()
    return frozenset(found)


def _refused_fields(entry: LedgerEntry) -> frozenset[str]:
    """Fields that Autotask refused, in this write or in one that another field's followed."""
    owed = _names(entry, "owed")
    return owed | _names(entry, "fields") if entry.state is LedgerState.REJECTED else owed


def _names(entry: LedgerEntry, part: str) -> frozenset[str]:
    names = entry.attempted.get(part)
    return frozenset(str(name) for name in names) if isinstance(names, list | tuple) else frozenset()


def _entries(now: FieldsNow) -> Iterable[LedgerEntry]:
    return (entry for entry in now.entries if entry.key.kind in (FIELDS, STATUS))


def _refused(now: FieldsNow, wanted: Iterable[FieldWish], ask: Ask) -> Iterable[Finding]:
    """What was refused before and is not tried now is said for as long as it stands so."""
    untried = {wish.field for wish in now.wishes} - {wish.field for wish in wanted}
    mend = "Change the value, its mapping or the rule in Autotask, then `broker sync`."
    for entry in _entries(now):
        left = ", ".join(sorted(_refused_fields(entry) & untried))
        if left:
            text = f"{left}: {entry.note or 'Autotask refused it before.'}"
            yield Finding("item_rejected", Severity.ERROR, ask.owner, text, mend, entry.key.kind)


def _withheld(wish: FieldWish, now: FieldsNow, owner: str) -> Finding:
    status = now.labels.show(now.entity, STATUS_FIELD, wish.value)
    return Finding(
        "status_withheld",
        Severity.WARNING,
        owner,
        f"The status {status} would close the ticket while time or money of this work order is not in place.",
        "Mend what the other findings of this work order name; the status follows by itself.",
        STATUS_FIELD,
    )


def _intent(now: FieldsNow, kind: str, key: str, wishes: list[FieldWish], phase: Phase) -> Intent:
    id = int(now.link.ticket_id)
    after: dict[str, Json] = {wish.field: wish.value for wish in wishes}
    known = now.link.out.targets
    facts = {path: value for wish in wishes for path, value in wish.sources.items()}
    refused = {name for entry in _entries(now) if entry.key.kind == kind for name in _refused_fields(entry)}
    return Intent(
        kind=kind,
        key=key,
        verb="update",
        entity=now.entity,
        target=f"ticket:{id}",
        body={"id": id, **as_body(wishes)},
        before={name: known.get(name) for name in after},
        after=after,
        reason="the work order changed: " + ", ".join(sorted({*facts} or {*after})),
        fingerprint=digest(facts),
        phase=phase,
        calls=2 if kind == STATUS else 1,
        record=id,
        attempted={
            "record": id,
            "facts": facts,
            "values": after,
            "fields": sorted(after),
            "before": {name: known[name] for name in after if name in known},
            "owed": sorted(refused - after.keys()),
        },
    )


def not_standing(ticket: Document, after: Mapping[str, Json]) -> dict[str, Json]:
    """The fields that do not hold what was sent, with what they hold."""
    return {name: value_of(ticket, name) for name, value in after.items() if not is_same(value_of(ticket, name), value)}
