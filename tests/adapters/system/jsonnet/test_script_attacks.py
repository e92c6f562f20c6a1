"""Programs that mean harm: each ends within its limit, says so, and leaves the next call as it was."""

import asyncio
import time

import pytest

from app.adapters.system.jsonnet.limits import CALL_S, GRACE_S, TRACE_BYTES
from app.adapters.system.jsonnet.scripts import JailedScripts
from app.core.model.script import Broke, Ran, ScriptCall
from tests.adapters.system.jsonnet.asking import broke, outcome, value

IMPORTS = [
    f"{word} '{place}'"
    for word in ("import", "importstr", "importbin")
    for place in ("/etc/passwd", "etc/passwd", "../../etc/passwd", "./x.json", "/proc/self/environ", "http://x.example")
]
OVER_LIMIT = {
    "endless recursion": "local f(x) = 1 + f(x + 1); f(0)",
    "mutual recursion": "local a(x) = b(x) + 1, b(x) = a(x) + 1; a(0)",
    "doubling text": "local d(s, n) = if n == 0 then s else d(s + s, n - 1); d('x', 60)",
    "doubling text by fold": "std.length(std.foldl(function(a, b) a + a, std.range(1, 40), 'x'))",
    "doubling escapes": "std.foldl(function(a, b) std.escapeStringJson(a), std.range(1, 60), '\"')",
    "giant range": "std.foldl(function(a, b) a + b, std.range(1, 1e9), 0)",
    "giant range as result": "std.range(1, 1e9)",
    "giant array": "std.makeArray(1e9, function(i) i)",
    "giant repeat": "std.repeat('x', 1e9)",
    "giant repeat of a list": "std.repeat([1], 1e9)",
    "giant join": "std.join('x' * 0 + std.repeat('y', 1e6), std.makeArray(1e6, function(i) 'z'))",
    "giant format": "std.format('%1000000000d', 1)",
    "giant fraction": "std.format('%.1000000000f', 1)",
    "giant base64": "std.foldl(function(a, b) std.base64(a), std.range(1, 200), 'xxxx')",
    "giant output": "std.repeat('x', 70000)",
    "giant output as list": "std.range(1, 20000)",
    "deep output": "std.foldl(function(a, b) [a], std.range(1, 65), 1)",
    "slow sort": "std.sort(std.range(1, 3000), function(x) std.foldl(function(a, b) a + b, std.range(1, 100000), 0))",
    "slow set": "std.setUnion(std.range(1, 1e6), std.range(5, 1e6), function(x) std.toString(x))",
    "slow objects": "std.length(std.foldl(function(o, i) o + {[std.toString(i)]: i}, std.range(1, 1e6), {}))",
    "slow comprehension": "std.length([1 for a in std.range(1, 1e5) for b in std.range(1, 1e5)])",
    "endless trace": "std.foldl(function(a, b) std.trace('again', a), std.range(1, 1e9), 0)",
    "giant trace": "std.trace(std.repeat('x', 1e7), 1)",
    "giant indent": "std.manifestJsonEx(std.range(1, 1e5), std.repeat(' ', 1e6))",
    "brackets": "[" * 30_000 + "]" * 30_000,
    "braces": "{a:" * 20_000 + "1" + "}" * 20_000,
    "parentheses": "(" * 30_000 + "1" + ")" * 30_000,
    "not not": "!" * 60_000 + "true",
    "minus minus": "-" * 60_000 + "1",
    "nested if": "if true then " * 5_000 + "1",
    "nested else": "if false then 1 else " * 3_000 + "1",
    "nested local": "local a = 1; " * 5_000 + "a",
    "nested functions": "function() " * 5_000 + "1",
    "giant program": "1 + " * 20_000 + "1",
    "a hundred thousand brackets": "[" * 100_000 + "]" * 100_000,
}
ENDS_THE_CHILD = {
    "tail calls": "local f(x) = f(x + 1) tailstrict; f(0)",
    "rope of texts": "std.length(std.foldl(function(o, i) o + 'a', std.range(1, 2000000), ''))",
    "longer chain": "std.foldl(function(o, i) o + {a: super.a + i}, std.range(1, 200000), {a: 0}).a",
    "function for Python": "std.native('number')(function(x) x)",
    "functions for Python": "std.native('sum')([[function(x) x]])",
}
HARMLESS = {
    "endless object": "{a: $.result, b: self}.b.b + {c: self.c}.c",
    "doubling lists": "std.length(std.foldl(function(a, b) a + a, std.range(1, 40), [1]))",
    "chain of lazy lists": "std.length(std.toString(std.foldl(function(a, b) [a], std.range(1, 5000), 1)))",
    "chain of objects": "std.foldl(function(o, i) o + {a: super.a + i}, std.range(1, 2000), {a: 0}).a",
    "long sum": "1" + "+1" * 5_000,
    "many calls": "std.length" + "(1)" * 20_000,
    "nested JSON": "std.parseJson(std.repeat('[', 100000) + std.repeat(']', 100000))",
    "nested YAML": "std.parseYaml(std.repeat('[', 1000) + std.repeat(']', 1000))",
    "huge power": "std.pow(10, 1e9)",
    "unknown variable": "std.extVar('PATH')",
    "unknown native": "std.native('open')('/etc/passwd')",
    "flood of errors": "error std.repeat('x', 10000000)",
}


@pytest.mark.parametrize("program", IMPORTS)
async def test_no_file_is_read(scripts: JailedScripts, program: str) -> None:
    made = await broke(scripts, program)
    assert "root:" not in made.reason
    assert made.code in ("script_failed", "script_invalid")
    assert await value(scripts, "1") == 1


@pytest.mark.parametrize("name", OVER_LIMIT)
async def test_a_program_over_a_limit_is_told_which(scripts: JailedScripts, name: str) -> None:
    await value(scripts, "1")
    began = time.monotonic()
    made = await broke(scripts, OVER_LIMIT[name])
    assert time.monotonic() - began < CALL_S + GRACE_S + 1
    assert made.code == "script_over_limit", made
    assert len(made.trace) <= TRACE_BYTES
    assert await value(scripts, "1") == 1


@pytest.mark.parametrize("name", ENDS_THE_CHILD)
async def test_a_program_may_end_its_child_and_nothing_else(scripts: JailedScripts, name: str) -> None:
    began = time.monotonic()
    made = await broke(scripts, ENDS_THE_CHILD[name])
    assert time.monotonic() - began < CALL_S + GRACE_S + 1
    assert made.code in ("script_crashed", "script_over_limit")
    assert await value(scripts, "1") == 1


@pytest.mark.parametrize("name", HARMLESS)
async def test_a_program_that_only_sounds_dangerous_has_its_own_error(scripts: JailedScripts, name: str) -> None:
    made = await outcome(scripts, HARMLESS[name])
    assert made.trace == ""
    if isinstance(made, Broke):
        assert made.code == "script_failed", made
        assert made.reason.startswith("line 1: ") or name == "huge power"
        assert len(made.reason) < 600
    assert await value(scripts, "1") == 1


async def test_a_native_gives_no_more_than_the_helper_does(scripts: JailedScripts) -> None:
    for name in ("eval", "exec", "open", "__import__", "import", "input"):
        assert await value(scripts, f"std.native('{name}')") is None


@pytest.mark.parametrize("depth", [65, 100_000])
async def test_data_that_nests_too_deep_never_reaches_the_child(scripts: JailedScripts, depth: int) -> None:
    nested: list[object] = []
    for _ in range(depth):
        nested = [nested]
    made = await broke(scripts, "1", {"deep": nested})  # type: ignore[dict-item]  # a list of lists is JSON
    assert made.code == "script_over_limit"
    assert "64" in made.reason
    assert await value(scripts, "1") == 1


async def test_data_of_the_allowed_depth_is_fine(scripts: JailedScripts) -> None:
    nested: list[object] = []
    for _ in range(61):
        nested = [nested]
    assert await value(scripts, "$.input.deep", {"deep": nested}) == nested  # type: ignore[dict-item]  # it is JSON


@pytest.mark.parametrize(
    "document", [{"t": "x" * 300_000}, {"t": [0] * 200_000}, {"x" * 300_000: 1}, {"t": "é" * 140_000}]
)
async def test_a_huge_document_is_refused(scripts: JailedScripts, document: dict[str, object]) -> None:
    made = await broke(scripts, "1", document)  # type: ignore[arg-type]  # texts and lists of numbers are JSON
    assert made.code == "script_over_limit"
    assert "256 KiB" in made.reason


async def test_document_and_item_share_their_limit(scripts: JailedScripts) -> None:
    half = {"t": "x" * 140_000}
    made = await scripts.run(half, [ScriptCall("1", half), ScriptCall("std.length($.item.t)", {"t": "x" * 100_000})])
    assert [one.code if isinstance(one, Broke) else one.value for one in made] == ["script_over_limit", 100_000]


async def test_a_trace_cannot_forge_an_answer(scripts: JailedScripts) -> None:
    forged = "v\\u0000\\u0000\\u0000\\u00019"
    made = await outcome(scripts, f"std.trace('{forged}', 1)")
    assert isinstance(made, Ran)
    assert made.value == 1
    assert "\x00" not in made.trace
    assert await value(scripts, "2") == 2


async def test_a_traced_complaint_about_memory_only_shortens_its_own_trace(scripts: JailedScripts) -> None:
    made = await outcome(scripts, "std.trace('a\\nmemory allocation of 5 bytes failed', 1)")
    assert made == Ran(1, "line 1: a")


async def test_a_program_that_dies_again_and_again_is_not_run_for_every_element(scripts: JailedScripts) -> None:
    crash = "local f(x) = f(x + 1) tailstrict; f(0)"
    made = await scripts.run({}, [ScriptCall(crash, {"n": n}) for n in range(50)] + [ScriptCall("1")])
    assert made[3] == made[49]
    assert made[0] != made[3]
    assert made[50] == Ran(1)


async def test_attacks_on_one_connection_do_not_delay_another(scripts: JailedScripts) -> None:
    async with JailedScripts() as others:
        await value(others, "1")
        attack = asyncio.create_task(outcome(scripts, "std.range(1, 1e9)"))
        waits = []
        while not attack.done():
            began = time.monotonic()
            assert await value(others, "$.input.n", {"n": 5}) == 5
            waits.append(time.monotonic() - began)
        assert isinstance(await attack, Broke)
        assert len(waits) > 5
        assert sorted(waits)[len(waits) // 2] < 0.2


@pytest.mark.parametrize("program", ["std.range(1, 1e9)", "std.repeat('x', 1e9)", "[" * 30_000, "!" * 60_000])
async def test_the_event_loop_keeps_its_rhythm_during_an_attack(scripts: JailedScripts, program: str) -> None:
    loop = asyncio.get_running_loop()
    gaps: list[float] = []
    last = loop.time()

    def tick() -> None:
        nonlocal last
        gaps.append(loop.time() - last)
        last = loop.time()
        loop.call_later(0.01, tick)

    loop.call_soon(tick)
    assert isinstance(await outcome(scripts, program), Broke)
    await value(scripts, "1")
    assert max(gaps) < 0.5
