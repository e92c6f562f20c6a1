"""What `Retry-After` says."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST_S = 86_400.0


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The instant that a `Retry-After` header names (RFC 9110, 10.2.3), at most a day away; None without one."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        wait_s = float(text)
    except ValueError:
        wait_s = ((_date(text) or now) - now).total_seconds()
    # The comparison turns what is no number into no wait.
    return now + timedelta(seconds=min(wait_s, _LONGEST_S) if wait_s > 0 else 0.0)


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
