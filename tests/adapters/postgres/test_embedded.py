"""The embedded server: shared, killed, taken over, run by root and by others."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

import app
from app.adapters.postgres.embedded import Embedded, start_embedded

FAST = {"fsync": "off"}

USER = """
import asyncio, concurrent.futures.thread, encodings.idna, os, pwd, sys
from pathlib import Path
from app.adapters.postgres.embedded import start_embedded
if sys.argv[2]:  # after the imports: the interpreter itself may stand where that account cannot read
    entry = pwd.getpwnam(sys.argv[2])
    os.setgroups([]), os.setgid(entry.pw_gid), os.setuid(entry.pw_uid)
async def main():
    server = await start_embedded(Path(sys.argv[1]), {"fsync": "off"})
    print("up", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print("last" if await server.stop() else "not last", flush=True)
asyncio.run(main())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="broker-embedded-"))
    yield made
    shutil.rmtree(made)


class User:
    """Another process that uses the server."""

    def __init__(self, folder: Path, account: str | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder), account or ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(app.__file__).parent.parent,
        )

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        said = self.said()
        self._end()
        return said

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self._end()

    def _end(self) -> None:
        self.process.wait(30)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()


async def answers(server: Embedded) -> bool:
    connection = await asyncpg.connect(server.url.replace("+asyncpg", ""))
    try:
        return bool(await connection.fetchval("SELECT current_database() = 'broker'"))
    finally:
        await connection.close()


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


async def test_the_last_user_stops_the_server(folder: Path) -> None:
    one, other = User(folder), User(folder)
    assert (one.said(), other.said()) == ("up", "up")
    assert one.leave() == "not last"
    server = await start_embedded(folder, FAST)
    assert other.leave() == "not last"
    assert await answers(server)
    assert await server.stop()
    assert not await server.stop()
    assert not (folder / "postgres" / "postmaster.pid").exists()


async def test_a_killed_user_takes_nothing_down_and_is_not_counted(folder: Path) -> None:
    one, other = User(folder), User(folder)
    assert (one.said(), other.said()) == ("up", "up")
    one.kill()
    server = await start_embedded(folder, FAST)
    assert await answers(server)
    other.kill()
    assert await answers(server)
    assert await server.stop()


async def test_a_killed_server_is_started_again(folder: Path) -> None:
    server = await start_embedded(folder, FAST)
    os.kill(postmaster(folder), signal.SIGKILL)
    again = await start_embedded(folder, FAST)
    assert await answers(again)
    assert not await again.stop()
    assert await server.stop()


async def test_a_stale_process_id_of_another_program_is_seen_through(folder: Path) -> None:
    server = await start_embedded(folder, FAST)
    lines = (folder / "postgres" / "postmaster.pid").read_text().split("\n")
    assert await server.stop()
    (folder / "postgres" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
    server = await start_embedded(folder, FAST)
    assert await answers(server)
    assert await server.stop()


async def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new" / "rubbish").write_text("x")
    server = await start_embedded(folder, FAST)
    assert await answers(server)
    assert await server.stop()


async def test_a_long_path_has_its_socket_elsewhere(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60)
    server = await start_embedded(deep, FAST)
    assert await answers(server)
    socket = Path(server.url.rpartition("host=")[2])
    assert not socket.is_relative_to(folder)
    assert await server.stop()
    shutil.rmtree(socket)


async def test_an_ordinary_user_may_run_it(folder: Path) -> None:
    account = "nobody" if os.geteuid() == 0 else None
    if account:
        shutil.chown(folder, account)
    user = User(folder, account)
    assert user.said() == "up"
    assert user.leave() == "last"


async def test_a_folder_closed_to_others_is_opened_no_wider_than_it_must(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = await start_embedded(closed / "data", FAST)
    assert await answers(server)
    assert await server.stop()
    assert closed.stat().st_mode & 0o066 == 0
    assert (closed / "data" / "postgres").stat().st_mode & 0o077 == 0


async def test_many_users_at_once_make_one_cluster(folder: Path) -> None:
    servers = await asyncio.gather(*(start_embedded(folder, FAST) for _ in range(4)))
    assert len({server.url for server in servers}) == 1
    assert sorted([await server.stop() for server in servers]) == [False, False, False, True]
