"""Signs of life, the health report and its series."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.core.model.failure import Transient
from app.web.app import create_health_app

VIEWER = {"Authorization": "Bearer viewer-Rk2m"}
ADMIN = {"Authorization": "bearer admin-Xw8n"}
NOON = datetime(2026, 5, 27, 12, tzinfo=UTC)
COUNTERS = {
    "received": 6, "done": 3, "written": 2, "unchanged": 1, "skipped": 1,
    "waiting": 1, "planned": 0, "dead": 1, "cancelled": 0,
}  # fmt: skip


def row(**changes: Any) -> dict[str, Any]:
    usual = {
        "name": "acme",
        "state": "active",
        "pause": None,
        "queued": 2,
        "oldest_waiting_s": 4.5,
        "dead": 0,
        "findings": {"warning": 3},
        "last_success": {"in": NOON, "out": None},
        "budgets": {"autotask": {"used": 10, "limit": 5000, "forecast": 40}, "field_nation": {"used": 1, "limit": 60}},
        "counters": COUNTERS,
        "identity": {"left": 6, "right": 6, "holds": True},
        "id": 17,
    }
    return usual | changes


def pause(next_probe_at: datetime | None) -> dict[str, Any]:
    return {"reason": "Autotask is down", "since": NOON, "next_probe_at": next_probe_at, "by_person": False}


async def test_alive_is_alive_whatever_the_database_does(broker: Any) -> None:
    broker.desk.trouble = Transient("The database is away.")
    answer = await broker.client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert (await broker.client.head("/livez")).status_code == 200


async def test_ready_says_why_it_is_not(broker: Any) -> None:
    assert (await broker.client.get("/readyz")).json() == {"status": "ready"}
    broker.desk.not_ready = "The schema is older than the program; run broker migrate."
    answer = await broker.client.get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, broker.desk.not_ready)
    broker.desk.trouble = Transient("The database is away.")
    answer = await broker.client.get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "The database is away.")
    assert answer.headers["retry-after"]


async def test_a_process_that_drains_is_not_ready(broker: Any) -> None:
    broker.is_draining = True
    answer = await broker.client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer viewer"}])
async def test_health_is_for_viewers(broker: Any, headers: dict[str, str]) -> None:
    answer = await broker.client.get("/health", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("headers", [VIEWER, ADMIN])
async def test_health_has_the_published_shape(broker: Any, headers: dict[str, str]) -> None:
    broker.desk.rows = [row(pause=pause(NOON))]
    broker.desk.told_workers = [{"id": "w1", "last_heartbeat_at": NOON, "accounts": [7]}]
    told = (await broker.client.get("/health", headers=headers)).json()
    assert told == {
        "status": "warn",
        "version": "9.9.9",
        "connections": [
            {
                "name": "acme",
                "state": "active",
                "pause": {"reason": "Autotask is down", "since": "2026-05-27T12:00:00Z",
                          "next_probe_at": "2026-05-27T12:00:00Z"},
                "queued": 2,
                "oldest_waiting_s": 4.5,
                "dead": 0,
                "findings": {"warning": 3},
                "last_success": {"in": "2026-05-27T12:00:00Z", "out": None},
                "budgets": row()["budgets"],
                "counters": COUNTERS,
                "identity": {"left": 6, "right": 6, "holds": True},
            }
        ],
        "workers": [{"id": "w1", "last_heartbeat_at": "2026-05-27T12:00:00Z", "accounts": [7]}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "pass"),
        ({"pause": pause(None)}, "pass"),
        ({"pause": pause(NOON)}, "warn"),
        ({"dead": 1}, "warn"),
        ({"findings": {"error": 1}}, "warn"),
        ({"identity": {"left": 6, "right": 5, "holds": False}, "dead": 1}, "fail"),
    ],
    ids=["well", "paused-by-a-person", "paused-by-a-vendor", "dead", "error", "a-receipt-is-missing"],
)
async def test_the_worst_connection_gives_the_status(broker: Any, changes: dict[str, Any], status: str) -> None:
    broker.desk.rows = [row(name="well"), row(**changes), row(name="other")]
    assert (await broker.client.get("/health", headers=VIEWER)).json()["status"] == status


async def test_health_without_a_database_is_a_503(broker: Any) -> None:
    broker.desk.trouble = Transient("The database is away.")
    answer = await broker.client.get("/health", headers=VIEWER)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_metrics_tell_the_same_as_health(broker: Any) -> None:
    broker.desk.rows = [row(pause=pause(NOON)), row(name="beta", identity={"left": 2, "right": 1, "holds": False})]
    broker.desk.told_workers = [{"id": "w1", "last_heartbeat_at": NOON, "accounts": [7, 8]}]
    answer = await broker.client.get("/metrics")
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples[("broker_health_status", "fail")] == 1
    assert samples[("broker_connection_paused", "acme")] == 1
    assert samples[("broker_jobs_queued", "acme")] == 2
    assert samples[("broker_receipts", "acme", "received")] == 6
    assert samples[("broker_findings_open", "acme", "warning")] == 3
    assert samples[("broker_api_budget", "acme", "autotask", "limit")] == 5000
    assert samples[("broker_identity_holds", "beta")] == 0
    assert samples[("broker_last_success_timestamp_seconds", "acme", "in")] == NOON.timestamp()
    assert samples[("broker_worker_accounts", "w1")] == 2


async def test_metrics_are_for_this_machine_and_for_viewers(broker: Any) -> None:
    passed_on = {"X-Forwarded-For": "203.0.113.9"}
    assert (await broker.client.get("/metrics", headers=passed_on)).status_code == 401
    assert (await broker.client.get("/metrics", headers=passed_on | VIEWER)).status_code == 200


async def test_a_worker_shows_the_same_and_takes_no_triggers(broker: Any, serve: Any) -> None:
    app = create_health_app(
        health=broker.desk, viewer_token="viewer-Rk2m", admin_token="", version="9.9.9", draining=lambda: False
    )
    broker.desk.rows = [row()]
    async with serve(app) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/health", headers=VIEWER)).json()["connections"][0]["name"] == "acme"
        assert (await client.get("/health", headers={"Authorization": "Bearer"})).status_code == 401
        assert (await client.get("/metrics")).status_code == 200
        assert (await client.post("/v1/broker/inbound", content=b"1")).status_code == 404
