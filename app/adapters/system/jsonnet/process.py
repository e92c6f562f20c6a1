"""One child as its parent sees it: started, spoken to over two pipes, killed, and asked what it died of."""

import asyncio
import contextlib
import fcntl
import os
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Self

from app.adapters.system.jsonnet.frames import FINE, FORGET, HEADER, INPUT, LEARN, frame
from app.adapters.system.jsonnet.limits import CALL_S, GRACE_S, OUTPUT_BYTES, PROGRAMS_KEPT_BYTES, START_S, TRACE_BYTES

_ROOT: Final = Path(__file__).parents[4]
_PACKAGES: Final = ("rjsonnet", "tzdata")
_BOOT: Final = "import sys; sys.path += sys.argv[1:]; from app.adapters.system.jsonnet.evaluator import main; main()"
_LARGEST_ANSWER_BYTES: Final = OUTPUT_BYTES + 1024


class ChildDied(Exception):
    """There will be no answer; `exit_code` is negative for a signal, None when the child was killed for being late, 0
    when its answer made no sense. `said` is the end of what it wrote on standard error, if it never came to serve."""

    def __init__(self, exit_code: int | None, said: str = "") -> None:
        super().__init__(f"exit code {exit_code}{said and ': '}{said}")
        self.exit_code = exit_code


@dataclass(slots=True)
class Child:
    """A running child. `locks` names what it took from itself. After `ChildDied` there is only `close`."""

    process: asyncio.subprocess.Process
    trace_file: int
    locks: frozenset[str] = frozenset()
    known: set[bytes] = field(default_factory=set)
    known_bytes: int = 0
    shown: bytes | None = None
    is_killed: bool = False

    @classmethod
    async def start(cls) -> Self:
        """A child that is locked down. Raises ChildDied or OSError when there can be none; leaves nothing behind."""
        trace_file = _memory_file()
        try:
            child = cls(await _spawn(trace_file), trace_file)
        except BaseException:
            os.close(trace_file)
            raise
        try:
            _, locks = await child._receive_within(START_S)
        except BaseException as error:
            said = child.trace().decode("utf-8", "replace").strip().rpartition("\n")[2]
            await child.close()
            if isinstance(error, ChildDied):
                raise ChildDied(error.exit_code, said) from None
            raise
        child.locks = frozenset(locks.decode().split())
        return child

    def tell(self, message: bytes) -> None:
        """Sends, with the next question, a frame that has no answer. Raises ChildDied."""
        assert self.process.stdin is not None
        if self.process.stdin.is_closing():
            raise ChildDied(self.process.returncode)
        self.process.stdin.write(message)

    async def ask(self, message: bytes) -> tuple[bytes, bytes]:
        """Kind and payload of the answer to a frame. Raises ChildDied, also when the answer is late."""
        os.ftruncate(self.trace_file, 0)
        self.tell(message)
        return await self._receive_within(CALL_S + GRACE_S)

    async def learn(self, digest: bytes, program: bytes) -> tuple[bytes, bytes] | None:
        """Hands a program over, once for each child; the answer, or None when the child knows the program."""
        if digest in self.known:
            return None
        if self.known_bytes + len(program) > PROGRAMS_KEPT_BYTES:
            self.tell(frame(FORGET))
            self.known.clear()
            self.known_bytes = 0
        answer = await self.ask(frame(LEARN, digest, program))
        if answer[0] == FINE:
            self.known.add(digest)
            self.known_bytes += len(program)
        return answer

    def show(self, document: bytes) -> None:
        """Makes this the document of the next questions."""
        if self.shown is not document:
            self.tell(frame(INPUT, document))
            self.shown = document

    @property
    def is_dead(self) -> bool:
        """Whether it is known to have ended."""
        return self.process.returncode is not None

    def trace(self) -> bytes:
        """What was written to standard error since the last question; of a file in memory, so nothing is waited for."""
        return os.pread(self.trace_file, TRACE_BYTES, 0)

    async def close(self) -> None:
        """Kills the child and waits until nothing of it is left. Nobody may be waiting for an answer."""
        self.kill()
        try:
            await self.process.communicate()
        finally:
            os.close(self.trace_file)

    def kill(self) -> None:
        """At once; who waits for an answer gets ChildDied."""
        if not (
            self.is_killed or self.is_dead
        ):  # a second signal could meet a child that is dead and take its exit code away
            self.is_killed = True
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()

    async def _receive_within(self, seconds: float) -> tuple[bytes, bytes]:
        try:
            async with asyncio.timeout(seconds):
                try:
                    return await self._receive()
                except (asyncio.IncompleteReadError, ConnectionError):
                    raise ChildDied(await self.process.wait()) from None
        except TimeoutError:
            self.kill()
            raise ChildDied(None) from None

    async def _receive(self) -> tuple[bytes, bytes]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        await self.process.stdin.drain()
        kind, size = HEADER.unpack(await self.process.stdout.readexactly(HEADER.size))
        if size > _LARGEST_ANSWER_BYTES:
            raise ChildDied(0)
        return kind, await self.process.stdout.readexactly(size)


async def _spawn(trace_file: int) -> asyncio.subprocess.Process:
    """An interpreter without environment, site packages, user folder or descriptors beyond its three."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _BOOT, *_search_path()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=trace_file,
        env={},
        cwd="/",
        start_new_session=True,  # so that Ctrl-C at a terminal reaches the broker alone
    )


def _search_path() -> list[str]:
    """Where the child finds us and the packages that it needs, found without importing those here."""
    found = [find_spec(name) for name in _PACKAGES]
    origins = [Path(spec.origin).parents[1] for spec in found if spec is not None and spec.origin]
    return [str(folder) for folder in dict.fromkeys([_ROOT, *origins])]


def _memory_file() -> int:
    """A file that every write is appended to, and that is gone with its last descriptor."""
    if sys.platform == "linux":
        number = os.memfd_create("trace")
    else:
        with tempfile.TemporaryFile() as file:
            number = os.dup(file.fileno())
    fcntl.fcntl(number, fcntl.F_SETFL, fcntl.fcntl(number, fcntl.F_GETFL) | os.O_APPEND)
    return number
