"""The demo's processes: started together, asked until they answer, ended together."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app.settings import environment

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 5.0
_POLL_S = 0.05
_TAIL_CHARS = 1500


@dataclass(slots=True)
class Children:
    """Commands of the broker, each a process of its own; what it says goes to `NAME.log` in the folder."""

    folder: Path
    _running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    async def start(self, name: str, *arguments: str, variables: Mapping[str, str] | None = None) -> None:
        """Starts a command with `variables` as its only settings."""
        inherited = {key: value for key, value in environment().items() if not key.startswith("BROKER_")}
        with self._log(name).open("ab") as log:
            self._running[name] = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "app",
                *arguments,
                env={**inherited, **(variables or {})},
                cwd=self.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def answers(self, name: str, http: httpx.AsyncClient, address: str) -> None:
        """Returns once the address answers well. Raises `RuntimeError` when the process ends instead."""
        async with asyncio.timeout(_START_TIMEOUT_S):
            while True:
                if self._running[name].returncode is not None:
                    raise RuntimeError(f"the process {name!r} ended while it started: {self._tail(name)}")
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(address)).is_success:
                        return
                await pause(_POLL_S)

    async def end(self) -> None:
        """Asks all of them to stop, and kills whoever takes too long."""
        for process in self._running.values():
            _signal(process.terminate)
        await asyncio.gather(*(_ended(process) for process in self._running.values()))

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _tail(self, name: str) -> str:
        return self._log(name).read_text(errors="replace").strip()[-_TAIL_CHARS:] or "it said nothing"


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(_STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        _signal(process.kill)
        await process.wait()


def _signal(send: Callable[[], None]) -> None:
    with contextlib.suppress(ProcessLookupError):
        send()


async def pause(seconds: float) -> None:
    """Waits; the demo is a person's program and has the wall clock."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()
