"""Rate limits as token buckets, one per company and API."""

import math
from dataclasses import dataclass, field

from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.settings import Settings


@dataclass
class Bucket:
    """Holds at most `burst` calls and is refilled at `per_minute`; both may change between calls."""

    left: float
    filled_at_s: float

    def take(self, per_minute: float, burst: float, now_s: float) -> float:
        """Take one call. Returns 0 when it was there, else the seconds until it will be."""
        per_second = per_minute / 60
        self.left = min(burst, self.left + (now_s - self.filled_at_s) * per_second)
        self.filled_at_s = now_s
        if self.left >= 1:
            self.left -= 1
            return 0.0
        return (1 - self.left) / per_second


@dataclass
class Limits:
    """Every bucket of this server."""

    _buckets: dict[tuple[int, str], Bucket] = field(default_factory=dict)

    def spend(self, company_id: int, family: str, settings: Settings, now_s: float, epoch_s: float) -> None:
        """Count one call of a company; raises a 429 refusal when its budget is empty. A rate of 0 means no limit.

        Field Nation platform overview: 60 calls a minute per company with bursts to 100; webhooks API 100 and 20.
        """
        per_minute, burst = _budget(family, settings)
        if per_minute <= 0:
            return
        bucket = self._buckets.setdefault((company_id, family), Bucket(burst, now_s))
        wait_s = bucket.take(per_minute, burst, now_s)
        if wait_s > 0:
            raise too_many(wait_s, settings, family, per_minute, epoch_s)

    def reset(self) -> None:
        """Fill every bucket."""
        self._buckets.clear()


def _budget(family: str, settings: Settings) -> tuple[float, float]:
    if family == "webhooks":
        return settings.webhook_api_rate_per_minute, settings.webhook_api_rate_burst
    return settings.rate_per_minute, settings.rate_burst


def too_many(wait_s: float, settings: Settings, family: str, per_minute: float, epoch_s: float) -> Refusal:
    """The 429 refusal, with its headers unless the switch takes them away."""
    headers = {
        "Retry-After": str(math.ceil(wait_s)),
        "X-RateLimit-Limit": str(int(per_minute)),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(math.ceil(epoch_s + wait_s)),
    }
    shown = headers if settings.retry_after_header else {}
    return Refusal(429, "Too many requests. Please slow down.", family, shown)
