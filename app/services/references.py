"""References: the records that a connection file names by their ids, looked up with one query for each entity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.core.model.catalog import PickValue
from app.core.model.document import Document
from app.core.model.failure import Gone, Rejected
from app.core.model.finding import Finding
from app.core.planning.review.references import CODES, COMPANIES, PEOPLE, ROLES, References
from app.core.planning.review.subject import doubt
from app.core.planning.review.verdicts import Known, faulty_entities, verdicts
from app.ports.tickets import TicketSystem
from app.services.related import whole_number

SERVICE_DESK_ROLES: Final = "ResourceServiceDeskRoles"
QUEUE_ROLES: Final = "ResourceRoles"

_IDS_PER_QUERY: Final = 500
"""Autotask takes at most 500 OR conditions in one query (Autotask developer help, advanced query features)."""

_OFFERED: Final = (PEOPLE, ROLES, CODES)
"""Lists that are short enough to choose from."""

_MOST_OFFERED: Final = 500
"""One page: what is offered is a help and need not be all."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What is wrong with the ids, and how many calls it took to know."""

    findings: tuple[Finding, ...]
    calls: int


def calls_for(wanted: References) -> int:
    """The calls that looking everything up takes at least; one more for each entity of which an id is no good."""
    entities = {use.entity for use in wanted.ids}
    with_pairs = entities | ({ROLES, SERVICE_DESK_ROLES} if wanted.pairs else set())
    on_queue = any(pair.on_queue or pair.on_task for pair in wanted.pairs)
    return len(with_pairs) + (1 if on_queue else 0)


async def look_up(wanted: References, tickets: TicketSystem, uses: Sequence[PickValue] = ()) -> LookedUp:
    """Reads every record once and judges. `uses` are the kinds of billing codes.

    What the API user may not see is a warning. Raises any other `Failure`.
    """
    asking = _Asking(tickets)
    people = sorted({pair.resource for pair in wanted.pairs})
    pairs = await asking.ties(SERVICE_DESK_ROLES, people, _place(wanted, PEOPLE))
    queued = any(pair.on_queue or pair.on_task for pair in wanted.pairs)
    queues = await asking.ties(QUEUE_ROLES, people, _place(wanted, PEOPLE)) if queued else None
    ids = _ids(wanted)
    # Roles that could be named instead come with the same query.
    ids[ROLES] = ids.get(ROLES, set()) | _roles(pairs, queues) if wanted.pairs else ids.get(ROLES, set())
    records: dict[str, dict[int, Document]] = {}
    for entity, wanted_ids in ids.items():
        found = await asking.by(entity, "id", sorted(wanted_ids), _place(wanted, entity)) if wanted_ids else None
        if found is not None:
            records[entity] = {id: row for row in found if (id := whole_number(row.get("id"))) is not None}
    known = Known(records, {}, pairs, queues, uses)
    offered = {entity: await asking.active(entity) for entity in faulty_entities(wanted, known) if entity in _OFFERED}
    findings = verdicts(wanted, Known(records, offered, pairs, queues, uses))
    return LookedUp((*findings, *asking.findings), asking.calls)


def _ids(wanted: References) -> dict[str, set[int]]:
    ids: dict[str, set[int]] = {}
    for use in wanted.ids:
        ids.setdefault(use.entity, set()).add(use.id)
    for pair in wanted.pairs:
        ids.setdefault(PEOPLE, set()).add(pair.resource)
        ids.setdefault(ROLES, set()).add(pair.role)
    for _, company, _ in wanted.contacts:
        ids.setdefault(COMPANIES, set()).add(company)
    return ids


def _roles(*ties: Sequence[Document] | None) -> set[int]:
    found = (whole_number(tie.get("roleID")) for rows in ties for tie in rows or ())
    return {role for role in found if role is not None}


def _place(wanted: References, entity: str) -> str:
    return next((use.place for use in wanted.ids if use.entity == entity), "")


@dataclass(slots=True)
class _Asking:
    """Queries that may be refused; each refusal is a warning about what could not be checked."""

    tickets: TicketSystem
    calls: int = 0
    findings: list[Finding] = field(default_factory=list)

    async def ties(self, entity: str, people: Sequence[int], place: str) -> list[Document] | None:
        """The roles that the resources have; None when they could not be asked for, or there is nobody to ask for."""
        return await self.by(entity, "resourceID", people, place) if people else None

    async def by(self, entity: str, name: str, values: Sequence[int], place: str) -> list[Document] | None:
        """The records whose field has one of the values; None when the API user may not see them."""
        found: list[Document] = []
        for start in range(0, len(values), _IDS_PER_QUERY):
            part = list(values[start : start + _IDS_PER_QUERY])
            self.calls += 1
            try:
                found += [row async for row in self.tickets.query(entity, [{"op": "in", "field": name, "value": part}])]
            except (Rejected, Gone) as failure:
                self.findings.append(_not_checked(entity, values, place, failure.text))
                return None
        return found

    async def active(self, entity: str) -> list[Document]:
        """Some active records of the entity, to choose from; none where they cannot be asked for."""
        found: list[Document] = []
        self.calls += 1
        try:
            async for row in self.tickets.query(entity, [{"op": "eq", "field": "isActive", "value": True}]):
                found.append(row)
                if len(found) >= _MOST_OFFERED:
                    break
        except (Rejected, Gone):
            return []
        return found


def _not_checked(entity: str, values: Iterable[int], place: str, why: str) -> Finding:
    listed = ", ".join(str(value) for value in values)
    text = f"{entity} could not be looked up, so nobody knows whether {listed} will be taken: {why}"
    mend = f"Allow 'view' for {entity} in the API user's security level, or look at them in Autotask."
    return doubt("reference_not_checked", place, text, mend)
