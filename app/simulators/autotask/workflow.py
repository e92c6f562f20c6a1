"""Workflow rules: what the customer's own automation does to a record right after a write."""

from dataclasses import dataclass
from typing import Any

from app.simulators.autotask.drafts import Draft
from app.simulators.autotask.errors import ApiError
from app.simulators.autotask.records import Row
from app.simulators.autotask.rules.tickets import completion


@dataclass
class WorkflowRule:
    """When `status` is written to a record of `entity`, `becomes` stands instead; null puts back what was there."""

    status: int
    becomes: int | None = None
    entity: str = "Tickets"
    times: int | None = None
    hits: int = 0

    def fits(self, entity: str, status: Any) -> bool:
        return self.entity == entity and self.status == status and (self.times is None or self.hits < self.times)


def read_rule(described: dict[str, Any]) -> WorkflowRule:
    """A rule as ordered. ApiError (400) names what is wrong with it."""
    try:
        return WorkflowRule(**described)
    except TypeError as error:
        raise ApiError(f"not a workflow rule: {error}", status=400) from None


def run_rules(rules: list[WorkflowRule], draft: Draft, row: Row, status_before: Any) -> None:
    """Change the status again as the first fitting rule says. Edits by people are left alone."""
    if draft.actor.is_person or "status" not in draft.values:
        return
    kept = _kept_status(rules, draft, row.get("status"), status_before)
    if kept is None or kept == row.get("status"):
        return
    done = completion(draft, kept) if draft.entity == "Tickets" else {}
    row.write({"status": kept, **done})


def _kept_status(rules: list[WorkflowRule], draft: Draft, status: Any, before: Any) -> Any:
    for rule in rules:
        if rule.fits(draft.entity, status):
            rule.hits += 1
            return before if rule.becomes is None else rule.becomes
    return draft.switches.status_reverts.get(str(status)) if draft.entity == "Tickets" else None
