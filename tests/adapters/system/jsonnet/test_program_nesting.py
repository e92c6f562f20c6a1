"""How deep a program is judged to nest, and that judging takes no time worth speaking of."""

import time

import pytest

from app.adapters.system.jsonnet.limits import PROGRAM_BYTES, PROGRAM_NESTING
from app.adapters.system.jsonnet.nesting import nesting
from app.adapters.system.jsonnet.scripts import JailedScripts
from tests.adapters.system.jsonnet.asking import value

KINDS = ["[", "(", "{a:", "!", "-", "~", "if a then ", "local a = 1; ", "function(x) ", "assert a; ", "error ", "- ("]


@pytest.mark.parametrize("piece", KINDS)
def test_depth_counts_whatever_it_is_made_of(piece: str) -> None:
    assert nesting(piece * 600 + "1") >= 600


@pytest.mark.parametrize(
    "program",
    [
        "1" + " + 1" * 5000,
        "'" + "[" * 5000 + "'",
        '"' + '\\"[' * 5000 + '"',
        "@'" + "''[" * 5000 + "'",
        "|||\n  " + "[" * 5000 + "\n|||",
        "// " + "[" * 5000 + "\n1",
        "# " + "!" * 5000,
        "/* " + "(" * 5000 + "*/ 1",
        "[" + "[1, -1], " * 5000 + "]",
        "{" + "a: if x then 1 else -2, " * 3000 + "}",
        "(a)" * 5000,
    ],
)
def test_what_is_long_or_quoted_is_not_deep(program: str) -> None:
    assert nesting(program) < 20


@pytest.mark.parametrize(
    "piece", ["[", "/*", "'\\", "\"'", "|||", "|||\n ", "@'", "#\n", "\\'", "- ", "a", "]", "\n", "é"]
)
def test_judging_takes_time_in_proportion_to_the_program(piece: str) -> None:
    began = time.process_time()
    nesting(piece * (PROGRAM_BYTES // len(piece)))
    assert time.process_time() - began < 1


async def test_programs_at_the_limit_run(scripts: JailedScripts) -> None:
    deep = PROGRAM_NESTING - 1
    assert await value(scripts, "(" * deep + "1" + ")" * deep) == 1
    assert await value(scripts, "!" * deep + "true") is (deep % 2 == 0)
    assert await value(scripts, "if false then 1 else " * deep + "2") == 2
    assert await value(scripts, "local a = 1; " * deep + "a") == 1
    assert await value(scripts, "1" + " + 1" * 2000) == 2001
