"""What was asked of the server: counts per endpoint, calls in flight, and a journal of every write."""

import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

_NUMBER = re.compile(r"/-?\d+(?=/|$)")
_ORDER = re.compile(r"/workorders/(\d+)(?=/|$)")
_UUID = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}(:\d+)?(?=/|$)", re.IGNORECASE)
_PREFIXES = ("/api/rest/v2/", "/api/v1/", "/authentication/api/", "/")
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def kind_of(method: str, path: str) -> str:
    """The endpoint of a call, for example "PUT workorders/{id}/custom_fields/{id}"."""
    plain = _UUID.sub("/{id}", _NUMBER.sub("/{id}", path))
    prefix = next(one for one in _PREFIXES if plain.startswith(one))
    return f"{method} {plain.removeprefix(prefix)}"


def work_order_of(path: str) -> int | None:
    """The work order that a path names, None when it names none."""
    found = _ORDER.search(path)
    return None if found is None else int(found[1])


@dataclass
class Write:
    """One write as it arrived. `status` is null while no answer was made, `committed` tells whether it took effect.

    `by` is api for a call, ui for what a person did on the screen; `kind` of the latter is "ui" and the action's name.
    """

    seq: int
    at: str
    company: int | None
    method: str
    kind: str
    path: str
    query: dict[str, str]
    body: Any
    client: str
    status: int | None = None
    committed: bool = False
    fault: str = ""
    work_order: int | None = None
    by: str = "api"


@dataclass
class Calls:
    """Counters since the start or the last reset of the calls."""

    total: int = 0
    by_endpoint: Counter[str] = field(default_factory=Counter)
    by_company: Counter[str] = field(default_factory=Counter)
    clients: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    max_in_flight: Counter[str] = field(default_factory=Counter)
    writes: list[Write] = field(default_factory=list)

    def arrived(self, kind: str, company: str, client: str) -> None:
        """Count a call that begins; `company` is its id as text, or "" when nobody is known yet."""
        self.total += 1
        self.by_endpoint[kind] += 1
        self.by_company[company] += 1
        self.clients[client] += 1
        self.in_flight[company] += 1
        self.max_in_flight[company] = max(self.max_in_flight[company], self.in_flight[company])

    def left(self, company: str) -> None:
        """Count a call that ends, answered or not."""
        self.in_flight[company] -= 1

    def report(self) -> dict[str, Any]:
        """The answer of `GET /_sim/calls`."""
        return {
            "total": self.total,
            "by_endpoint": dict(self.by_endpoint),
            "by_company": dict(self.by_company),
            "max_in_flight_by_company": dict(self.max_in_flight),
            "in_flight_by_company": {key: count for key, count in self.in_flight.items() if count},
            "clients": dict(self.clients),
        }

    def noted(self, at: str, company: int, work_order: int, action: str, body: Any) -> None:
        """Add what a person did on the screen to the journal."""
        write = Write(len(self.writes) + 1, at, company, "POST", f"ui {action}", "", {}, body, "")
        write.status, write.committed, write.work_order, write.by = 200, True, work_order, "ui"
        self.writes.append(write)

    def journal(self, by: str = "api", **wanted: str) -> list[dict[str, Any]]:
        """The answer of `GET /_sim/writes`: what came by `by` (api, ui or all), narrowed by attributes as text."""
        rows = [asdict(one) for one in self.writes if by in ("all", one.by)]
        return [row for row in rows if all(str(row.get(name)) == value for name, value in wanted.items())]
