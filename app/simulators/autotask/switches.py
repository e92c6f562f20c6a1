"""What differs between customers' databases, or is not published, as one frozen value."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Switches:
    """Defaults are the strict reading. Times are seconds as the vendor has them; the scales shorten them for tests."""

    time_scale: float = 1.0  # multiplies webhook time-outs and pauses
    latency_scale: float = 1.0  # multiplies the latency added above half of the hourly threshold
    thread_limit: int = 3
    request_threshold: int = 10_000
    request_window_s: float = 3600.0
    threshold_exceeded_status: int = 429
    lock_after_failures: int = 10  # 0: the API user is never locked
    missing_id_is_null: bool = False  # GET of a missing id: 404, or 200 with a null item
    strict_operators: bool = True  # False: a misspelt operator is ignored, as once seen in production
    ticket_due_required: bool = True
    ticket_queue_required: bool = True
    note_title_required: bool = False
    summary_notes_required: bool = False
    start_stop_required: bool = True
    span_midnight_allowed: bool = True
    proxy_time_allowed: bool = True
    attachment_max_bytes: int = 6_291_456
    attachment_window_bytes: int = 10_000_000
    attachment_window_s: float = 300.0
    attachment_extensions: tuple[str, ...] = ()  # empty: every file type is allowed
    allow_http_loopback: bool = True
    hook_timeout_s: float = 10.0
    hook_tries: int = 5
    hook_retry_s: float = 30.0
    hook_failures_to_disable: int = 25
    status_reverts: dict[str, int] = field(default_factory=dict)  # a workflow rule: status written -> status kept
    extension_callouts: tuple[dict[str, Any], ...] = ()

    def changed(self, patch: dict[str, Any]) -> "Switches":
        """A copy with the named switches set. KeyError names a switch that does not exist."""
        known = {f.name for f in dataclasses.fields(self)}
        unknown = sorted(set(patch) - known)
        if unknown:
            raise KeyError(f"unknown switch: {', '.join(unknown)}")
        values: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in patch.items()}
        return dataclasses.replace(self, **values)
