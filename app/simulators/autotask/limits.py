"""The vendor's meters: calls in flight per endpoint, calls per hour per database; and a count of everything."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from app.simulators.autotask.errors import THREADS, ApiError
from app.simulators.autotask.records import Database


@dataclass
class Calls:
    """What was called, by whom and how much at once. Refused calls count too: the peak must show a breach."""

    total: int = 0
    by_endpoint: Counter[str] = field(default_factory=Counter)
    by_database: Counter[str] = field(default_factory=Counter)
    by_status: Counter[str] = field(default_factory=Counter)
    clients: Counter[str] = field(default_factory=Counter)
    reads: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # database, entity, kind of read
    writes: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # database, entity, verb; committed ones
    metadata: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    peak: dict[str, int] = field(default_factory=dict)
    peak_by_database: dict[str, int] = field(default_factory=dict)
    peak_clients_by_database: dict[str, int] = field(default_factory=dict)

    def arrived(self, endpoint: str, database: str | None, client: str) -> None:
        self.total += 1
        self.by_endpoint[endpoint] += 1
        self.clients[client] += 1
        if database is not None:
            self.by_database[database] += 1

    def counted(self, database: str | None) -> dict[str, Any]:
        """Reads of records, reads of metadata and committed writes: how many, and of which entity and kind."""
        kinds = {"reads": self.reads, "metadata": self.metadata, "writes": self.writes}
        told: dict[str, Any] = {}
        for name, counter in kinds.items():
            by_entity: dict[str, dict[str, int]] = {}
            for (ci, entity, kind), number in counter.items():
                if database in (None, ci):
                    of_kind = by_entity.setdefault(entity, {})
                    of_kind[kind] = of_kind.get(kind, 0) + number
            told[name] = sum(number for of_kind in by_entity.values() for number in of_kind.values())
            told[f"{name}_by_entity"] = by_entity
        return told


@dataclass
class InFlight:
    """Calls that are being served now."""

    by_thread: Counter[str] = field(default_factory=Counter)
    by_database: Counter[str] = field(default_factory=Counter)
    clients: dict[str, Counter[str]] = field(default_factory=dict)

    def enter(self, calls: Calls, db: Database, code: str, segment: str, client: str) -> str:
        """Count a call in; gives the key to leave by."""
        ci, key = str(db.ci), f"{db.ci}|{code}|{segment}"
        self.by_thread[key] += 1
        self.by_database[ci] += 1
        self.clients.setdefault(ci, Counter())[client] += 1
        calls.peak[key] = max(calls.peak.get(key, 0), self.by_thread[key])
        calls.peak_by_database[ci] = max(calls.peak_by_database.get(ci, 0), self.by_database[ci])
        together = len(self.clients[ci])
        calls.peak_clients_by_database[ci] = max(calls.peak_clients_by_database.get(ci, 0), together)
        return key

    def leave(self, db: Database, key: str, client: str) -> None:
        ci = str(db.ci)
        self.by_thread[key] -= 1
        self.by_database[ci] -= 1
        self.clients[ci][client] -= 1
        self.clients[ci] = +self.clients[ci]


def require_thread(db: Database, in_flight: int) -> None:
    """Autotask developer help, thread limiting: 3 at once per tracking identifier, object endpoint and database."""
    if in_flight > db.switches.thread_limit:
        raise ApiError(THREADS, status=429)


def spend_request(db: Database, now_s: float) -> float:
    """Count a call against the rolling hour; gives the latency to add in seconds. ApiError when the hour is used up."""
    used = requests_used(db, now_s)
    db.requests.append(now_s)
    limit = db.switches.request_threshold
    if used >= limit:
        # Status and text of this refusal are not published; the status is a switch.
        text = f"The API request threshold of {limit} requests per 60 minutes has been exceeded."
        raise ApiError(text, status=db.switches.threshold_exceeded_status)
    if used < limit / 2:
        return 0.0
    return (0.5 if used < limit * 0.75 else 1.0) * db.switches.latency_scale


def requests_used(db: Database, now_s: float) -> int:
    """Calls of the rolling window, those of other integrations included."""
    while db.requests and db.requests[0] <= now_s - db.switches.request_window_s:
        db.requests.popleft()
    return len(db.requests)
