"""What was asked of the server: counts per endpoint, calls in flight, and a journal of every write."""

import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

_NUMBER = re.compile(r"/-?\d+(?=/|$)")
_UUID = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}(:\d+)?(?=/|$)", re.IGNORECASE)
_PREFIXES = ("/api/rest/v2/", "/api/v1/", "/authentication/api/", "/")
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def kind_of(method: str, path: str) -> str:
    """The endpoint of a call, for example "PUT workorders/{id}/custom_fields/{id}"."""
    plain = _UUID.sub("/{id}", _NUMBER.sub("/{id}", path))
    prefix = next(one for one in _PREFIXES if plain.startswith(one))
    return f"{method} {plain.removeprefix(prefix)}"


@dataclass
class Write:
    """One write as it arrived. `status` is null while no answer was made, `committed` tells whether it took effect."""

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

    def journal(self) -> list[dict[str, Any]]:
        """The answer of `GET /_sim/writes`."""
        return [asdict(one) for one in self.writes]
