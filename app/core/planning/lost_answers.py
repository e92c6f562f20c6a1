"""Lost answers: what a fresh read of the work order says about a write whose answer never came."""

from collections.abc import Mapping

from app.core.mapping.paths import Path, System, parse_path
from app.core.model.document import Document, Json
from app.core.model.finding import Finding, Severity
from app.core.model.link import Known
from app.core.planning.statuses import by_action
from app.core.planning.targets import status_id, value_at


def stands(attempted: Mapping[str, Json], work_order: Document) -> bool:
    """Whether every attempted value (by shown target) stands at the work order."""
    return all(_at(work_order, name) == value for name, value in attempted.items())


def changed_by_others(
    attempted: Mapping[str, Json], before: Mapping[str, Json], work_order: Document, owner: str
) -> tuple[Finding, ...]:
    """A finding for each field that holds neither the old nor the new value: somebody changed it meanwhile."""
    return tuple(
        Finding(
            "changed_meanwhile",
            Severity.WARNING,
            owner,
            f"While the answer to a write was lost, {name} became {_at(work_order, name)!r}: neither the old value "
            f"{before.get(name)!r} nor the one sent, {value!r}.",
            "Check the field in Field Nation.",
            name,
        )
        for name, value in attempted.items()
        if _at(work_order, name) not in (value, before.get(name))
    )


def reached(action: str, work_order: Document) -> bool:
    """Whether an action whose answer was lost has been carried out."""
    return status_id(work_order) in by_action(action).reached


def known_from_attempt(attempted: Document, work_order: Document) -> Known:
    """What the link of a create knows whose answer was lost: sources as they were sent, and what stands of it."""
    values, sources = _part(attempted, "values"), _part(attempted, "sources")
    taken = {name: value for name, value in values.items() if _at(work_order, name) == value}
    pending = [name for name in values if name not in taken]
    if attempted.get("status"):
        pending.append("status_id")
    return Known({path: str(value) for path, value in sources.items()}, taken, tuple(pending))


def _part(attempted: Document, name: str) -> Mapping[str, Json]:
    part = attempted.get(name)
    return part if isinstance(part, Mapping) else {}


def _at(work_order: Document, name: str) -> Json:
    path = parse_path(name, System.FIELD_NATION)
    return value_at(work_order, path.segments) if isinstance(path, Path) else None
