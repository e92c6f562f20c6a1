"""To the work order: what an import of one ticket should write, decided from fresh facts."""

from dataclasses import replace

from app.core.mapping.digests import digest
from app.core.model.document import Document, Json
from app.core.model.finding import Finding, Severity
from app.core.model.intent import Intent, Phase, Plan
from app.core.model.link import Known, Link
from app.core.planning.body import body_of, with_siblings
from app.core.planning.desired import Desired, Wish
from app.core.planning.repairs import mark_wish, plan_repairs
from app.core.planning.rules import ImportRules
from app.core.planning.status_moves import plan_status, still_unreached
from app.core.planning.targets import Target, show, value_at


def plan_create(owner: str, desired: Desired, rules: ImportRules, internal_field_id: str | None) -> Plan:
    """One create, then whatever moves the new draft to the mapped status."""
    wishes = _marked(desired, internal_field_id)
    if not any(wish.target == ("title",) and wish.value for wish in wishes):
        return Plan(owner, findings=(*desired.findings, _no_title(owner)), skipped="title_missing")
    body = body_of(wishes)
    create = Intent(
        kind="work_order",
        key="create",
        verb="create",
        entity="work_order",
        target="",
        body=body,
        before={},
        after={show(wish.target): wish.value for wish in wishes},
        reason="the ticket has no active work order",
        fingerprint=digest({"sources": desired.sources}),
        phase=Phase.CREATE,
    )
    moves, findings = plan_status(desired.status, {"status": {"id": 1}}, rules, owner)
    return Plan(owner, (create, *moves), (*desired.findings, *findings), sources=desired.sources)


def _marked(desired: Desired, internal_field_id: str | None) -> tuple[Wish, ...]:
    """The wishes of a create, with the mark in the company's field for internal ticket numbers."""
    number = next((wish.value for wish in desired.wishes if wish.target == ("incident_id",)), None)
    target: Target = ("custom_fields", internal_field_id or "")
    if not internal_field_id or number is None or any(wish.target == target for wish in desired.wishes):
        return desired.wishes
    return (*desired.wishes, Wish(target, number))


def known_after_create(desired: Desired, work_order: Document) -> Known:
    """What the new link knows from the create's own answer; the rest is pending."""
    taken = {show(w.target): w.value for w in desired.wishes if value_at(work_order, w.target) == w.value}
    pending = [show(w.target) for w in desired.wishes if show(w.target) not in taken]
    if desired.status:
        pending.append("status_id")
    return Known(desired.sources, taken, tuple(pending))


def plan_update(
    owner: str, link: Link, desired: Desired, work_order: Document, rules: ImportRules, *, resync: bool = False
) -> Plan:
    """The fields whose source changed since the value that was last read back, and the status they lead to.

    With `resync` every field counts as changed, except where the work order owns it: its value is left.
    """
    target = f"work_order:{link.work_order_id}"
    changed: list[Wish] = []
    findings = list(desired.findings)
    for wish in desired.wishes:
        write, finding = _compare(wish, link.known, value_at(work_order, wish.target), owner, resync=resync)
        if write:
            changed.append(wish)
        if finding:
            findings.append(finding)
    asked = [wish for wish in changed if show(wish.target) in link.known.pending]
    fresh = [wish for wish in changed if wish not in asked]
    mark = mark_wish(desired, work_order) if link.known.pending else None
    asked += [mark] if mark else []
    why = "written again under the active mapping" if resync else "the ticket changed"
    updates = (_update(target, fresh, desired, work_order, why),) if fresh else ()
    intents = (*updates, *plan_repairs(target, asked, work_order, desired.wishes))
    moves, more = _status_moves(desired.status, link.known, work_order, rules, owner, resync=resync)
    moves = tuple(replace(move, target=target) for move in moves)
    return Plan(owner, (*intents, *moves), (*findings, *more), sources=desired.sources)


def is_changed(wish: Wish, known: Known) -> bool:
    """Whether the source fact changed, or a create asked for it and nobody saw it arrive."""
    if show(wish.target) in known.pending:
        return True
    return any(known.sources.get(path, now) != now for path, now in wish.sources.items())


def _compare(wish: Wish, known: Known, standing: Json, owner: str, *, resync: bool) -> tuple[bool, Finding | None]:
    name = show(wish.target)
    if standing == wish.value or wish.owner == "derived":
        return False, None
    is_due = wish.always or is_changed(wish, known)
    if resync and not is_due and wish.owner == "field_nation":
        return False, _differs(wish, standing, owner)
    if is_due or resync:
        if name not in known.targets or standing == known.targets[name]:
            return True, None
        return _conflict(wish, known.targets[name], standing, owner)
    last = known.targets.get(name)
    if name in known.targets and last == standing and wish.sources:
        return False, _differs(wish, standing, owner)
    return False, None


def _conflict(wish: Wish, last: Json, standing: Json, owner: str) -> tuple[bool, Finding]:
    ours = wish.owner != "field_nation"
    kept = "was written over it" if ours else "was left as it stands"
    finding = Finding(
        "both_sides_changed",
        Severity.WARNING,
        owner,
        f"{show(wish.target)} was {last!r}; the ticket now says {wish.value!r} and the work order {standing!r}. "
        f"Its owner is {wish.owner}: the work order's value {kept}.",
        "Set `owner` on this mapping to the system whose value should win.",
        show(wish.target),
    )
    return ours, finding


def _differs(wish: Wish, standing: Json, owner: str) -> Finding:
    return Finding(
        "differs_from_mapping",
        Severity.INFO,
        owner,
        f"{show(wish.target)} holds {standing!r}, the mapping now gives {wish.value!r}; the ticket did not change.",
        "Nothing, if this is meant: the next change of the ticket's field writes it.",
        show(wish.target),
    )


def _update(target: str, changed: list[Wish], desired: Desired, work_order: Document, why: str) -> Intent:
    body = body_of(with_siblings(changed, desired.wishes, work_order))
    after = {show(wish.target): wish.value for wish in changed}
    return Intent(
        kind="work_order_fields",
        key="fields",
        verb="update",
        entity="work_order",
        target=target,
        body=body,
        before={show(wish.target): value_at(work_order, wish.target) for wish in changed},
        after=after,
        reason=f"{why}: " + ", ".join(sorted(after)),
        fingerprint=digest({show(w.target): dict(w.sources) for w in changed}),
        phase=Phase.UPDATE,
    )


def known_after_update(known: Known, desired: Desired, work_order: Document, plan: Plan) -> Known:
    """Everything in step: sources as they were read, targets as they stand.

    A status that could not be reached is remembered, so that its finding stays until the ticket asks for another.
    """
    targets = {**known.targets, **{show(w.target): value_at(work_order, w.target) for w in desired.wishes}}
    targets.pop("status_id", None)
    if desired.status and any(finding.field == "status_id" for finding in plan.findings):
        targets["status_id"] = desired.status.value
    return Known({**known.sources, **desired.sources}, targets, ())


def _status_moves(
    wish: Wish | None, known: Known, work_order: Document, rules: ImportRules, owner: str, *, resync: bool
) -> tuple[tuple[Intent, ...], tuple[Finding, ...]]:
    if wish is None:
        return (), ()
    if wish.always or resync or is_changed(wish, known):
        return plan_status(wish, work_order, rules, owner)
    if known.targets.get("status_id") == wish.value:
        return (), still_unreached(wish, work_order, rules, owner)
    return (), ()


def _no_title(owner: str) -> Finding:
    return Finding(
        "title_missing",
        Severity.ERROR,
        owner,
        "No mapping gave a title, without which Field Nation makes no work order.",
        "Map `title`, or give that mapping a default.",
        "title",
    )
