"""Asking a jail in the words of a test."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.adapters.system.jsonnet.scripts import JailedScripts
from app.core.model.document import Document, Json
from app.core.model.script import Broke, Ran, ScriptCall, ScriptOutcome


async def outcome(scripts: JailedScripts, program: str, document: Document | None = None) -> ScriptOutcome:
    return (await scripts.run(document or {}, [ScriptCall(program)]))[0]


async def value(scripts: JailedScripts, program: str, document: Document | None = None) -> Json:
    made = await outcome(scripts, program, document)
    assert isinstance(made, Ran), made
    return made.value


async def broke(scripts: JailedScripts, program: str, document: Document | None = None) -> Broke:
    made = await outcome(scripts, program, document)
    assert isinstance(made, Broke), made
    return made


async def differing(scripts: JailedScripts, document: Document, wanted: Mapping[str, Json]) -> dict[str, object]:
    """The programs that did not give what is wanted of them, with what they gave."""
    made: Sequence[ScriptOutcome] = await scripts.run(document, [ScriptCall(program) for program in wanted])
    given = {program: one.value if isinstance(one, Ran) else one for program, one in zip(wanted, made, strict=True)}
    return {program: got for program, got in given.items() if repr(got) != repr(wanted[program])}


def child_of(scripts: JailedScripts) -> int:
    """The process id of the running child."""
    child = scripts._child
    assert child is not None
    return child.process.pid


def lives(pid: int) -> bool:
    """Whether the process is there and more than a name that nobody has asked for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def ended(pid: int, seconds: float = 5) -> bool:
    """Whether the process, which need not be a child of ours, ends within that time."""
    descriptor = os.pidfd_open(pid) if lives(pid) else -1
    if descriptor < 0:
        return True
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, gone.set)
    try:
        async with asyncio.timeout(seconds):
            await gone.wait()
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return True
