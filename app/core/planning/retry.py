"""Retry: from a failure to what happens next with the job. Times are arguments; nothing is asked of a clock."""

from datetime import datetime, timedelta

from app.core.model.failure import Failure, Gone, NotSent, Refused, Rejected, Throttled, Transient, Unknown
from app.core.model.finding import Finding, Severity
from app.core.model.ledger import LedgerState
from app.core.model.outcome import Postponed, Result, Settled, Settlement

RETRY_DELAYS = tuple(timedelta(seconds=s) for s in (30, 60, 120, 240, 480))
"""Waits before attempts two to six; a job that fails a sixth time is dead."""

PROBE_DELAYS = tuple(timedelta(seconds=s) for s in (5, 15, 30, 60, 120, 300))
"""Waits before the probes of a vendor that is down; the last one repeats."""

REFUSED_PROBE_DELAY = timedelta(hours=1)
"""Autotask locks an API user out after repeated failures, so refused credentials are tried once an hour at most."""


BLOCKING = frozenset(
    {"autotask_submitted", "autotask_approved", "autotask_posted", "autotask_billed", "autotask_report_closed"}
)
"""Refusals that end when somebody reopens the record in Autotask: the wanted values are kept and tried again."""


def state_after(failure: Failure) -> LedgerState:
    """What a ledger entry becomes when its write certainly did not happen."""
    if isinstance(failure, Rejected):
        return LedgerState.BLOCKED if failure.code in BLOCKING else LedgerState.REJECTED
    return LedgerState.VOID


def verdict(failure: Exception, *, record: str, attempts: int, now: datetime, horizon: timedelta) -> Settlement:
    """What a pass that ended in `failure` means for its job; `attempts` counts those charged before this one."""
    match failure:
        case Throttled(until=until):
            return Postponed(max(until, now), "limit_reached", failure.text)
        case Unknown():
            return Postponed(now + horizon, "answer_lost", failure.text)
        case Refused():
            return Postponed(now, "credentials_refused", failure.text)
        case Rejected():
            return rejected(failure, record)
        case Gone():
            return Settled(Result.SKIPPED, "gone", failure.text, (_gone(failure, record),))
        case Transient() | NotSent():
            return _again("no_clear_answer", failure.text, failure, record, attempts, now)
        case _:
            text = f"{type(failure).__name__}: {failure}"
            return _again("internal_error", f"The broker failed here: {text}", failure, record, attempts, now)


def postponed_by_vendor(failure: Failure, now: datetime) -> Postponed:
    """The vendor is down or refuses us: the job waits for the connection, uncharged."""
    return Postponed(now, "connection_paused", failure.text)


def probe_delay(probes: int) -> timedelta:
    """How long until the next probe after that many have failed."""
    return PROBE_DELAYS[min(probes, len(PROBE_DELAYS) - 1)]


def _again(code: str, text: str, failure: Exception, record: str, attempts: int, now: datetime) -> Settlement:
    if attempts < len(RETRY_DELAYS):
        return Postponed(now + RETRY_DELAYS[attempts], code, text, burns=True)
    mend = "Try again with `broker jobs retry`; if it fails the same way, the text says where."
    detail = getattr(failure, "detail", "")
    finding = Finding(code, Severity.ERROR, record, f"{text} {detail}".strip(), mend)
    return Settled(Result.DEAD, code, text, (finding,))


def rejected(failure: Rejected, record: str) -> Settled:
    """The vendor says no to this data: no repetition helps, a person changes something first."""
    mend = "Change the value or its mapping, then `broker jobs retry`."
    finding = Finding(failure.code, Severity.ERROR, record, failure.text, mend, failure.field)
    return Settled(Result.DEAD, failure.code, failure.text, (finding,))


def _gone(failure: Gone, record: str) -> Finding:
    mend = "Nothing, if it was deleted on purpose; else check the API user's rights to see it."
    return Finding("gone", Severity.WARNING, record, failure.text, mend)
