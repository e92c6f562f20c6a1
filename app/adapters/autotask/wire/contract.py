"""Which operations the vendor's contract has, for every entity; anything else is refused before it is sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from app.core.model.failure import Rejected

# Autotask's own swagger of August 2026: items of an expense report are written below Expenses, not ExpenseReports.
_PARENT_SPELLINGS = {"expensereports": "expenses"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the contract: `path` is relative to the API's root, `is_write` says whether it changes data."""

    method: str
    path: str
    is_write: bool = False

    @property
    def endpoint(self) -> str:
        """The object that the vendor counts threads by: the first segment of the path."""
        return self.path.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of the contract.

    `own` are the methods of its collection, `item` those of a record below it; `parent` and `child` name the path
    `parent/{id}/child` where it lives as a child, with the methods there.
    """

    name: str
    has: frozenset[str]
    own: frozenset[str]
    item: frozenset[str]
    parent: str
    child: str
    child_own: frozenset[str]
    child_item: frozenset[str]

    def query(self) -> Operation:
        """The query of the entity; a POST that changes nothing."""
        self._demand("query" in self.has, "query")
        return Operation("POST", f"{self.name}/query")

    def get(self, id: int) -> Operation | None:
        """The read of one record, or None where only a query can find it."""
        return Operation("GET", f"{self.name}/{id}") if "GET" in self.item else None

    def information(self) -> Operation:
        """What the API user may do with the entity."""
        self._demand("info" in self.has, "describe")
        return Operation("GET", f"{self.name}/entityInformation")

    def fields(self) -> Operation:
        """The fields and picklists of the entity."""
        self._demand("info" in self.has, "describe")
        return Operation("GET", f"{self.name}/entityInformation/fields")

    def user_fields(self) -> Operation | None:
        """The user-defined fields of the entity, or None where it can have none."""
        return Operation("GET", f"{self.name}/entityInformation/userDefinedFields") if "udf" in self.has else None

    def create(self, parent: tuple[str, int] | None) -> Operation:
        """The create, below the parent where the contract wants that."""
        return self._write("POST", "create", parent)

    def patch(self, parent: tuple[str, int] | None) -> Operation:
        """The partial update; the id stands in the body."""
        return self._write("PATCH", "update", parent)

    def delete(self, id: int, parent: tuple[str, int] | None) -> Operation:
        """The delete of one record."""
        if parent is not None and self._is_below(parent) and "DELETE" in self.child_item:
            return Operation("DELETE", f"{self.parent}/{parent[1]}/{self.child}/{id}", True)
        self._demand(parent is None and "DELETE" in self.item, "delete")
        return Operation("DELETE", f"{self.name}/{id}", True)

    def offers(self) -> str:
        """What the contract has for the entity, in words."""
        return "; ".join(self._offers()) or "nothing at all"

    def _write(self, method: str, verb: str, parent: tuple[str, int] | None) -> Operation:
        if parent is not None and self._is_below(parent) and method in self.child_own:
            return Operation(method, f"{self.parent}/{parent[1]}/{self.child}", True)
        self._demand(parent is None and method in self.own, verb)
        return Operation(method, self.name, True)

    def _is_below(self, parent: tuple[str, int]) -> bool:
        name = parent[0].lower()
        return bool(self.parent) and self.parent.lower() in (name, _PARENT_SPELLINGS.get(name))

    def _demand(self, offered: bool, verb: str) -> None:
        if not offered:
            text = f"Autotask cannot {verb} {self.name} this way. It offers: {self.offers()}."
            raise Rejected("autotask_no_such_operation", text)

    def _offers(self) -> list[str]:
        below = f"{self.parent}/{{id}}/{self.child}"
        offers = ["query"] if "query" in self.has else []
        offers += _verbs(self.own | self.item, "")
        return offers + _verbs(self.child_own | self.child_item, f" through {below}")


_VERBS = {"GET": "get", "POST": "create", "PATCH": "update", "DELETE": "delete"}


def _verbs(methods: frozenset[str], where: str) -> list[str]:
    return [verb + where for method, verb in _VERBS.items() if method in methods]


@cache
def entities() -> Mapping[str, Entity]:
    """Every entity of the contract, by its lower-cased name."""
    text = files(__package__).joinpath("contract.json").read_text("utf-8")
    return {name.lower(): _entity(name, row) for name, row in json.loads(text).items()}


def entity(name: str) -> Entity:
    """The entity of that name in any capitalisation. Raises `Rejected`, naming the nearest one."""
    found = entities().get(name.lower())
    if found is not None:
        return found
    near = get_close_matches(name.lower(), entities(), n=1)
    hint = f" Did you mean {entities()[near[0]].name}?" if near else ""
    raise Rejected("autotask_no_such_operation", f"Autotask has no entity {name!r}.{hint}")


def _entity(name: str, row: Mapping[str, object]) -> Entity:
    under = row.get("under")
    (place, methods) = next(iter(under.items())) if isinstance(under, dict) else ("/", ("", ""))
    parent, _, child = place.partition("/")
    return Entity(
        name=name,
        has=_words(row.get("has")),
        own=_words(row.get("own")),
        item=_words(row.get("item")),
        parent=parent,
        child=child,
        child_own=_words(methods[0]),
        child_item=_words(methods[1]),
    )


def _words(text: object) -> frozenset[str]:
    return frozenset(str(text or "").split())
