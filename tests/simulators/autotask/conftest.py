"""A simulator behind a real socket, and a plain client of it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import uvicorn

from app.simulators.autotask.app import create_app
from app.simulators.autotask.seeding import make_seed

HEADERS = {
    "UserName": "broker@acme.example",
    "Secret": "Simulated-Secret-1",
    "ApiIntegrationCode": "FIELDNATION0SIMULATED0CODE1",
    "User-Agent": "suite/1",
}


class Sim:
    """A running simulator: `api` speaks as the API user, `sim` to the simulator's own paths."""

    def __init__(self, seed: dict[str, Any]) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.root = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.base = f"{self.root}/atservicesrest/v1.0/"
        config = uvicorn.Config(create_app(seed), log_level="error", ws="none", loop="asyncio", lifespan="on")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._thread.start()
        wait_for(lambda: self._server.started)
        self.api = httpx.Client(base_url=self.base, headers=HEADERS, trust_env=False, timeout=20)
        self.sim = httpx.Client(base_url=self.root + "/_sim/", trust_env=False, timeout=20)

    def stop(self) -> None:
        self.api.close()
        self.sim.close()
        self._server.should_exit = True
        self._thread.join(10)

    def query(self, entity: str, *conditions: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        answer = self.api.post(f"{entity}/query", json={"filter": list(conditions), **more})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def refusal(self, answer: httpx.Response) -> str:
        """The one text of a refused call."""
        assert answer.status_code == 500, answer.text
        (text,) = answer.json()["errors"]
        return str(text)

    def fault(self, fault: str, **more: Any) -> None:
        assert self.sim.post("faults", json={"fault": fault, **more}).status_code == 201

    def wait_for(self, done: Callable[[], object]) -> None:
        wait_for(done)

    def settings(self, **switches: Any) -> None:
        assert self.sim.patch("settings", json=switches).status_code == 204

    def rows(self, entity: str) -> list[dict[str, Any]]:
        answer = self.sim.get("state", params={"database": 101, "entity": entity})
        items: list[dict[str, Any]] = answer.json()
        return items


def wait_for(done: Callable[[], object], within_s: float = 10) -> None:
    """Until something holds; fails when it does not in time."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not done():
        assert time.monotonic() < deadline, "it did not come"
        pause.wait(0.005)


@pytest.fixture
def start() -> Iterator[Callable[..., Sim]]:
    """Starts simulators from seeds; stops them at the end."""
    running: list[Sim] = []

    def begin(seed: dict[str, Any] | None = None) -> Sim:
        running.append(Sim(seed or make_seed()))
        return running[-1]

    yield begin
    for sim in running:
        sim.stop()


@pytest.fixture(scope="session")
def shared() -> Iterator[Sim]:
    """One simulator for all tests that need no seed of their own."""
    running = Sim(make_seed())
    yield running
    running.stop()


@pytest.fixture
def sim(shared: Sim) -> Sim:
    """The shared simulator, as it was started."""
    shared.sim.post("reset")
    return shared


@dataclass
class Sink:
    """An HTTP server that keeps what it gets. `status` is what it answers."""

    url: str = ""
    status: int = 200
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def sink() -> Iterator[Sink]:
    kept = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append((self.path, dict(self.headers), body))
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield kept
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def ticket() -> dict[str, Any]:
    """A ticket body the vendor accepts."""
    return {
        "companyID": 29762801,
        "priority": 2,
        "status": 1,
        "title": "Cable drop",
        "dueDateTime": "2026-12-01T15:00:00Z",
        "queueID": 29683354,
    }


@pytest.fixture
def entry() -> dict[str, Any]:
    """A time entry body the vendor accepts."""
    return {
        "ticketID": 7001,
        "resourceID": 29682885,
        "roleID": 29683354,
        "dateWorked": "2026-11-03T00:00:00",
        "startDateTime": "2026-11-03T14:00:00Z",
        "endDateTime": "2026-11-03T15:30:00Z",
        "hoursWorked": 1.5,
        "summaryNotes": "On site",
    }
