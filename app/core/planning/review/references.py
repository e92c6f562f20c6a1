"""References: ids of records that the file names, by hand or in a rule, and what each of them has to be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.core.mapping.outbound import CompiledPart, Kind
from app.core.mapping.rules import ArrayMap, Rule, SetStatic, StatusMap
from app.core.mapping.soap_names import plural
from app.core.mapping.values import as_text
from app.core.model.connection import ConnectionFile
from app.core.planning.review.subject import Subject, written

PEOPLE, ROLES, CODES = "Resources", "Roles", "BillingCodes"
CONTACTS, COMPANIES = "Contacts", "Companies"

WORK_TYPE: Final = 1
"""`useType` of a billing code that time is booked with (seen in live databases); material has a number of its own."""


@dataclass(frozen=True, slots=True)
class IdUse:
    """An id of a record of `entity`, at `place` of the file. `code_for` is what a billing code is used for: `time`,
    `charge` or nothing. `is_person`: somebody who works, which an API user cannot. `is_used` says whether the file,
    as it is switched today, sends it."""

    entity: str
    id: int
    place: str
    code_for: str = ""
    is_person: bool = False
    is_used: bool = True


@dataclass(frozen=True, slots=True)
class PairUse:
    """A resource that works in a role; `place` is that of the role. `on_queue`: it has to be tied to a service-desk
    queue, as an assigned one has; `on_task`: the role of the resource's department will do."""

    resource: int
    role: int
    place: str
    on_queue: bool = False
    on_task: bool = False


@dataclass(frozen=True, slots=True)
class References:
    """Everything that has to be looked up: `contacts` are the places of contacts with the company beside them."""

    ids: tuple[IdUse, ...] = ()
    pairs: tuple[PairUse, ...] = ()
    contacts: tuple[tuple[int, int, str], ...] = ()


def references_of(subject: Subject) -> References:
    """The ids of the file and of its outbound rules, with the pairs that they make."""
    ids = [*_of_file(subject.file)]
    for part in subject.parts:
        ids += _of_rules(part)
    time, ticket = subject.outbound.time_entries, subject.outbound.ticket
    pairs = (*_time_pairs(subject.file, time), *_ticket_pairs(ticket))
    return References(tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(pairs)), _contacts(ticket))


def _of_file(file: ConnectionFile) -> Iterator[IdUse]:
    time, expenses = file.time_entries, file.expenses
    on_project = file.autotask.service_object == "Project"
    is_charge = expenses.additional_charges == "charge"
    people = [("time_entries.resource_id", time.resource_id)]
    roles = [("time_entries.role_id", time.role_id)]
    for key, provider in time.providers.items():
        people.append((f"time_entries.providers.{key}.resource_id", provider.resource_id))
        roles.append((f"time_entries.providers.{key}.role_id", provider.role_id))
    yield from (IdUse(PEOPLE, id, place, is_person=True) for place, id in people if id is not None)
    yield from (IdUse(ROLES, id, place) for place, id in roles if id is not None)
    if expenses.submitter_id is not None:
        place = "expenses.submitter_id"
        yield IdUse(PEOPLE, expenses.submitter_id, place, is_person=True, is_used=not is_charge)
    if file.autotask.impersonate is not None:
        yield IdUse(PEOPLE, file.autotask.impersonate, "autotask.impersonate", is_person=True)
    if time.work_type is not None:
        yield IdUse(CODES, time.work_type, "time_entries.work_type", code_for="time")
    if expenses.charge.billing_code_id is not None:
        place, is_used = "expenses.charge.billing_code_id", is_charge and not on_project
        yield IdUse(CODES, expenses.charge.billing_code_id, place, code_for="charge", is_used=is_used)
    if time.task_id is not None:
        yield IdUse("Tasks", time.task_id, "time_entries.task_id", is_used=on_project)


_CODES_FOR: Final[dict[Kind, str]] = {"ticket": "time", "time_entries": "time", "charges": "charge"}


def _of_rules(part: CompiledPart) -> Iterator[IdUse]:
    for rule in part.rules:
        for field in rule.fields:
            if not field.meta.reference:
                continue
            entity = plural(field.meta.reference)
            code_for = _CODES_FOR.get(part.kind, "") if field.name == "billingCodeID" else ""
            is_person = entity == PEOPLE
            for key, value in written(rule.rule):
                if isinstance(value, int) and not isinstance(value, bool):
                    yield IdUse(entity, value, f"{rule.rule.place}.{key}", code_for, is_person)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The ids that a field may get, by the compare value they are for (empty for all), each with its place."""

    source: str
    by_compare: dict[str, tuple[int, str]]


def _chosen(part: CompiledPart, name: str) -> _Chosen | None:
    """None when no rule writes the field; without ids when what it gets is only known later."""
    rules = [rule.rule for rule in part.rules if any(field.name == name for field in rule.fields)]
    if not rules:
        return None
    rule = rules[-1]
    return _Chosen(rule.source if isinstance(rule, ArrayMap | StatusMap) else "", dict(_choices(rule)))


def _choices(rule: Rule) -> Iterator[tuple[str, tuple[int, str]]]:
    if isinstance(rule, SetStatic) and isinstance(rule.value, int):
        yield "", (rule.value, f"{rule.place}.value")
    if isinstance(rule, ArrayMap | StatusMap):
        for n, pair in enumerate(rule.pairs):
            if isinstance(pair.value, int):
                yield as_text(pair.compare) or "null", (pair.value, f"{rule.place}.mappings[{n}].value")


def _joined(people: _Chosen, roles: _Chosen) -> Iterator[tuple[int, int, str]]:
    """Who may meet which role: one role for all, or maps of the same source, entry by entry."""
    for compare, (person, place) in people.by_compare.items():
        fixed = roles.by_compare.get("")
        beside = fixed or (roles.by_compare.get(compare) if people.source == roles.source else None)
        if beside is not None:
            yield person, beside[0], beside[1] if compare in ("", *roles.by_compare) else place
    if "" in people.by_compare and roles.source:
        for role, place in roles.by_compare.values():
            yield people.by_compare[""][0], role, place


def _time_pairs(file: ConnectionFile, part: CompiledPart) -> Iterator[PairUse]:
    """A mapped resource or role takes the place of the file's, for every provider."""
    on_task = file.autotask.service_object == "Project"
    time = file.time_entries
    people, roles = _chosen(part, "resourceID"), _chosen(part, "roleID")
    own = [("time_entries", time.resource_id, time.role_id)]
    own += [(f"time_entries.providers.{key}", one.resource_id, one.role_id) for key, one in time.providers.items()]
    for place, resource, role in own:
        mine = people or _Chosen("", {} if resource is None else {"": (resource, f"{place}.resource_id")})
        its = roles or _Chosen("", {} if role is None else {"": (role, f"{place}.role_id")})
        yield from (PairUse(*pair, on_task=on_task) for pair in _joined(mine, its))


def _ticket_pairs(part: CompiledPart) -> Iterator[PairUse]:
    people, roles = _chosen(part, "assignedResourceID"), _chosen(part, "assignedResourceRoleID")
    if people and roles:
        yield from (PairUse(*pair, on_queue=True) for pair in _joined(people, roles))


def _contacts(part: CompiledPart) -> tuple[tuple[int, int, str], ...]:
    """Contact, company and place, where both are fixed."""
    contacts, companies = _chosen(part, "contactID"), _chosen(part, "companyID")
    if not contacts or not companies or "" not in companies.by_compare:
        return ()
    company = companies.by_compare[""][0]
    return tuple((contact, company, place) for contact, place in contacts.by_compare.values())
