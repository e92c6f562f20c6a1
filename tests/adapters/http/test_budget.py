"""Budgets as values: a vendor that counts for itself never finds us over the limit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.http.budget import HourBudget, MinuteBudget, hour_record, minute_record, read_hour, read_minute

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
