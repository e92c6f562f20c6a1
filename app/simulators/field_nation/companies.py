"""Buyer companies as seeded: users, custom fields, and the small lists a work order refers to."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class User:
    """A person of the buyer; `username` and `password` open the API, `name` is first and last name."""

    id: int
    username: str
    password: str
    name: str

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2]


@dataclass(frozen=True)
class FieldDefinition:
    """A custom field of the company; every work order of the company carries it."""

    id: int
    name: str
    type: str = "text"
    role: str = "buyer"
    flags: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    tip: str = ""
    category: str = ""
    order: int = 0


@dataclass
class Company:
    """One buyer. Lists of plain objects keep the wire's own keys."""

    id: int
    name: str
    client_id: str
    client_secret: str
    users: list[User]
    fields: dict[int, FieldDefinition] = field(default_factory=dict)
    managers: list[int] = field(default_factory=list)
    types_of_work: list[Json] = field(default_factory=list)
    locations: list[Json] = field(default_factory=list)
    clients: list[Json] = field(default_factory=list)
    projects: list[Json] = field(default_factory=list)
    templates: list[Json] = field(default_factory=list)
    tags: list[Json] = field(default_factory=list)
    expenses: list[Json] = field(default_factory=list)
    providers: list[Json] = field(default_factory=list)
    time_zone: str = ""

    @property
    def internal_field(self) -> FieldDefinition | None:
        """The field flagged as the internal ticket number, if the company has one."""
        return next((one for one in self.fields.values() if "internal_id" in one.flags), None)

    def user(self, user_id: int) -> User | None:
        """The user with this id, or None."""
        return next((one for one in self.users if one.id == user_id), None)

    def is_manager(self, user_id: Any) -> bool:
        """Whether a work order may be given to this user as its manager."""
        return user_id in self.managers if self.managers else self.user(user_id) is not None


def known(rows: list[Json], identity: Any) -> Json | None:
    """The row with this id, or None."""
    return next((row for row in rows if row.get("id") == identity), None)


def person_of(company: Company, identity: int) -> Json:
    """`{id, first_name, last_name}` of a user or provider; empty names for anybody else."""
    user = company.user(identity)
    if user is not None:
        return {"id": identity, "first_name": user.first_name, "last_name": user.last_name}
    row = known(company.providers, identity) or {}
    return {"id": identity, "first_name": row.get("first_name", ""), "last_name": row.get("last_name", "")}


def is_provider(company: Company, identity: int) -> bool:
    """Whether this is the id of somebody who does the work."""
    return known(company.providers, identity) is not None


def read_company(raw: Json) -> Company:
    """A company from its seed; raises KeyError or TypeError on a seed that lacks what it must have."""
    company = Company(
        id=int(raw["company_id"]),
        name=raw.get("name", f"Company {raw['company_id']}"),
        client_id=raw["client_id"],
        client_secret=raw["client_secret"],
        users=[User(one["id"], one["username"], one["password"], one.get("name", "")) for one in raw["users"]],
        managers=list(raw.get("managers") or []),
        time_zone=raw.get("time_zone", ""),
    )
    for name in ("types_of_work", "locations", "clients", "projects", "templates", "tags", "expenses", "providers"):
        setattr(company, name, list(raw.get(name) or []))
    for definition in _definitions(raw):
        company.fields[definition.id] = definition
    return company


def _definitions(raw: Json) -> list[FieldDefinition]:
    rows = [dict(one) for one in raw.get("custom_fields") or []]
    internal = raw.get("internal_id_field")
    if internal and all(one["id"] != internal["id"] for one in rows):
        rows.insert(0, {**internal, "flags": ["internal_id"]})
    return [read_definition(one, order) for order, one in enumerate(rows)]


def read_definition(raw: Json, order: int) -> FieldDefinition:
    """A custom field from its seed; `id` and `name` are needed, the rest is as for a text field of the buyer."""
    return FieldDefinition(
        id=raw["id"],
        name=raw["name"],
        type=raw.get("type", "text"),
        role=raw.get("role", "buyer"),
        flags=tuple(raw.get("flags") or ()),
        options=tuple(raw.get("options") or ()),
        tip=raw.get("tip", ""),
        category=raw.get("category", ""),
        order=order,
    )
