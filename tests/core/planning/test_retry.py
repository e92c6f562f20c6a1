"""Retry: what each failure means for the job it happened to."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.model.failure import (
    Failure,
    Gone,
    LeaseLost,
    NotSent,
    Refused,
    Rejected,
    Throttled,
    Transient,
    Unknown,
)
from app.core.model.outcome import Postponed, Result, Settled
from app.core.planning.retry import postponed_by_vendor, probe_delay, verdict
from tests.core.planning.planning_kit import NOW

HORIZON = timedelta(seconds=120)
LATER = NOW + timedelta(minutes=7)


def judged(failure: Exception, attempts: int = 0) -> Any:
    return verdict(failure, record="ticket:7", attempts=attempts, now=NOW, horizon=HORIZON)


@pytest.mark.parametrize(
    ("failure", "due_in_s", "code", "burns"),
    [
        (Throttled("full", until=LATER), 420, "limit_reached", False),
        (Throttled("full", until=NOW - timedelta(hours=1)), 0, "limit_reached", False),
        (Unknown("lost"), 120, "answer_lost", False),
        (Refused("no"), 0, "credentials_refused", False),
        (Transient("down"), 30, "no_clear_answer", True),
        (NotSent("late"), 30, "no_clear_answer", True),
        (ValueError("ours"), 30, "internal_error", True),
        (Failure("odd"), 30, "internal_error", True),
    ],
)
def test_a_failure_that_may_pass_postpones_the_job(failure: Exception, due_in_s: int, code: str, burns: bool) -> None:
    settlement = judged(failure)
    assert isinstance(settlement, Postponed)
    assert (settlement.due_at - NOW, settlement.code, settlement.burns) == (timedelta(seconds=due_in_s), code, burns)


@pytest.mark.parametrize("failure", [Throttled("full", until=LATER), Unknown("lost"), Refused("no")])
def test_a_failure_that_is_not_the_job_s_own_never_kills_it(failure: Exception) -> None:
    assert isinstance(judged(failure, attempts=1000), Postponed)


@pytest.mark.parametrize("failure", [Transient("down"), NotSent("late"), ValueError("ours")])
def test_the_waits_are_30_60_120_240_and_480_seconds_and_the_sixth_failure_is_the_end(failure: Exception) -> None:
    waits = [(judged(failure, attempts).due_at - NOW).total_seconds() for attempts in range(5)]
    assert waits == [30, 60, 120, 240, 480]
    dead = judged(failure, attempts=5)
    assert (type(dead), dead.result) == (Settled, Result.DEAD)
    (finding,) = dead.findings
    assert (finding.record, finding.code) == ("ticket:7", dead.code)
    assert "broker jobs retry" in finding.mend


def test_data_that_the_vendor_refuses_is_dead_at_once_with_its_code_and_field() -> None:
    settled = judged(Rejected("invalid_state", "State must have two letters", field="location.state"))
    assert (settled.result, settled.code) == (Result.DEAD, "invalid_state")
    (finding,) = settled.findings
    assert (finding.code, finding.field, finding.text) == (
        "invalid_state",
        "location.state",
        "State must have two letters",
    )


def test_a_record_that_is_gone_is_left_out_with_a_finding() -> None:
    settled = judged(Gone("deleted"))
    assert (settled.result, settled.code, len(settled.findings)) == (Result.SKIPPED, "gone", 1)


def test_every_failure_there_is_has_a_verdict() -> None:
    made = {Throttled: Throttled("x", until=NOW), Rejected: Rejected("c", "x")}
    judgeable = set(Failure.__subclasses__()) - {LeaseLost}
    for kind in judgeable:
        assert judged(made[kind] if kind in made else kind("x"))


def test_our_own_fault_says_what_failed() -> None:
    assert "ZeroDivisionError" in judged(ZeroDivisionError("x")).text


def test_a_job_that_waits_for_its_vendor_is_not_charged() -> None:
    assert not postponed_by_vendor(Transient("down"), NOW).burns


def test_probes_come_at_growing_waits_up_to_five_minutes() -> None:
    waits = [probe_delay(probes).total_seconds() for probes in range(8)]
    assert waits == sorted(waits)
    assert waits[0] == 5
    assert waits[-1] == waits[-2] == 300
