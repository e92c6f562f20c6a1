"""The health report as Prometheus series. Labels name connections and workers, never a ticket."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from app.web.report import ConnectionView, HealthReport, Status

_STATES = ("active", "paused", "archived")
_SEVERITIES = ("error", "warning", "info")


class _Snapshot:
    """A collector of series that are computed already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def exposition(report: HealthReport) -> bytes:
    """The report in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Snapshot(_families(report)))
    return generate_latest(registry)


def _families(report: HealthReport) -> Iterator[Metric]:
    yield _family("broker_info", "The running version.", ("version",), [((report.version,), 1)])
    statuses = [((str(status),), report.status is status) for status in Status]
    yield _family("broker_health_status", "1 for the present status.", ("status",), statuses)
    yield from _of_connections(report.connections)
    yield from _of_workers(report)


def _of_connections(connections: Iterable[ConnectionView]) -> Iterator[Metric]:
    seen = tuple(connections)
    one = ("connection",)
    states = [((c.name, state), c.state == state) for c in seen for state in _STATES]
    yield _family("broker_connection_state", "1 for the present state.", ("connection", "state"), states)
    paused = [((c.name,), c.pause is not None) for c in seen]
    yield _family("broker_connection_paused", "1 while the connection is paused.", one, paused)
    yield _family("broker_jobs_queued", "Jobs that wait.", one, [((c.name,), c.queued) for c in seen])
    oldest = [((c.name,), c.oldest_waiting_s or 0) for c in seen]
    yield _family("broker_oldest_waiting_seconds", "Age of the job that waits longest.", one, oldest)
    yield _family("broker_jobs_dead", "Jobs that gave up.", one, [((c.name,), c.dead) for c in seen])
    findings = [((c.name, severity), c.findings.get(severity, 0)) for c in seen for severity in _SEVERITIES]
    yield _family("broker_findings_open", "Open findings.", ("connection", "severity"), findings)
    yield _last_success(seen)
    yield _budgets(seen)
    counters = [((c.name, name), count) for c in seen for name, count in c.counters.model_dump().items()]
    yield _family("broker_receipts", "Receipts by what became of them.", ("connection", "outcome"), counters)
    holds = [((c.name,), c.identity.holds) for c in seen]
    yield _family("broker_identity_holds", "1 while every receipt is accounted for.", one, holds)
    sides = [((c.name, side), count) for c in seen for side, count in _sides(c)]
    yield _family("broker_identity_side", "Both sides of the accounting identity.", ("connection", "side"), sides)


def _sides(connection: ConnectionView) -> tuple[tuple[str, int], ...]:
    return ("left", connection.identity.left), ("right", connection.identity.right)


def _last_success(connections: Iterable[ConnectionView]) -> Metric:
    samples = [
        ((c.name, direction), at.timestamp())
        for c in connections
        for direction, at in (("in", c.last_success.inward), ("out", c.last_success.outward))
        if at is not None
    ]
    text = "When a pass last ended well."
    return _family("broker_last_success_timestamp_seconds", text, ("connection", "direction"), samples)


def _budgets(connections: Iterable[ConnectionView]) -> Metric:
    samples = [
        ((c.name, vendor, name), value)
        for c in connections
        for vendor, budget in c.budgets.items()
        for name, value in _numbers(budget)
    ]
    return _family("broker_api_budget", "Calls of the vendors' limits.", ("connection", "vendor", "figure"), samples)


def _numbers(budget: Any) -> Iterator[tuple[str, float]]:
    for name, value in budget.items() if isinstance(budget, Mapping) else ():
        if isinstance(value, int | float):
            yield str(name), float(value)
        elif isinstance(value, datetime):
            yield f"{name}_timestamp_seconds", value.timestamp()


def _of_workers(report: HealthReport) -> Iterator[Metric]:
    beats = [((w.id,), w.last_heartbeat_at.timestamp()) for w in report.workers]
    text = "When the worker last gave a sign of life."
    yield _family("broker_worker_last_heartbeat_timestamp_seconds", text, ("worker",), beats)
    hosted = [((w.id,), len(w.accounts)) for w in report.workers]
    yield _family("broker_worker_accounts", "Accounts that the worker hosts.", ("worker",), hosted)


def _family(name: str, text: str, labels: tuple[str, ...], samples: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, value in samples:
        family.add_metric(values, float(value))
    return family
