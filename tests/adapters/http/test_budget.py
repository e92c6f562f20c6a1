"""Budgets as values: a vendor that counts for itself never finds us over the limit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.http.budget import (
    ByteBudget,
    HourBudget,
    MinuteBudget,
    bytes_record,
    hour_record,
    minute_record,
    read_bytes,
    read_hour,
    read_minute,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def most_in_any(window: timedelta, moments: list[datetime]) -> int:
    return max((sum(1 for other in moments if at <= other < at + window) for at in moments), default=0)


@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=120),
)
def test_no_minute_ever_holds_more_calls_than_allowed(per_minute, burst, pauses):
    budget, now, sent = MinuteBudget(per_minute, min(burst, per_minute)), NOON, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        budget, go_at = budget.reserve(now)
        now = max(now, go_at)
        sent.append(go_at)
    assert most_in_any(timedelta(minutes=1), sent) <= per_minute
    assert sent == sorted(sent)


@given(st.integers(1, 60), st.lists(st.integers(0, 1200), min_size=1, max_size=150))
def test_no_rolling_hour_ever_holds_more_calls_than_the_share(share, pauses):
    budget, now, sent = HourBudget(asked=share), NOON, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if budget.closed_until(now) is None:
            budget = budget.spend(now)
            sent.append(now)
    assert most_in_any(HOUR, sent) <= share


@given(st.integers(0, 40), st.integers(0, 7200))
def test_a_closed_hour_is_open_when_it_says(spent, later):
    budget = HourBudget(asked=20)
    for minute in range(spent):
        budget = budget.spend(NOON + timedelta(minutes=minute))
    now = NOON + timedelta(minutes=spent, seconds=later)
    until = budget.closed_until(now)
    if until is not None:
        assert until > now
        assert budget.closed_until(until) is None


def test_auto_takes_half_of_the_limit_and_leaves_a_tenth_when_others_use_it():
    budget = HourBudget()
    assert budget.ceiling() == 5000
    assert budget.with_reading(10_000, 6_000, HOUR, NOON).ceiling() == 3000
    assert budget.with_reading(10_000, 9_500, HOUR, NOON).ceiling() == 0
    assert budget.with_reading(20_000, 100, HOUR, NOON).ceiling() == 10_000


def test_a_number_in_the_connection_file_is_the_share_but_ninety_percent_stay_the_end():
    assert HourBudget(asked=700).ceiling() == 700
    assert HourBudget(asked=50_000).ceiling() == 9_000


def test_what_we_used_ourselves_is_not_the_others():
    budget = HourBudget().spend(NOON, 400).with_reading(10_000, 1_000, HOUR, NOON)
    assert budget.others == 600


def test_a_reading_is_worth_its_call_after_a_hundred_and_then_every_five_minutes():
    budget = HourBudget().spend(NOON, 99)
    assert not budget.reading_due(NOON)
    budget = budget.spend(NOON)
    assert budget.reading_due(NOON)
    budget = budget.begin_reading(NOON).spend(NOON, 1000)
    assert not budget.reading_due(NOON + timedelta(minutes=4))
    assert budget.reading_due(NOON + timedelta(minutes=5))


def test_a_share_that_others_used_up_is_asked_about_again_after_five_minutes():
    budget = HourBudget().with_reading(10_000, 9_900, HOUR, NOON)
    assert budget.closed_until(NOON) == NOON + timedelta(minutes=5)
    assert budget.reading_due(NOON + timedelta(minutes=5))


def test_a_limit_that_the_vendor_announced_closes_the_hour_and_asks_nothing():
    budget = HourBudget().spend(NOON, 200).block(NOON + timedelta(minutes=7))
    assert budget.closed_until(NOON) == NOON + timedelta(minutes=7)
    assert not budget.reading_due(NOON)


def test_a_grant_that_was_never_given_back_counts_as_spent_when_the_next_host_comes():
    budget = HourBudget(asked=50).spend(NOON, 5)
    later = NOON + timedelta(minutes=30)
    assert read_hour(hour_record(budget, 10, NOON), 50, later).used(later) == 15
    assert read_hour(hour_record(budget, 10, NOON), 50, later).used(NOON + timedelta(minutes=70)) == 10


def test_a_record_keeps_everything_but_the_connection_file():
    budget = HourBudget().spend(NOON, 7).with_reading(20_000, 900, HOUR, NOON).block(NOON + HOUR)
    record = hour_record(budget, 0, NOON)
    assert read_hour(record, "auto", NOON) == budget
    assert (record["used"], record["limit"], record["until"]) == (7, 10_000, (NOON + HOUR).isoformat())


def test_the_forecast_carries_the_last_ten_minutes_on():
    budget = HourBudget().spend(NOON - timedelta(minutes=30), 1000).spend(NOON, 20)
    assert budget.forecast(NOON) == 120


@pytest.mark.parametrize("broken", [{"_slots": 5}, {"_slots": [["x", 1]]}, {"_read_at": 3}, {"_granted": "many"}])
def test_a_broken_record_is_an_empty_budget(broken):
    assert read_hour(broken, "auto", NOON) == HourBudget()


def test_a_minute_is_remembered_by_the_next_host():
    budget, _ = MinuteBudget(60, 2).block(NOON + timedelta(seconds=5)).reserve(NOON)
    again = read_minute(minute_record(budget, budget.free_at, NOON), 60, 2)
    assert (again.free_at, again.blocked_until) == (budget.free_at, budget.blocked_until)
    assert read_minute({"_free_at": "nonsense"}, 60, 2) == MinuteBudget(60, 2)


def test_a_clock_that_went_back_forgets_no_call():
    budget = HourBudget().spend(NOON, 3).spend(NOON - timedelta(minutes=3), 4)
    assert budget.used(NOON) == 7


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 200), st.integers(0, 90)), min_size=1, max_size=80))
def test_no_five_minutes_ever_hold_more_bytes_than_the_window_however_late_the_vendor_counts(uploads):
    """Each upload: its size, the pause before it, and how long it takes; the vendor may count it at either end."""
    budget, now, begun, ended = ByteBudget(limit=100), NOON, [], []
    for size, pause, takes in uploads:
        now += timedelta(seconds=pause)
        if budget.closed_until(size, now) is None:
            begun.append((now, size))
            now += timedelta(seconds=takes)
            budget = budget.hold(size).settle(size, now)
            ended.append((now, size))
    for counted in (begun, ended, [*begun[:1], *ended[1:]], [*ended[:1], *begun[1:]]):
        for at, _ in counted:
            assert sum(size for other, size in counted if at <= other < at + timedelta(minutes=5)) <= 100


@given(st.lists(st.integers(1, 60), max_size=8), st.integers(1, 100), st.integers(0, 400))
def test_a_closed_window_is_open_when_it_says(sizes, size, later):
    budget, now = ByteBudget(limit=100), NOON
    for one in sizes:
        budget, now = budget.hold(one).settle(one, now), now + timedelta(seconds=20)
    now += timedelta(seconds=later)
    until = budget.closed_until(size, now)
    if until is not None:
        assert until > now
        assert budget.closed_until(size, until) is None


def test_a_window_full_of_uploads_under_way_is_asked_again_after_its_length():
    assert ByteBudget(limit=100).hold(80).closed_until(30, NOON) == NOON + timedelta(minutes=5)
    assert ByteBudget(limit=100).hold(80).give_back(80).closed_until(100, NOON) is None


def test_uploads_that_nobody_saw_end_count_from_when_the_next_host_comes():
    budget = ByteBudget().hold(9_000_000)
    later = NOON + timedelta(hours=1)
    again = read_bytes(bytes_record(budget, NOON), later)
    assert (again.used(later), again.held) == (9_000_000, 0)
    assert again.used(later + timedelta(seconds=306)) == 0


def test_a_record_of_bytes_keeps_everything_and_says_until_when_it_is_closed():
    budget = ByteBudget().hold(7).settle(7, NOON).block(NOON + timedelta(minutes=5))
    record = bytes_record(budget, NOON)
    assert read_bytes(record, NOON) == budget
    assert (record["used"], record["limit"], record["until"]) == (7, 10_000_000, "2026-03-01T12:05:00+00:00")


@pytest.mark.parametrize("broken", [{"_slots": 5}, {"_slots": [["x", 1]]}, {"_held": "many"}, {"_blocked_until": 3}])
def test_a_broken_record_of_bytes_is_an_empty_budget(broken):
    assert read_bytes(broken, NOON) == ByteBudget()
