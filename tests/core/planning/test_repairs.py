"""Repairs: what the vendor dropped with a 200 is asked for once more, and said when it stays away."""

from app.core.model.intent import Phase, Plan
from app.core.planning.repairs import mark_wish, not_taken, plan_repairs
from app.core.planning.to_work_order import known_after_create
from tests.core.planning.planning_kit import NUMBER, OWNER, carried_out, codes, create_body, made, wanted
from tests.fakes.vendor_shape import fresh, taken

FULL = wanted(
    description="d",
    location__city="Edina",
    time_window__start="2026-03-05 14:00:00",
    time_window__end="2026-03-05 18:00:00",
    custom_fields__7="a",
    custom_fields__8="b",
)


def repairs(*drops: str) -> list[tuple[str, str, str]]:
    order = taken(fresh(), create_body(FULL), drops=frozenset(drops))
    return [(one.kind, one.key, one.verb) for one in plan_repairs("work_order:70", FULL.wishes, order)]


def test_what_was_taken_is_not_repaired() -> None:
    assert repairs() == []


def test_a_dropped_schedule_is_repaired_by_its_own_call() -> None:
    assert repairs("schedule") == [("work_order_schedule", "schedule", "set_schedule")]


def test_each_dropped_custom_field_is_repaired_by_a_call_of_its_own() -> None:
    assert repairs("custom_fields") == [
        ("work_order_custom_field", "7", "set_custom_field"),
        ("work_order_custom_field", "8", "set_custom_field"),
    ]


def test_anything_else_is_repaired_by_one_update() -> None:
    assert repairs("location", "description") == [("work_order_fields", "repair", "update")]


def test_a_repair_of_the_schedule_has_a_mode_which_its_call_demands() -> None:
    order = taken(fresh(), create_body(FULL), drops=frozenset({"schedule"}))
    (repair,) = plan_repairs("work_order:70", FULL.wishes, order)
    assert repair.body["service_window"]["mode"] == "between"
    assert repair.phase is Phase.REPAIR


def test_repairs_bring_everything_in_step() -> None:
    order = taken(fresh(), create_body(FULL), drops=frozenset({"schedule", "custom_fields", "location"}))
    after = carried_out(order, Plan(OWNER, plan_repairs("work_order:70", FULL.wishes, order)))
    assert plan_repairs("work_order:70", FULL.wishes, after) == ()
    assert not_taken(FULL.wishes, after, OWNER) == ()


def test_what_was_not_taken_when_it_was_asked_again_gives_a_finding_with_both_values() -> None:
    order = taken(fresh(), {**create_body(FULL), "description": {"html": "other"}})
    (finding,) = not_taken(FULL.wishes, order, OWNER)
    assert (finding.code, finding.field, finding.record) == ("value_not_taken", "description.html", OWNER)
    assert "'other'" in finding.text
    assert "'d'" in finding.text


def test_a_derived_start_that_the_vendor_changed_is_neither_repaired_nor_reported() -> None:
    desired = wanted(time_window__end="2026-03-05 18:00:00")
    order = taken(fresh(), create_body(desired))
    order["schedule"]["service_window"]["start"] = {"utc": "2026-03-05 15:00:00"}
    assert plan_repairs("work_order:70", desired.wishes, order) == ()
    assert not_taken(desired.wishes, order, OWNER) == ()


def test_a_create_s_answer_that_lacks_a_value_leaves_it_pending() -> None:
    known = known_after_create(FULL, taken(fresh(), create_body(FULL), drops=frozenset({"schedule"})))
    assert known.pending == ("schedule.service_window.end", "schedule.service_window.start")
    assert known.targets["location.city"] == "Edina"


def test_a_mapped_status_is_pending_until_it_was_reached() -> None:
    desired = wanted(status_id=2)
    assert known_after_create(desired, taken(fresh(), create_body(desired))).pending == ("status_id",)


def test_the_first_answer_that_shows_a_field_for_ticket_numbers_gets_the_mark_there() -> None:
    order = taken(fresh(internal="88"), create_body(wanted()))
    wish = mark_wish(wanted(), order)
    assert wish is not None
    assert (wish.target, wish.value) == (("custom_fields", "88"), NUMBER)


def test_a_field_for_ticket_numbers_that_holds_something_or_is_mapped_is_left_alone() -> None:
    order = taken(fresh(internal="88"), create_body(wanted(), internal="88"))
    assert mark_wish(wanted(), order) is None
    assert mark_wish(wanted(custom_fields__88="x"), fresh(internal="88")) is None
    assert mark_wish(wanted(), fresh()) is None


def test_a_dropped_status_shows_up_in_no_repair() -> None:
    order, _ = made(wanted(status_id=2))
    assert codes(not_taken(wanted(status_id=2).wishes, order, OWNER)) == []
