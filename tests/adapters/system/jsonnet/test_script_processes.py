"""The child as a process: started when needed, replaced when it is gone, and never left behind."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from app.adapters.system.jsonnet import process
from app.adapters.system.jsonnet.scripts import JailedScripts
from app.core.model.script import Broke, Ran, ScriptCall
from tests.adapters.system.jsonnet.asking import broke, child_of, ended, lives, outcome, value

ROOT = Path(__file__).parents[4]
ENDLESS = "std.foldl(function(a, b) a + b, std.range(1, 1e9), 0)"
PARENT = """
import asyncio, sys
sys.path.append(sys.argv[1])
from app.adapters.system.jsonnet.scripts import JailedScripts
from app.core.model.script import ScriptCall
async def main():
    scripts = JailedScripts()
    await scripts.check('1')
    print(scripts._child.process.pid, flush=True)
    if sys.argv[2] == 'busy':
        await scripts.run({}, [ScriptCall('std.range(1, 1e9)')] * 3)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def children() -> list[int]:
    """The children of this process that run scripts."""
    lists = (path.read_text() for path in Path("/proc/self/task").glob("*/children"))
    pids = [int(pid) for pids in lists for pid in pids.split()]
    return [pid for pid in pids if lives(pid) and b"jsonnet" in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def test_nothing_is_started_before_the_first_call() -> None:
    async with JailedScripts() as scripts:
        assert scripts._child is None
        assert await scripts.run({}, []) == []
        assert scripts._child is None


async def test_one_child_serves_many_calls_and_ends_with_the_connection() -> None:
    async with JailedScripts() as scripts:
        await value(scripts, "1")
        pid = child_of(scripts)
        await value(scripts, "2")
        assert child_of(scripts) == pid
        assert lives(pid)
    assert not lives(pid)


async def test_a_child_that_was_killed_from_outside_is_replaced(scripts: JailedScripts) -> None:
    await value(scripts, "1")
    pid = child_of(scripts)
    os.kill(pid, signal.SIGKILL)
    assert await ended(pid)
    made = await scripts.run({}, [ScriptCall("2"), ScriptCall("3")])
    assert made[1] == Ran(3)
    assert child_of(scripts) != pid


async def test_the_child_has_no_environment_and_only_its_pipes(scripts: JailedScripts) -> None:
    await value(scripts, "1")
    here = Path(f"/proc/{child_of(scripts)}")
    assert (here / "environ").read_bytes() == b""
    assert sorted(path.name for path in (here / "fd").iterdir()) == ["0", "1", "2"]
    assert (here / "cwd").resolve() == Path("/")


async def test_a_call_that_is_cancelled_takes_its_child_with_it(scripts: JailedScripts) -> None:
    await value(scripts, "1")
    pid = child_of(scripts)
    call = asyncio.create_task(outcome(scripts, ENDLESS))
    asyncio.get_running_loop().call_later(0.2, call.cancel)
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not lives(pid)
    assert await value(scripts, "1") == 1


async def test_a_start_that_is_cancelled_leaves_no_child(scripts: JailedScripts) -> None:
    for delay in (0.0, 0.005, 0.02, 0.05):
        call = asyncio.create_task(value(scripts, "1"))
        asyncio.get_running_loop().call_later(delay, call.cancel)
        with pytest.raises(asyncio.CancelledError):
            await call
    assert scripts._child is None
    assert [pid for pid in children() if not await ended(pid)] == []


async def test_closing_ends_a_call_that_is_at_work(scripts: JailedScripts) -> None:
    await value(scripts, "1")
    call = asyncio.create_task(scripts.run({}, [ScriptCall(ENDLESS)] * 20))
    await asyncio.wait({call}, timeout=0.2)
    await scripts.aclose()
    made = await call
    assert isinstance(made[-1], Broke)
    assert "closed" in made[-1].reason


@pytest.mark.parametrize("work", ["idle", "busy"])
async def test_a_parent_that_is_killed_leaves_no_child(work: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(ROOT), work), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert lives(pid)
    parent.kill()
    await parent.communicate()
    assert await ended(pid)


async def test_more_zones_than_are_kept_ready_are_known_without_files(scripts: JailedScripts) -> None:
    zones = sorted(available_timezones())[::9]
    convert = "$.util.date_convert('2024-07-01T00:00', '', 'Z', 'UTC', $.item.zone)"
    made = await scripts.run({}, [ScriptCall(convert, {"zone": zone}) for zone in zones])
    at = datetime(2024, 7, 1, tzinfo=UTC)
    assert [one.value for one in made if isinstance(one, Ran)] == [_offset(at, zone) for zone in zones]


def _offset(at: datetime, zone: str) -> str:
    text = f"{at.astimezone(ZoneInfo(zone)):%z}"
    return f"{text[:3]}:{text[3:5]}"


async def test_calls_at_the_same_time_wait_for_one_another(scripts: JailedScripts) -> None:
    made = await asyncio.gather(*(value(scripts, "$.input.n * 2", {"n": n}) for n in range(20)))
    assert made == [n * 2 for n in range(20)]


async def test_a_child_that_cannot_be_started_is_an_outcome(
    scripts: JailedScripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_BOOT", "import no_such_module")
    made = await broke(scripts, "1")
    assert made.code == "script_crashed"
    assert "No module named 'no_such_module'" in made.reason
    monkeypatch.setattr(sys, "executable", "/no/such/interpreter")
    assert (await broke(scripts, "1")).code == "script_crashed"
    monkeypatch.undo()
    assert await value(scripts, "1") == 1


async def test_a_child_that_ignores_its_own_timer_is_killed_by_its_parent(
    scripts: JailedScripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await value(scripts, "1")
    pid = child_of(scripts)
    monkeypatch.setattr(process, "GRACE_S", -0.8)
    assert (await broke(scripts, ENDLESS)).code == "script_over_limit"
    assert not lives(pid)


async def test_the_kernel_ends_an_endless_program_even_if_its_parent_would_wait(
    scripts: JailedScripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await value(scripts, "1")
    monkeypatch.setattr(process, "GRACE_S", 60)
    async with asyncio.timeout(10):
        assert (await broke(scripts, ENDLESS)).reason == "it took longer than 1 s"
