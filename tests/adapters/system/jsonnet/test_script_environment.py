"""What a program sees around it, what comes back from it, and what a person is told when it is wrong."""

import math
from collections import UserList
from decimal import Decimal
from types import MappingProxyType

import pytest

from app.adapters.system.jsonnet import process
from app.adapters.system.jsonnet.scripts import JailedScripts
from app.core.model.script import Broke, Ran, ScriptCall
from tests.adapters.system.jsonnet.asking import broke, differing, outcome, value

DOCUMENT = {"id": 5, "title": "Fix", "pay": {"expenses": {"results": [{"id": 1}]}}}


async def test_the_document_the_helpers_and_std_are_there(scripts: JailedScripts) -> None:
    wanted = {
        "$.input.title": "Fix",
        "std.asciiUpper($.input.title)": "FIX",
        "{a: $.input.id, b: {c: $.input.title}}": {"a": 5, "b": {"c": "Fix"}},
        "{ title:: 1, all: [$.input[name] for name in ['id', 'title']] }": {"all": [5, "Fix"]},
        "$.item": None,
        "$.input.pay.expense.results": [{"id": 1}],
        "$.input.workorder.pay.expense.results[0].id": 1,
        "$.input.pay": {"expenses": {"results": [{"id": 1}]}},
        "local a = 1; a # a comment": 1,
        "/* a comment */ 1 // and another": 1,
        "|||\n  two\n  lines\n|||": "two\nlines\n",
        "null": None,
        "[true, 'x', 1.50]": [True, "x", Decimal("1.5")],
    }
    assert await differing(scripts, DOCUMENT, wanted) == {}


async def test_the_item_is_that_of_its_call(scripts: JailedScripts) -> None:
    made = await scripts.run(DOCUMENT, [ScriptCall("$.item.n + $.input.id", {"n": n}) for n in range(3)])
    assert made == [Ran(5), Ran(6), Ran(7)]


async def test_another_document_replaces_the_first(scripts: JailedScripts) -> None:
    assert [await value(scripts, "$.input.n", {"n": n}) for n in (1, 2)] == [1, 2]


async def test_numbers_keep_their_digits(scripts: JailedScripts) -> None:
    numbers = [Decimal("10.10"), Decimal("0.1"), 2**53, -(2**53), 0, 1.5, Decimal("1E+3"), Decimal("123456.7891")]
    made = await value(scripts, "$.input.n", {"n": numbers})
    assert made == [Decimal("10.1"), Decimal("0.1"), 2**53, -(2**53), 0, Decimal("1.5"), 1000, Decimal("123456.7891")]
    assert isinstance(made, list)
    assert [type(one) for one in made] == [Decimal, Decimal, int, int, int, Decimal, int, Decimal]


async def test_a_number_with_more_digits_than_a_script_can_hold_is_told(scripts: JailedScripts) -> None:
    made = await outcome(scripts, "1", {"n": 2**53 + 1})
    assert made == Ran(1, "note: 9007199254740993 has more digits than a script can hold")


@pytest.mark.parametrize(
    "number",
    [math.nan, math.inf, Decimal("1e400"), Decimal("NaN"), 10**400, 10**5000, Decimal("sNaN")],
    ids=[*"abcdefg"],
)
async def test_a_number_that_jsonnet_cannot_hold_is_refused(scripts: JailedScripts, number: float) -> None:
    made = await broke(scripts, "1", {"n": number})
    assert made.code == "script_over_limit"
    assert await value(scripts, "1") == 1


async def test_text_of_every_kind_survives(scripts: JailedScripts) -> None:
    texts = ["é", "😀", "\u2028", '"\\', "\n\t", "\x00", "漢字"]
    assert await value(scripts, "$.input.t", {"t": texts, "😀": 1}) == texts


async def test_half_a_character_becomes_the_replacement_character(scripts: JailedScripts) -> None:
    assert await value(scripts, "$.input.t", {"t": "a\ud83d"}) == "a\ufffd"
    assert isinstance(await outcome(scripts, "'\ud83d'"), Ran)


async def test_any_mapping_and_sequence_is_a_document(scripts: JailedScripts) -> None:
    document = MappingProxyType({"a": (1, UserList([MappingProxyType({"b": 2})]))})
    assert await value(scripts, "$.input.a[1][0].b", document) == 2


async def test_a_thing_that_is_no_json_is_refused(scripts: JailedScripts) -> None:
    made = await broke(scripts, "1", {"a": object()})  # type: ignore[dict-item]  # what a caller should never do
    assert made.code == "script_over_limit"


async def test_traces_come_back_with_their_lines(scripts: JailedScripts) -> None:
    made = await outcome(scripts, "local a = 1;\nstd.trace('seen ' + a, a)")
    assert made == Ran(1, "line 2: seen 1")
    assert await outcome(scripts, "1") == Ran(1)


async def test_what_was_traced_before_an_error_is_kept(scripts: JailedScripts) -> None:
    made = await broke(scripts, "std.trace('before', error 'x')")
    assert made.trace == "line 1: before"


@pytest.mark.parametrize(
    ("program", "code", "reason"),
    [
        ("1 +", "script_invalid", "line 1: syntax error"),
        ("\n\n  )", "script_invalid", "line 3: syntax error"),
        ("", "script_invalid", "syntax error"),
        ("1) , other: (2", "script_invalid", "line 1: syntax error"),
        ("1 /* never ends", "script_invalid", "line 1: syntax error"),
        ("local a = 1;\n\nb", "script_failed", "line 3: variable is not defined: b"),
        ("{\n  a: error 'boom'\n}", "script_failed", "line 2: boom"),
        ("assert $.input.id == 6 : 'not six'; 1", "script_failed", "line 1: assert failed: not six"),
        ("$.input.absent", "script_failed", "no such field: absent"),
        ("1 / 0", "script_failed", "divide by zero"),
        ("error 'a\\n    script:99:1-2: b'", "script_failed", "line 1: a"),
        ("function(x) x", "script_failed", "function"),
        ("import 'other'", "script_failed", "a script cannot import"),
    ],
)
async def test_an_error_says_what_and_on_which_line(
    scripts: JailedScripts, program: str, code: str, reason: str
) -> None:
    made = await broke(scripts, program, DOCUMENT)
    assert made.code == code
    assert reason in made.reason
    assert made.mend


async def test_zero_and_numbers_of_every_size_are_held(scripts: JailedScripts) -> None:
    numbers = [Decimal("0"), Decimal("0.00"), Decimal("1e-300"), Decimal("1.5e300"), -0.0]
    made = await value(scripts, "$.input.n", {"n": numbers})
    assert made == numbers


async def test_an_error_message_is_one_line_of_bounded_length(scripts: JailedScripts) -> None:
    made = await broke(scripts, "error std.repeat('x\\n\\u0007', 1000000)")
    assert len(made.reason) < 600
    assert made.reason.isprintable()


async def test_a_program_is_checked_without_being_run(scripts: JailedScripts) -> None:
    assert await scripts.check("error 'only when it runs'") is None
    assert await scripts.check("{a: $.input.b.c}") is None
    wrong = await scripts.check("local a = ;\n1")
    assert isinstance(wrong, Broke)
    assert wrong.code == "script_invalid"


async def test_one_bad_call_does_not_spoil_the_others(scripts: JailedScripts) -> None:
    crash = "local f(x) = f(x + 1) tailstrict; f(0)"
    programs = ["1", "error 'x'", "2", crash, "3", "(", "4"]
    made = await scripts.run({}, [ScriptCall(program) for program in programs])
    assert [one.value if isinstance(one, Ran) else "broke" for one in made] == [
        *(1, "broke", 2, "broke", 3, "broke", 4),
    ]


async def test_more_programs_than_a_child_keeps_are_run_all_the_same(
    scripts: JailedScripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PROGRAMS_KEPT_BYTES", 10)
    made = await scripts.run({}, [ScriptCall(f"{n % 7} + 0") for n in range(20)])
    assert made == [Ran(n % 7) for n in range(20)]
