"""Fixtures of the end-to-end tests: simulators for the whole run, a broker on a fresh database for each test."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from tests.e2e.kit import Kit, Simulators, standing
from tests.e2e.write_kinds import note_kinds


@pytest.fixture(scope="session")
def simulator_addresses() -> Iterator[tuple[str, str]]:
    """Both simulators as processes of their own, for all tests of this process."""
    ports = [_free_port(), _free_port()]
    commands = zip(("autotask", "field-nation"), ports, strict=True)
    running = [
        subprocess.Popen([sys.executable, "-m", "app", "simulate", name, "--port", str(port)])
        for name, port in commands
    ]
    try:
        for port in ports:
            _await_answer(f"http://127.0.0.1:{port}/_sim/calls")
        yield f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


@pytest_asyncio.fixture
async def simulators(simulator_addresses: tuple[str, str]) -> AsyncIterator[Simulators]:
    """The simulators without faults and limits, as far as this test is concerned."""
    # A connection that is kept may be closed by the server at the very moment at which it is used again.
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=30, trust_env=False, limits=limits) as http:
        sims = Simulators(*simulator_addresses, http)
        await sims.call("POST", f"{sims.field_nation}/_sim/reset")
        await sims.call("POST", f"{sims.autotask}/_sim/reset")
        await sims.call("PATCH", f"{sims.field_nation}/_sim/settings", {"rate_per_minute": 0})
        yield sims
        await sims.calm()


@pytest.fixture
def changes() -> dict[str, str]:
    """Variables that the broker of a test is given otherwise than usual; a module may have its own."""
    return {}


@pytest_asyncio.fixture
async def kit(
    database_url: str, simulators: Simulators, changes: dict[str, str], request: pytest.FixtureRequest
) -> AsyncIterator[Kit]:
    """A broker; when the test is over the accounting identity must hold and the writes seen are noted."""
    async with standing(database_url, simulators, changes) as made:
        yield made
        await made.check_identity()
        await note_kinds(simulators, request.config)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await_answer(url: str) -> None:
    limit = time.monotonic() + 60
    while True:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).is_success:
                return
        assert time.monotonic() < limit, f"{url} does not answer"
        time.sleep(0.1)  # noqa: TID251 - a process is starting, nothing to wait on
