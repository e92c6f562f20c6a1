"""Whatever the values and the work order: a plan settles, order does not matter, nothing raises or is changed."""

import copy
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.model.document import Document
from app.core.model.intent import Plan
from app.core.model.link import Known
from app.core.planning.desired import Desired, desired_of
from app.core.planning.lost_answers import changed_by_others, known_from_attempt, stands
from app.core.planning.repairs import mark_wish, not_taken, plan_repairs
from app.core.planning.targets import SECTIONS
from app.core.planning.to_work_order import known_after_update
from tests.core.planning.planning_kit import (
    NOW,
    NUMBER,
    OWNER,
    Value,
    carried_out,
    create,
    made,
    synced,
    update,
)
from tests.fakes.vendor_shape import fresh

TEXTS = st.text(max_size=12) | st.sampled_from(["a", " a ", "1", "1.0", "Edina", "line\r\nline", "<b>x</b>"])
NUMBERS = st.integers(-(10**9), 10**9) | st.decimals(-(10**6), 10**6, places=2) | st.floats(-1e6, 1e6)
MOMENTS = st.datetimes(NOW.replace(tzinfo=None).replace(year=2025), NOW.replace(tzinfo=None).replace(year=2028)).map(
    lambda at: at.replace(microsecond=0)
)
SPELLED = st.one_of(
    MOMENTS.map(lambda at: at.strftime("%Y-%m-%d %H:%M:%S")),
    MOMENTS.map(lambda at: at.isoformat() + "Z"),
    MOMENTS.map(lambda at: at.isoformat() + "+05:30"),
)
WRITABLE = {
    "title": TEXTS.filter(lambda text: text.strip()),
    "description": TEXTS,
    "incident_id": TEXTS,
    "client.id": st.integers(1, 10**6),
    "location.name": TEXTS,
    "location.city": TEXTS,
    "location.mode": st.just("custom"),
    "time_window.start": SPELLED,
    "time_window.end": SPELLED,
    "pay.type": st.sampled_from(["fixed", "hourly"]),
    "pay.base.amount": NUMBERS,
    "pay.base.units": st.integers(0, 40),
    "contacts[0].name": TEXTS,
    "contacts[1].phone": TEXTS,
    "types_of_work[0].id": st.integers(1, 500),
    "custom_fields.7": TEXTS | NUMBERS,
    "custom_fields.8": TEXTS | NUMBERS,
    "status_id": st.sampled_from([1, 2, "2", 3, 5, 7]),
}
TICKETS = st.fixed_dictionaries(
    {"title": WRITABLE["title"]}, optional={k: v for k, v in WRITABLE.items() if k != "title"}
)
INTERNAL = st.sampled_from(["", "88"])
DROPS = st.sets(st.sampled_from(["location", "schedule", "custom_fields", "contacts", "pay", "description"])).map(
    frozenset
)


def of(values: dict[str, Any], **more: Any) -> Desired:
    return desired_of(synced(values, **more), record=OWNER, number=NUMBER, now=NOW)


def in_step(desired: Desired, known: Known, order: Document) -> tuple[Document, Known]:
    """Both sides after an update was carried out."""
    plan = update(known, desired, order)
    order = carried_out(order, plan)
    return order, known_after_update(known, desired, order, plan)


@settings(max_examples=120, deadline=None)
@given(values=TICKETS, drops=DROPS, internal=INTERNAL)
def test_the_plan_of_an_applied_create_is_empty(values: dict[str, Any], drops: frozenset[str], internal: str) -> None:
    desired = of(values)
    order, known = made(desired, drops=drops, internal=internal)
    status = [intent for intent in create(desired).intents if intent.kind == "work_order_action"]
    order = carried_out(order, Plan(OWNER, tuple(status)))
    assert update(known, desired, order).intents == ()


@settings(max_examples=120, deadline=None)
@given(old=TICKETS, new=TICKETS, theirs=TICKETS, always=st.booleans())
def test_the_plan_of_an_applied_update_is_empty(
    old: dict[str, Any], new: dict[str, Any], theirs: dict[str, Any], always: bool
) -> None:
    order, known = made(of(old))
    order = {**order, **{name: value for name, value in made(of(theirs))[0].items() if name != "id"}}
    desired = of(new, always=always)
    order, known = in_step(desired, known, order)
    assert update(known, desired, order).intents == ()


@settings(max_examples=80, deadline=None)
@given(data=st.data(), values=TICKETS, later=TICKETS)
def test_the_order_of_the_mapped_values_does_not_change_a_plan(
    data: st.DataObject, values: dict[str, Any], later: dict[str, Any]
) -> None:
    shuffled = dict(data.draw(st.permutations(list(values.items()))))
    assert create(of(values), internal="88") == create(of(shuffled), internal="88")
    order, known = made(of(values))
    changed = dict(data.draw(st.permutations(list(later.items()))))
    assert update(known, of(later), order) == update(known, of(changed), order)
    one, other = (plan_repairs("work_order:70", of(some).wishes, order) for some in (later, changed))
    assert one == other


@settings(max_examples=80, deadline=None)
@given(values=TICKETS, later=TICKETS)
def test_intents_stand_in_the_order_of_their_phases(values: dict[str, Any], later: dict[str, Any]) -> None:
    order, known = made(of(values))
    for plan in (create(of(values)), update(known, of(later), order)):
        places = [(intent.phase, intent.key) for intent in plan.intents]
        assert places == sorted(places)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.decimals()
    | st.text(max_size=8)
    | st.sampled_from(["²", "٣", "1e999999", "sNaN", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00"])
)
INNER = (
    "status status_id id results internal value utc service_window start end html base amount city display_name mode"
)
KEYS = st.sampled_from([*sorted(SECTIONS), *INNER.split()])
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
DOCUMENTS = st.dictionaries(KEYS, ANY, max_size=8)
PLACES = st.lists(KEYS | st.sampled_from(["[0]", "[1]", "[7]", "4711", "²"]), min_size=1, max_size=5).map(".".join)
MAPPED = st.lists(
    st.builds(
        Value,
        target=PLACES | st.sampled_from(list(WRITABLE)) | st.text(max_size=10),
        value=ANY,
        inputs=st.lists(st.tuples(st.text(max_size=3), ANY), max_size=2).map(tuple),
        always=st.booleans(),
        owner=st.sampled_from([None, "autotask", "field_nation"]),
    ),
    max_size=8,
)
KNOWN = st.builds(
    Known,
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3),
    st.dictionaries(st.sampled_from(["title", "location.city", "status_id", "contacts[0].name"]), SCALARS, max_size=3),
    st.lists(st.sampled_from(["title", "location.city", "status_id", ""]), max_size=2).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(mapped=MAPPED, order=DOCUMENTS, known=KNOWN, attempted=DOCUMENTS)
def test_nothing_that_a_vendor_or_a_mapping_says_makes_a_planner_raise_or_changes_what_it_was_given(
    mapped: list[Value], order: dict[str, Any], known: Known, attempted: dict[str, Any]
) -> None:
    before = repr((mapped, order, known, attempted))
    desired = desired_of(mapped, record=OWNER, number=NUMBER, now=NOW)
    plan = create(desired, internal="88")
    changes = update(known, desired, order)
    known_after_update(known, desired, order, changes)
    mark = mark_wish(desired, order)
    repairs = plan_repairs("work_order:70", (*desired.wishes, *([mark] if mark else [])), order)
    not_taken(desired.wishes, order, OWNER)
    known_from_attempt(attempted, order)
    stands(desired.values, order)
    changed_by_others(desired.values, attempted, order, OWNER)
    assert repr((mapped, order, known, attempted)) == before
    for intent in (*plan.intents, *changes.intents, *repairs):
        assert _is_json(intent.body), intent.body
    assert all(finding.text and finding.mend for finding in (*plan.findings, *changes.findings))


@settings(max_examples=80, deadline=None)
@given(values=TICKETS, later=TICKETS)
def test_planning_changes_nothing_that_it_was_given(values: dict[str, Any], later: dict[str, Any]) -> None:
    order, known = made(of(values))
    given_before = copy.deepcopy((order, known, values))
    update(known, of(later), order)
    create(of(values))
    assert (order, known, values) == given_before


def _is_json(value: Any) -> bool:
    """Whether it has a form in JSON that no vendor can misread: text keys, finite numbers."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(_is_json(item) for item in value)
    if isinstance(value, Decimal | float):
        return Decimal(value).is_finite()
    return value is None or isinstance(value, str | bool | int)


def test_a_fresh_work_order_of_these_tests_holds_nothing_that_a_plan_would_write() -> None:
    assert update(Known(), of({"title": "x"}), fresh()).intents == ()
