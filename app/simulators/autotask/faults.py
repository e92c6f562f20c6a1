"""Misbehaviour on command: what to do to which calls, how often."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from app.simulators.autotask.errors import ApiError

# What each fault does; those in AFTER let the call do its work first.
KINDS = {
    "429": "the thread limit's refusal, nothing done",
    "500_text": "a 500 whose body is not JSON",
    "500_empty": "a 500 with an empty errors array",
    "500_unexpected": "a 500 whose text speaks of a timeout",
    "500_validation": "a 500 with a validation text (`text`)",
    "503": "the web tier's refusal",
    "slow": "works after `delay_s`",
    "lost_before": "nothing done, the connection closed without an answer",
    "lost_after": "done, the connection closed without an answer",
    "late": "the connection closed without an answer, done `delay_s` later",
    "ghost": "no answer until the client gives up (or is released), done `delay_s` after that",
    "reset": "nothing done, the connection reset",
    "hold": "done, the answer held until released",
    "outage": "every call is refused with 503, or closed with `closed`, before anything else",
    "wrong_credentials": "credentials are refused",
}


@dataclass(frozen=True)
class Asked:
    """The call that an order may fit: `entity` as the contract spells it, `records` the ids it speaks of."""

    method: str
    path: str
    ci: int | None
    records: frozenset[int] = frozenset()
    entity: str | None = None


@dataclass
class Fault:
    """One order. `path` is a regular expression searched in the path; `record` is an id the call must speak of.

    The first `skip` fitting calls pass, the next `times` are hit (null: all of them).
    """

    fault: str
    method: str | None = None
    path: str | None = None
    entity: str | None = None
    skip: int = 0
    times: int | None = None
    delay_s: float = 0.0
    record: int | None = None
    database: int | None = None
    text: str = "Value does not exist for the required field title"
    commit: bool = False  # the 500 kinds: do the work, then answer with the error
    closed: bool = False  # outage: close the connection instead of 503
    hits: int = 0
    id: int = 0

    def fits(self, asked: Asked) -> bool:
        if self.times is not None and self.hits >= self.times:
            return False
        if self.method is not None and self.method.upper() != asked.method:
            return False
        if self.path is not None and not re.search(self.path, asked.path, re.IGNORECASE):
            return False
        if self.entity is not None and self.entity.lower() != (asked.entity or "").lower():
            return False
        if self.record is not None and self.record not in asked.records:
            return False
        return self.database is None or self.database == asked.ci


class Faults:
    """The standing orders, oldest first. The first that fits is taken."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []
        self._next_id = 1

    def add(self, order: dict[str, Any]) -> Fault:
        """Take an order. ApiError (400) names what is wrong with it."""
        try:
            fault = Fault(**order)
            re.compile(fault.path or "")
        except (TypeError, re.error) as error:
            raise ApiError(f"not a fault: {error}", status=400) from None
        if fault.fault not in KINDS:
            raise ApiError(f"unknown fault {fault.fault}; known: {', '.join(KINDS)}", status=400)
        fault.id, self._next_id = self._next_id, self._next_id + 1
        self.orders.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        self.orders = [order for order in self.orders if fault_id is not None and order.id != fault_id]

    def listing(self) -> list[dict[str, Any]]:
        return [asdict(order) for order in self.orders]

    def take(self, kinds: frozenset[str], asked: Asked) -> Fault | None:
        """The first fitting order of some kinds, counted as hit. One that still lets calls pass counts down."""
        for order in self.orders:
            if order.fault not in kinds or not order.fits(asked):
                continue
            if order.skip > 0:
                order.skip -= 1
                continue
            order.hits += 1
            return order
        return None


EARLY = frozenset({"outage"})
CREDENTIALS = frozenset({"wrong_credentials"})
REST = frozenset(KINDS) - EARLY - CREDENTIALS


def error_answer(fault: Fault) -> tuple[int, str, str] | None:
    """Status, body and content type of a fault that answers with an error; None for the other kinds."""
    answers = {
        "429": (429, ApiError("API thread threshold of 3 threads has been exceeded").body(), "application/json"),
        "500_text": (500, "<html><body><h1>Server Error in '/' Application.</h1></body></html>", "text/html"),
        "500_empty": (500, '{"errors":[]}', "application/json"),
        "500_unexpected": (500, ApiError("Execution Timeout Expired.").body(), "application/json"),
        "500_validation": (500, ApiError(fault.text).body(), "application/json"),
        "503": (503, "<html><body><h2>Service Unavailable</h2></body></html>", "text/html"),
        "outage": (503, "<html><body><h2>Service Unavailable</h2></body></html>", "text/html"),
    }
    return answers.get(fault.fault)


def records_named(ids: list[int], body: Any) -> frozenset[int]:
    """Every record a call speaks of: ids in its path, members of its body named ...id, conditions on ...id fields."""
    found = set(ids)
    pending: list[Any] = [body]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            found |= _named_here({key.lower(): value for key, value in node.items()})
            pending += [value for value in node.values() if isinstance(value, dict | list)]
    return frozenset(found)


def _named_here(node: dict[str, Any]) -> set[int]:
    found = {value for key, value in node.items() if key.endswith("id") and type(value) is int}
    if str(node.get("field", "")).lower().endswith("id"):
        value = node.get("value")
        found |= {v for v in (value if isinstance(value, list) else [value]) if type(v) is int}
    return found
