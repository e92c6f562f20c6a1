"""The demo as a person sees it: a process that shows the product, and leaves nothing behind."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.database import administer

ROOT = Path(__file__).parent.parent.parent
LIMIT_S = 120


@contextmanager
def played(folder: Path, server: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A demo on the tests' server, whose temporary files go to the folder."""
    environment = {**os.environ, "BROKER_DATABASE_URL": server, "TMPDIR": str(folder), "COLUMNS": "100"}  # noqa: TID251 - a child's environment
    command = [sys.executable, "-m", "app", "demo", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="broker-demos-") as made:
        yield Path(made)


def test_the_demo_shows_its_result_and_goes_on_until_ctrl_c(folder: Path, database_server: str) -> None:
    with played(folder, database_server, "--tickets", "9") as process:
        shown = read_until(process, "/health")
        assert "Every expected work order is there exactly once" in shown
        assert "every fact of the day on site stands in Autotask exactly once" in shown
        assert adds_up(shown)
        file = env_file(shown)
        database = re.findall(r"/(broker_demo_\w+)", file.read_text())[0]
        assert asyncio.run(exists(database_server, database))
        assert links(file).count('"is_active": true') == 8
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 0
    assert list(folder.iterdir()) == []
    assert not asyncio.run(exists(database_server, database))
    for address in set(re.findall(r"http://127\.0\.0\.1:\d+", shown)):
        with pytest.raises(httpx.ConnectError):
            httpx.get(address, trust_env=False)


def test_the_demo_ends_by_itself_with_exit(folder: Path, database_server: str) -> None:
    with played(folder, database_server, "--exit", "--tickets", "2") as process:
        said, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 0, said
    assert list(folder.iterdir()) == []


def test_a_demo_that_is_told_to_end_early_has_failed_and_leaves_nothing(folder: Path, database_server: str) -> None:
    with played(folder, database_server, "--exit") as process:
        read_until(process, "broker demo")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 1
        assert "nothing is left behind" in said
    assert list(folder.iterdir()) == []


def test_a_port_that_is_taken_gives_a_clear_sentence(folder: Path, database_server: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with played(folder, database_server, "--port", str(port)) as process:
            said, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 1
    assert f"port {port} cannot be had" in said
    assert "Traceback" not in said


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stdout is not None
    shown = ""
    for line in process.stdout:
        shown += line
        if words in line:
            return shown
    raise AssertionError(f"never said {words!r}:\n{shown}")


def env_file(shown: str) -> Path:
    """The file that the demo tells people to source."""
    found = re.search(r"^\s+\. (\S+/env)", shown, re.M)
    assert found is not None, shown
    return Path(found[1])


def adds_up(shown: str) -> bool:
    """Whether the outcomes that the demo shows come to what was received."""
    found = re.search(r"(\d+) received = (.*)", shown)
    assert found is not None, shown
    return int(found[1]) == sum(map(int, re.findall(r"\d+", found[2])))


def links(file: Path) -> str:
    """What a person's shell shows that took the demo's settings from the file."""
    command = f". {file}; exec {sys.executable} -m app link list --json"
    return subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True).stdout


async def exists(server: str, database: str) -> bool:
    connection = await administer(server)
    try:
        return bool(await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database))
    finally:
        await connection.close()
