"""Whatever happens to a work order: a push settles, order does not matter, each fact has one record, nothing raises."""

import copy
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.mapping.outbound import CompiledOutbound
from app.core.model.connection import ConnectionFile
from app.core.model.ledger import LedgerState
from app.core.planning.ticket.matching import mark_in
from app.core.planning.ticket.to_ticket import Complete, TicketPlan
from tests.core.mapping.outbound_kit import compiled, rule, static
from tests.core.planning.ticket.ticket_kit import Desk, a_photo, expense, log, message, the_file

START = datetime(2026, 3, 6, 12)
STAMP = "%Y-%m-%d %H:%M:%S"
IDS = st.integers(1, 6)
MINUTES = st.sampled_from([0, 1, 59, 60, 115, 600, 1439, 1440, 1500, 2880, 4000])


@st.composite
def logs(draw: st.DrawFn) -> list[Any]:
    """Some time logs, each id once: open, short, overnight, of several days."""
    rows = []
    for id in draw(st.lists(IDS, unique=True, max_size=4)):
        start = START + timedelta(hours=draw(st.integers(0, 60)))
        end = start + timedelta(minutes=draw(MINUTES))
        is_open = draw(st.integers(0, 5)) == 0
        by = {"id": draw(st.sampled_from([88, 89])), "name": "Ada"}
        rows.append(log(id, start.strftime(STAMP), "" if is_open else end.strftime(STAMP), logged_by=by))
    return rows


@st.composite
def expenses(draw: st.DrawFn) -> list[Any]:
    return [
        expense(
            id,
            draw(st.sampled_from(["50.00", "12.35", 7, "0", "-3.10"])),
            draw(st.sampled_from(["approved", "approved", "new", "disapproved"])),
            description=draw(st.sampled_from(["Taxi", "", "d" * 150])),
            quantity=draw(st.sampled_from([1, 2, "0.5", None])),
        )
        for id in draw(st.lists(IDS, unique=True, max_size=4))
    ]


MESSAGES = st.lists(st.integers(501, 504), unique=True, max_size=3).map(lambda ids: [message(str(id)) for id in ids])
FILES = st.lists(
    st.builds(a_photo, id=IDS, size=st.sampled_from([1, 2048, 7_000_000]), name=st.sampled_from(["a.jpg", "b.jpg"])),
    unique_by=lambda row: row["id"],
    max_size=3,
)
CONNECTIONS = st.builds(
    lambda charge, unit, split, at, delete: the_file(
        time_zone=at,
        expenses={"additional_charges": charge, "amount": unit},
        time_entries={"split_at_midnight": split},
        attachments={"enabled": True, "delete": delete},
    ),
    st.sampled_from(["", "charge"]),
    st.sampled_from(["line", "unit"]),
    st.booleans(),
    st.sampled_from(["America/Chicago", "Europe/Berlin", "Asia/Kolkata"]),
    st.booleans(),
)
RULES = st.sampled_from(
    [
        compiled(),
        compiled(rule("time_logs[0].EndDateTime", "TimeEntry.[0].EndDateTime"), static("TicketCost.[0].Name", "x")),
        compiled(
            rule("closing_notes", "TimeEntry.[0].SummaryNotes"),
            rule("expenses[0].description", "expense.items[0].Description"),
            rule("time_logs[0].provider", "TimeEntry.[0].InternalNotes"),
        ),
    ]
)
STATES = st.sampled_from([LedgerState.REJECTED, LedgerState.BLOCKED, LedgerState.VOID])
KINDS = ("time_entry", "charge", "expense_item", "note", "attachment")
REFUSALS = st.dictionaries(
    st.tuples(st.sampled_from(["create", "update", "delete", "zero"]), st.sampled_from(KINDS)), STATES, max_size=4
)
FACTS = st.tuples(logs(), expenses(), MESSAGES, FILES)


def seen(world: Desk, facts: Any) -> Desk:
    world.time_logs, world.expenses, world.messages, world.files = facts
    return world


def push_all(world: Desk, **ask: bool) -> list[TicketPlan]:
    return [world.push(**ask), world.push_files(**ask)]


def settled(world: Desk) -> Desk:
    """After everything was tried again, and every absence believed."""
    world.refused = {}
    for _ in range(3):
        push_all(world, retry=True, delete=True)
        world.wait()
    return world


def plans(world: Desk, complete: Complete | None = None) -> list[TicketPlan]:
    given = complete or Complete(time_logs=True, expenses=True, files=True)
    return [world.plan(given), world.plan_of_files(given)]


@settings(max_examples=100, deadline=None)
@given(file=CONNECTIONS, rules=RULES, first=FACTS, second=FACTS)
def test_the_plan_of_what_was_just_pushed_is_empty(
    file: ConnectionFile, rules: CompiledOutbound, first: Any, second: Any
) -> None:
    world = Desk(file, rules)
    for facts in (first, second):
        push_all(settled(seen(world, facts)))
        for plan in plans(world):
            assert (plan.intents, plan.observed, plan.looks_again) == ([], [], False)
    for plan in (world.plan(resync=True), world.plan(retry=True)):
        assert plan.intents == []


@settings(max_examples=100, deadline=None)
@given(data=st.data(), file=CONNECTIONS, rules=RULES, first=FACTS, second=FACTS, refused=REFUSALS)
def test_the_order_and_the_repetition_of_rows_change_no_plan(
    data: st.DataObject, file: ConnectionFile, rules: CompiledOutbound, first: Any, second: Any, refused: Any
) -> None:
    world = Desk(file, rules, refused=refused)
    push_all(seen(world, first))
    before = plans(seen(world, second))
    shuffled = tuple(data.draw(st.permutations([*rows, *rows])) for rows in second)
    world.entries = dict(data.draw(st.permutations(list(world.entries.items()))))
    after = plans(seen(world, shuffled))
    for one, other in zip(before, after, strict=True):
        assert (one.intents, one.observed, one.is_failing) == (other.intents, other.observed, other.is_failing)
        assert one.findings == other.findings


@settings(max_examples=100, deadline=None)
@given(file=CONNECTIONS, rules=RULES, history=st.lists(st.tuples(FACTS, REFUSALS), min_size=1, max_size=3), last=FACTS)
def test_no_fact_has_two_intents_and_what_is_there_or_was_not_read_is_not_removed(
    file: ConnectionFile, rules: CompiledOutbound, history: list[Any], last: Any
) -> None:
    world = Desk(file, rules)
    for facts, world.refused in history:
        push_all(seen(world, facts))
        world.wait()
    for plan in plans(seen(world, last)):
        keys = [(intent.kind, intent.key, intent.verb) for intent in plan.intents]
        replaced = {(kind, key) for kind, key, verb in keys if verb == "delete"}
        once = [(kind, key) for kind, key, verb in keys if verb != "create" or (kind, key) not in replaced]
        assert len(set(once)) == len(once)
        assert [intent.phase for intent in plan.intents] == sorted(intent.phase for intent in plan.intents)
    removed = {_fact(intent.kind, intent.key) for intent in plans(world)[0].intents if _removes(intent)}
    denied = {str(row["id"]) for row in last[1] if row["status"] == "disapproved"}
    reshaped = {("time_entry", key.key.partition("/")[0]) for key in world.entries if "/" in key.key}
    grown = {("time_entry", intent.key.partition("/")[0]) for intent in plans(world)[0].intents if "/" in intent.key}
    assert not (removed & _facts(last)) - {("money", id) for id in denied} - reshaped - grown
    for plan in plans(world, Complete(time_logs=False, expenses=False, files=False)):
        gone = {_fact(intent.kind, intent.key) for intent in plan.intents if _removes(intent)}
        assert gone <= _facts(last) | {("money", id) for id in denied}


def _removes(intent: Any) -> bool:
    return intent.verb in ("delete", "zero")


def _fact(kind: str, key: str) -> tuple[str, str]:
    """The time log, file or expense that a record stands for."""
    is_money = kind in ("charge", "expense_item")
    return "money" if is_money else kind, key.partition("/")[0] if kind == "time_entry" else key


def _facts(facts: Any) -> set[tuple[str, str]]:
    """Everything that is there: a record of it is removed only to be replaced."""
    logs, expenses, _, files = facts
    there = {("time_entry", str(row["id"])) for row in logs} | {("money", str(row["id"])) for row in expenses}
    return there | {("attachment", f"12/{row['id']}") for row in files}


@settings(max_examples=80, deadline=None)
@given(file=CONNECTIONS, rules=RULES, history=st.lists(st.tuples(FACTS, REFUSALS), min_size=1, max_size=4), last=FACTS)
def test_after_any_history_every_wanted_fact_has_exactly_one_record_and_nothing_else_has(
    file: ConnectionFile, rules: CompiledOutbound, history: list[Any], last: Any
) -> None:
    world = Desk(file, rules)
    for facts, world.refused in history:
        push_all(seen(world, facts), retry=True)
        world.wait()
    settled(seen(world, last))
    _hours_are_right(world)
    _money_is_right(world)
    notes = [mark_in("note", row) for row in world.rows("TicketNotes")]
    assert len(notes) == len(set(notes))
    assert set(notes) >= {row["msg_id"] for row in last[2]}
    marks = [mark_in("attachment", row) for row in world.rows("TicketAttachments")]
    assert set(marks) >= {f"12/{row['id']}" for row in last[3]}
    if file.attachments.delete and not any(("delete", "attachment") in refused for _, refused in history):
        assert sorted(marks) == sorted(f"12/{row['id']}" for row in last[3])


def _hours_are_right(world: Desk) -> None:
    """Of each closed log the entries make up its window, piece by piece; an open one keeps what it had."""
    pieces: dict[str, list[Any]] = {}
    for row in world.rows("TimeEntries"):
        pieces.setdefault(mark_in("time_entry", row).partition("/")[0], []).append(row)
    assert pieces.keys() <= {str(row["id"]) for row in world.time_logs}
    for row in world.time_logs:
        if not row["out"] or row["out"]["created"]["utc"] == row["in"]["created"]["utc"]:
            continue
        found = sorted(pieces[str(row["id"])], key=lambda piece: piece["startDateTime"])
        ends = [piece["endDateTime"] for piece in found]
        assert ends[:-1] == [piece["startDateTime"] for piece in found[1:]]
        window = found[0]["startDateTime"], ends[-1]
        assert window == tuple(row[side]["created"]["utc"].replace(" ", "T") + "Z" for side in ("in", "out"))
        assert all(0 < piece["hoursWorked"] < 24 for piece in found)


def _money_is_right(world: Desk) -> None:
    """One record for each approved expense with its amount; what is denied or gone stands for nothing."""
    is_charge = world.file.expenses.additional_charges == "charge"
    entity, kind = ("TicketCharges", "charge") if is_charge else ("ExpenseItems", "expense_item")
    field = "unitPrice" if is_charge else "expenseCurrencyExpenseAmount"
    rows = [(mark_in(kind, row), row[field]) for row in world.rows(entity)]
    amounts = dict(rows)
    assert len(rows) == len(amounts)
    status = {str(row["id"]): row["status"] for row in world.expenses}
    for row in world.expenses:
        if row["status"] == "approved":
            assert amounts[str(row["id"])] == _amount(row, world)
    assert all(amount == 0 for mark, amount in rows if status.get(mark, "disapproved") == "disapproved")


def _amount(row: Any, world: Desk) -> Decimal:
    is_unit = world.file.expenses.amount == "unit" and row["quantity"] is not None
    return Decimal(str(row["amount"])) * (Decimal(str(row["quantity"])) if is_unit else 1)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["²", "1e999999", "sNaN", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00", "1/1"])
)
NAMES = "id msg_id in out created utc status amount quantity description category label added receipt role from name"
MORE = "message type replies file size_bytes folder_id results logged_by time_zone user assignee author first_name"
KEYS = st.sampled_from([*NAMES.split(), *MORE.split()])
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=10
)
DAMAGE = st.dictionaries(KEYS, ANY, max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    file=CONNECTIONS,
    rules=RULES,
    facts=FACTS,
    damage=st.lists(DAMAGE, min_size=4, max_size=4),
    junk=st.lists(ANY, max_size=3),
    status=SCALARS,
)
def test_no_row_that_a_vendor_may_send_makes_the_planner_raise_or_changes_what_it_was_given(
    file: ConnectionFile, rules: CompiledOutbound, facts: Any, damage: list[Any], junk: list[Any], status: Any
) -> None:
    world = Desk(file, rules)
    push_all(seen(world, facts))
    damaged = tuple([*({**row, **harm} for row in rows), harm, *junk] for rows, harm in zip(facts, damage, strict=True))
    world.status = status
    given_before = copy.deepcopy(repr(damaged))
    for _ in range(2):
        push_all(seen(world, damaged))
        world.wait()
    assert repr(damaged) == given_before
    for plan in plans(world):
        assert all(finding.text and finding.mend for finding in plan.findings)
