"""Status moves: the action that brings a work order to the mapped status, last of all writes."""

from app.core.mapping.digests import digest
from app.core.model.document import Document
from app.core.model.finding import Finding, Severity
from app.core.model.intent import Intent, Phase
from app.core.planning.desired import Wish
from app.core.planning.rules import ImportRules
from app.core.planning.statuses import MOVES, label
from app.core.planning.targets import status_id


def plan_status(
    wish: Wish | None, work_order: Document, rules: ImportRules, owner: str
) -> tuple[tuple[Intent, ...], tuple[Finding, ...]]:
    """The action that reaches the mapped status, if there is one, it is allowed, and the present status permits it."""
    present = status_id(work_order)
    if wish is None or wish.value == present:
        return (), ()
    wanted = wish.value if isinstance(wish.value, int) else None
    move = MOVES.get(wanted or 0)
    if move is None:
        return (), (_status(owner, "status_belongs_to_people", wanted, "only people bring a work order there"),)
    if present in move.reached:
        return (), (_status(owner, "status_further_on", wanted, f"it is {label(present)} already", Severity.INFO),)
    if move.action not in rules.actions:
        why = f"`settings.work_order_actions` does not list {move.action}"
        return (), (_status(owner, "action_not_allowed", wanted, why),)
    if present not in move.frm:
        return (), (_status(owner, "status_blocks_action", wanted, f"it is {label(present)}"),)
    if move.action == "cancel" and not rules.cancel_reason:
        return (), (_status(owner, "cancel_reason_missing", wanted, "`settings.cancel_reason` is empty"),)
    return (_action(move.action, present, wanted, wish, rules),), ()


def still_unreached(wish: Wish, work_order: Document, rules: ImportRules, owner: str) -> tuple[Finding, ...]:
    """Why a status that could not be reached before is not there yet; only a change of the ticket moves it now."""
    moves, findings = plan_status(wish, work_order, rules, owner)
    wanted = wish.value if isinstance(wish.value, int) else None
    why = "it was not possible when the ticket asked for it, and the ticket has not changed since"
    return (_status(owner, "status_not_reached", wanted, why),) if moves else findings


def _action(action: str, present: int | None, wanted: int | None, wish: Wish, rules: ImportRules) -> Intent:
    return Intent(
        kind="work_order_action",
        key=action,
        verb=action,
        entity="work_order",
        target="",
        body={"reason": rules.cancel_reason} if action == "cancel" else {},
        before={"status": label(present)},
        after={"status": label(wanted)},
        reason=f"the ticket's status is mapped to {label(wanted)}",
        fingerprint=digest(dict(wish.sources)),
        phase=Phase.STATUS,
    )


def _status(owner: str, code: str, wanted: int | None, why: str, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(
        code,
        severity,
        owner,
        f"The ticket's status is mapped to {label(wanted)}, which was not done: {why}.",
        "Change the status mapping or `settings.work_order_actions`, or do it in Field Nation.",
        "status_id",
    )
