"""Verdicts: what the records that a file names turned out to be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.core.mapping.values import as_number
from app.core.model.catalog import PickValue
from app.core.model.document import Document
from app.core.model.finding import Finding
from app.core.planning.review.references import (
    CODES,
    COMPANIES,
    CONTACTS,
    PEOPLE,
    ROLES,
    WORK_TYPE,
    IdUse,
    PairUse,
    References,
)
from app.core.planning.review.subject import doubt, flaw, nearest_number
from app.core.planning.targets import read_id

_API_LICENCE: Final = 7
"""Autotask developer help, API users: they can neither be assigned nor log time."""

_MATERIAL: Final = "material"
_MOST_LISTED: Final = 6
_TITLES: Final = {PEOPLE: "resource", ROLES: "role", CODES: "billing code", CONTACTS: "contact", COMPANIES: "company"}


@dataclass(frozen=True, slots=True)
class Known:
    """What was looked up: records by entity and id; an entity that could not be asked is not among them. `offered` are
    active records to choose from, `pairs` and `queues` the roles that resources have, `uses` the kinds of billing
    codes."""

    records: Mapping[str, Mapping[int, Document]]
    offered: Mapping[str, Sequence[Document]] = field(default_factory=dict)
    pairs: Sequence[Document] | None = None
    queues: Sequence[Document] | None = None
    uses: Sequence[PickValue] = ()


def verdicts(wanted: References, known: Known) -> Iterator[Finding]:
    """An error for each id that Autotask will refuse; a warning where the file does not send it today."""
    for use in wanted.ids:
        if use.entity in known.records:
            yield from _id(use, known)
    for pair in wanted.pairs:
        yield from _pair(pair, known)
    for contact, company, place in wanted.contacts:
        yield from _contact(contact, company, place, known)


def faulty_entities(wanted: References, known: Known) -> tuple[str, ...]:
    """The entities of which some id is no good, so that others may be offered."""
    bad = (use.entity for use in wanted.ids if use.entity in known.records and any(_id(use, known)))
    return tuple(dict.fromkeys(bad))


def _id(use: IdUse, known: Known) -> Iterator[Finding]:
    say = flaw if use.is_used else doubt
    record, what = known.records[use.entity].get(use.id), _TITLES.get(use.entity, f"record of {use.entity}")
    mend = _offer(use, known)
    if record is None:
        text = f"There is no {what} {use.id}, or the API user may not see it."
        yield say("reference_not_found", use.place, text, mend)
    elif _is_inactive(record):
        text = f"{_name(record)} is inactive, and Autotask takes no inactive {what}."
        yield say("reference_inactive", use.place, text, mend)
    elif use.is_person and _is_api_user(record):
        text = f"{_name(record)} is an API user, which cannot be the resource of a record."
        yield say("reference_wrong_kind", use.place, text, mend)
    elif use.code_for and (wrong := _wrong_code(use, record, known)):
        yield say("reference_wrong_kind", use.place, wrong, mend)


def _wrong_code(use: IdUse, record: Document, known: Known) -> str:
    """Time is booked with work types, charges with material; of other kinds only the database's own labels tell."""
    if _is_code_for(use.code_for, record, known.uses):
        return ""
    wanted = "a work type" if use.code_for == "time" else "a material code"
    label = _use_of(record, known.uses)
    return f"{_name(record)} is not {wanted}" + (f" but of the kind {label}." if label else ".")


def _is_code_for(purpose: str, record: Document, uses: Sequence[PickValue]) -> bool:
    number = as_number(record.get("useType"))
    if number is None:
        return True
    if purpose == "time":
        return number == WORK_TYPE
    label = _use_of(record, uses).casefold()
    is_told = any(_MATERIAL in pick.label.casefold() for pick in uses)
    return number != WORK_TYPE and (_MATERIAL in label or not is_told)


def _use_of(record: Document, uses: Sequence[PickValue]) -> str:
    number = str(as_number(record.get("useType")))
    return next((pick.label for pick in uses if pick.value == number), "")


def _offer(use: IdUse, known: Known) -> str:
    """The nearest of the active records that will do, else some of them."""
    fitting = [record for record in known.offered.get(use.entity, ()) if _would_do(use, record, known)]
    what = _TITLES.get(use.entity, "record")
    if not fitting:
        return f"Write the id of an active {what}; Autotask shows it in the record's address."
    by_id = {str(record.get("id")): record for record in fitting}
    hit = by_id.get(nearest_number(use.id, by_id))
    return f"Did you mean {_name(hit)}?" if hit else f"Use one of: {_some(fitting)}."


def _would_do(use: IdUse, record: Document, known: Known) -> bool:
    if _is_inactive(record) or read_id(record.get("id")) == use.id:
        return False
    if use.is_person and _is_api_user(record):
        return False
    return not use.code_for or _is_code_for(use.code_for, record, known.uses)


def _pair(use: PairUse, known: Known) -> Iterator[Finding]:
    """Said only where both ids are good on their own: one cause, one finding."""
    person, role = _good(known, PEOPLE, use.resource), _good(known, ROLES, use.role)
    if person is None or role is None or known.pairs is None or _is_api_user(person):
        return
    held = _roles(use.resource, known.pairs)
    if use.on_task:
        held |= _roles(use.resource, known.queues or ())
    if use.role not in held:
        text = f"{_name(person)} does not hold the role {_name(role)}, and Autotask refuses the two together."
        yield flaw("reference_no_pair", use.place, text, _other_roles(held, known))
    elif use.on_queue and known.queues is not None:
        tied = {
            read_id(one.get("roleID")) for one in _active(use.resource, known.queues) if one.get("queueID") is not None
        }
        if use.role not in tied:
            text = f"{_name(person)} works as {_name(role)} for no queue of the service desk, so cannot be assigned."
            yield flaw("reference_no_pair", use.place, text, _other_roles(held & tied, known))


def _is_inactive(record: Document) -> bool:
    """Contacts say it with a number (Autotask developer help, contacts); who says nothing is active."""
    return as_number(record.get("isActive")) == 0 or record.get("isActive") is False


def _is_api_user(record: Document) -> bool:
    return as_number(record.get("licenseType")) == _API_LICENCE


def _good(known: Known, entity: str, id: int) -> Document | None:
    record = known.records.get(entity, {}).get(id)
    return record if record and not _is_inactive(record) else None


def _roles(resource: int, ties: Iterable[Document]) -> set[int]:
    return {id for one in _active(resource, ties) if (id := read_id(one.get("roleID"))) is not None}


def _active(resource: int, ties: Iterable[Document]) -> list[Document]:
    return [one for one in ties if read_id(one.get("resourceID")) == resource and not _is_inactive(one)]


def _other_roles(held: Iterable[object], known: Known) -> str:
    roles = known.records.get(ROLES, {})
    mine = [roles[id] for id in sorted(id for id in held if isinstance(id, int)) if id in roles]
    good = [role for role in mine if not _is_inactive(role)]
    return f"Use one of: {_some(good)}." if good else "Give the resource that role in Autotask, or name another one."


def _contact(contact: int, company: int, place: str, known: Known) -> Iterator[Finding]:
    """Of the company or of its parent (Autotask developer help, contacts)."""
    record, owner = _good(known, CONTACTS, contact), _good(known, COMPANIES, company)
    if record is None or owner is None:
        return
    if read_id(record.get("companyID")) not in (company, read_id(owner.get("parentCompanyID"))):
        text = f"{_name(record)} is a contact of company {record.get('companyID')}, and the ticket is made for "
        text += f"{_name(owner)}: Autotask takes only contacts of the company or of its parent."
        yield flaw("reference_wrong_kind", place, text, "Name a contact of that company.")


def _name(record: Document) -> str:
    parts = [str(record[key]) for key in ("firstName", "lastName") if record.get(key)]
    named = " ".join(parts) or record.get("name") or record.get("companyName") or record.get("title")
    return f"{named} ({record.get('id')})" if named else f"{record.get('id')}"


def _some(records: Sequence[Document]) -> str:
    more = ", …" if len(records) > _MOST_LISTED else ""
    return ", ".join(_name(record) for record in records[:_MOST_LISTED]) + more
