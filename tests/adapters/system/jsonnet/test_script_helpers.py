"""What a custom action finds as $.util: normal values, and missing, null, empty and wrong ones."""

from decimal import Decimal

import pytest

from app.adapters.system.jsonnet.scripts import JailedScripts
from app.core.mapping.dates import FIELD_NATION_UTC
from app.core.model.script import Broke, Ran
from tests.adapters.system.jsonnet.asking import broke, differing, outcome, value

ORDER = {
    "title": "Fix",
    "empty": "",
    "none": None,
    "a.b": "raw",
    "contacts": [{"email": "x@y.example"}, {}],
    "custom_fields": {
        "results": [
            {"id": 1, "results": [{"id": 835, "value": "T-1"}, {"id": 9, "value": ""}]},
            {"id": 2, "results": [{"id": "7", "value": None}]},
        ],
        "internal": {"id": 3, "value": "internal"},
    },
    "pay": {
        "expenses": {
            "results": [
                {"id": 1, "amount": Decimal("10.10"), "status": "approved", "category": {"label": "Parking"}},
                {"id": 2, "amount": "20.20", "status": "new", "category": {"label": "Meals"}},
                {"id": 3, "amount": None, "status": "Approved", "category": {"label": "Parking"}},
            ]
        }
    },
}
EXPENSES = "$.input.pay.expenses"


async def test_lookup_field_reads_nested_values_and_gives_the_default_for_nothing(scripts: JailedScripts) -> None:
    wanted = {
        "$.util.lookup_field($.input, 'title', 'd')": "Fix",
        "$.util.lookup_field($.input, 'workorder.title', 'd')": "Fix",
        "$.util.lookup_field($.input, 'contacts[0].email', 'd')": "x@y.example",
        "$.util.lookup_field($.input, 'contacts[1].email', 'd')": "d",
        "$.util.lookup_field($.input, 'contacts[9].email', 'd')": "d",
        "$.util.lookup_field($.input, 'contacts.email', 'd')": "d",
        "$.util.lookup_field($.input, 'pay.expense.results[0].id', 'd')": 1,
        "$.util.lookup_field($.input, 'pay.expenses[1].id', 'd')": 2,
        "$.util.lookup_field({ time_logs: [{ id: 9 }] }, 'time_logs.results[0].id', 'd')": 9,
        "$.util.lookup_field($.input, 'none', 'd')": "d",
        "$.util.lookup_field($.input, 'empty', 'd')": "",
        "$.util.lookup_field($.input, 'title.deeper.still', 'd')": "d",
        "$.util.lookup_field($.input, '', 'd')": "d",
        "$.util.lookup_field($.input, null, 'd')": "d",
        "$.util.lookup_field($.input, 'a.b', 'd', true)": "raw",
        "$.util.lookup_field($.input, 'a.b', 'd')": "d",
        "$.util.lookup_field(obj=$.input, path='a.b', default='d', raw=true)": "raw",
        "$.util.lookup_field(null, 'a', 'd')": "d",
        "$.util.lookup_field('text', 'a', 'd')": "d",
        "$.util.lookup_field($.input, 'absent')": None,
    }
    assert await differing(scripts, ORDER, wanted) == {}


async def test_lookup_custom_field_finds_a_value_by_number_wherever_the_fields_are(scripts: JailedScripts) -> None:
    wanted = {
        "$.util.lookup_custom_field('835', $.input)": "T-1",
        "$.util.lookup_custom_field(835, $.input)": "T-1",
        "$.util.lookup_custom_field(id=835, obj=$.input.custom_fields, default='d')": "T-1",
        "$.util.lookup_custom_field(835, $.input.custom_fields.results, 'd')": "T-1",
        "$.util.lookup_custom_field(835, $.input.custom_fields.results[0].results, 'd')": "T-1",
        "$.util.lookup_custom_field(3, $.input, 'd')": "internal",
        "$.util.lookup_custom_field(9, $.input, 'd')": "d",
        "$.util.lookup_custom_field(7, $.input, 'd')": "d",
        "$.util.lookup_custom_field(1234, $.input)": "",
        "$.util.lookup_custom_field(null, $.input, 'd')": "d",
        "$.util.lookup_custom_field(835, null, 'd')": "d",
        "$.util.lookup_custom_field(835, {}, 'd')": "d",
        "$.util.lookup_custom_field(835, [null, 5, 'x'], 'd')": "d",
    }
    assert await differing(scripts, ORDER, wanted) == {}


async def test_array_map_takes_the_first_equal_entry(scripts: JailedScripts) -> None:
    defs = "[{cmp: '1', val: 'one'}, {cmp: 1, val: 'number'}, {cmp: '1', val: 'never'}, {cmp: null, val: 'nothing'}]"
    wanted = {
        f"$.util.array_map({defs}, '1', 'd')": "one",
        f"$.util.array_map({defs}, 1, 'd')": "number",
        f"$.util.array_map(defs={defs}, val='2', default='d')": "d",
        f"$.util.array_map({defs}, '', 'd')": "nothing",
        f"$.util.array_map({defs}, [1], 'd')": "d",
        "$.util.array_map(null, '1', 'd')": "d",
        "$.util.array_map([{val: 1}, null, 3], '1', 'd')": "d",
    }
    assert await differing(scripts, ORDER, wanted) == {}


async def test_range_map_takes_the_smallest_bound_that_is_not_below(scripts: JailedScripts) -> None:
    defs = "[{cmp: 3, val: 'medium'}, {cmp: 1, val: 'short'}, {cmp: '5.5', val: 'long'}]"
    wanted = {
        f"$.util.range_map({defs}, 0.4, 'd')": "short",
        f"$.util.range_map({defs}, 1, 'd')": "short",
        f"$.util.range_map({defs}, '2.5', 'd')": "medium",
        f"$.util.range_map({defs}, 3.01, 'd')": "long",
        f"$.util.range_map({defs}, 5.51, 'd')": "d",
        f"$.util.range_map({defs}, 'many', 'd')": "d",
        f"$.util.range_map({defs}, null, 'd')": "d",
        f"$.util.range_map({defs}, [], 'd')": "d",
        "$.util.range_map(null, 1, 'd')": "d",
        "$.util.range_map([{cmp: 'x', val: 1}, null], 1, 'd')": "d",
    }
    assert await differing(scripts, ORDER, wanted) == {}


async def test_dates_are_converted_as_the_action_does_it(scripts: JailedScripts) -> None:
    fn = "'YYYY-MM-DD HH:mm:ss'"
    wanted = {
        f"$.util.date_convert('2024-07-01 12:00:00', {fn}, 'HH:mm', 'UTC', 'America/Chicago')": "07:00",
        f"$.util.date_convert('2024-07-01 12:00:00', {fn}, 'HH:mm', tz_out='America/Chicago')": "07:00",
        f"$.util.date_convert('2024-07-01 12:00:00', {fn}, 'X')": "1719835200",
        "$.util.date_convert('2024-07-01T12:00:00.1234567Z', '', 'YYYY-MM-DD')": "2024-07-01",
        "$.util.date_convert({utc: '2024-07-01 12:00:00'}, '', 'DD')": "01",
        "$.util.date_convert(1719835200, 'X', 'YYYY')": "2024",
        f"$.util.date_convert('', {fn}, 'YYYY')": "",
        f"$.util.date_convert(null, {fn}, 'YYYY')": "",
        "$.util.date_time_format_fn_utc()": FIELD_NATION_UTC.text,
    }
    assert await differing(scripts, ORDER, wanted) == {}


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("$.util.date_convert('soon', '', 'YYYY')", '"soon" is not written as an ISO 8601 date'),
        ("$.util.date_convert('2024-07-01', 'QQ', 'YYYY')", 'in_fmt "QQ" cannot be used'),
        ("$.util.date_convert('2024-07-01', '', null)", "out_fmt null cannot be used"),
        ("$.util.date_convert('2024-07-01', '', 'YYYY', 'Mars/Base')", '"Mars/Base" is not an IANA time zone'),
        ("$.util.date_convert('2024-07-01', '', 'YYYY', 'UTC', '../../etc/passwd')", "is not an IANA time zone"),
        ("$.util.date_convert([], 'YYYY-MM-DD', 'YYYY') + $.util.date_add(true)", "true is not written"),
        ("$.util.date_add('9999-12-31')", "is the end of the calendar"),
    ],
)
async def test_a_date_that_cannot_be_read_is_empty_and_explained(scripts: JailedScripts, program: str, said: str):
    made = await outcome(scripts, program)
    assert isinstance(made, Ran)
    assert made.value == ""
    assert said in made.trace


async def test_a_day_is_added_in_the_way_the_date_was_written(scripts: JailedScripts) -> None:
    wanted = {
        "$.util.date_add('2024-02-28 23:00:00')": "2024-02-29 23:00:00",
        "$.util.date_add('2024-02-28T23:00:00Z')": "2024-02-29T23:00:00Z",
        "$.util.date_add('2024-02-28T23:00:00.5')": "2024-02-29T23:00:00.500",
        "$.util.date_add('2024-12-31')": "2025-01-01",
        "$.util.date_add('31.12.2024', 'DD.MM.YYYY')": "01.01.2025",
        "$.util.date_add(value='31.12.2024', in_fmt='DD.MM.YYYY')": "01.01.2025",
        "$.util.date_add({utc: '2024-12-31 10:00:00'})": "2025-01-01 10:00:00",
        "$.util.date_add('')": "",
        "$.util.date_add(null)": "",
    }
    assert await differing(scripts, ORDER, wanted) == {}


async def test_sums_are_exact_and_nulls_count_nothing(scripts: JailedScripts) -> None:
    wanted = {
        "$.util.array_sum([10.1, 20.2])": Decimal("30.3"),
        "$.util.array_sum([0.1, 0.2, '0.3', null, ''])": Decimal("0.6"),
        "$.util.array_sum([1.5, 1.5])": 3,
        "$.util.array_sum([])": 0,
        "$.util.array_sum(null)": 0,
        f"$.util.sum_expense_field({EXPENSES}, 'amount')": Decimal("30.3"),
        f"$.util.sum_expense_field({EXPENSES}.results, 'amount')": Decimal("30.3"),
        "$.util.sum_expense_field($.input.pay.expense.results, 'absent')": 0,
        "$.util.sum_expense_field(null, 'amount')": 0,
    }
    assert await differing(scripts, ORDER, wanted) == {}


@pytest.mark.parametrize("wrong", ["['x']", "[1, true]", "[[1]]", "'5'", "{a: 1}", "function(x) x"])
async def test_a_sum_over_something_else_than_numbers_is_an_error_and_not_a_wrong_sum(
    scripts: JailedScripts, wrong: str
) -> None:
    made = await broke(scripts, f"$.util.array_sum({wrong})")
    assert made.code == "script_failed"


async def test_fields_of_elements_are_renamed_listed_and_grouped(scripts: JailedScripts) -> None:
    ids = "[e.id for e in group]"
    wanted = {
        f"$.util.object_map_array({EXPENSES}, {{id: 'number', 'category.label': 'kind'}})[0]": {
            "kind": "Parking",
            "number": 1,
        },
        "$.util.object_map_array([{}, null], {a: 'b'})": [{"b": None}, {"b": None}],
        "$.util.object_map_array(null, {a: 'b'})": [],
        f"$.util.results_values({EXPENSES}.results, 'category.label')": ["Parking", "Meals", "Parking"],
        f"$.util.results_values({EXPENSES}, 'absent', 'd')": ["d", "d", "d"],
        "$.util.results_values([{'a.b': 1}], 'a.b', default='d', raw=true)": [1],
        "$.util.results_values(null, 'id')": [],
        f"$.util.results_values_unique({EXPENSES}, 'category.label')": ["Parking", "Meals"],
        "$.util.results_values_unique([{a: 1}, {a: '1'}, {a: 1}, {}], 'a')": [1, "1", ""],
        f"local g = $.util.results_group_by({EXPENSES}, 'category.label'); [e.id for e in g.Parking + g.Meals]": [
            1,
            3,
            2,
        ],
        f"std.objectFields($.util.results_group_by({EXPENSES}, 'id', function(e) e.id > 1))": ["2", "3"],
        f"local group = $.util.results_group_by({EXPENSES}, 'absent', $.util.is_expense_approved_fn)['']; {ids}": [
            1,
            3,
        ],
        "$.util.results_group_by(null, 'id', null)": {},
        "$.util.results_group_by([{'a.b': 1}], 'a.b', null, true)": {"1": [{"a.b": 1}]},
    }
    assert await differing(scripts, ORDER, wanted) == {}


async def test_an_expense_is_approved_when_its_status_says_so(scripts: JailedScripts) -> None:
    wanted = {
        f"std.map($.util.is_expense_approved_fn, {EXPENSES}.results)": [True, False, True],
        "$.util.is_expense_approved_fn({status: {name: 'approved'}})": True,
        "$.util.is_expense_approved_fn({})": False,
        "$.util.is_expense_approved_fn(null)": False,
        "$.util.is_expense_approved_fn({status: 5})": False,
    }
    assert await differing(scripts, ORDER, wanted) == {}


async def test_a_helper_that_does_not_exist_is_named_in_the_error(scripts: JailedScripts) -> None:
    made = await broke(scripts, "\n$.util.lookup_feld($.input, 'a', 1)")
    assert isinstance(made, Broke)
    assert "lookup_feld" in made.reason


async def test_helpers_can_be_kept_in_a_local(scripts: JailedScripts) -> None:
    assert await value(scripts, "local f = $.util.lookup_field; f({a: 1}, 'a', 0)") == 1
