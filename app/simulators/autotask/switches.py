"""What differs between customers' databases, or is not published, as one frozen value."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo


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
    span_midnight_allowed: bool = False  # one entry over midnight of its resource's zone
    home_zone: str = "America/Chicago"  # of resources without an entry in `resource_zones`
    resource_zones: dict[str, str] = field(default_factory=dict)  # resource id -> IANA zone
    complete_ticket_takes_time: bool = True
    proxy_time_allowed: bool = True
    week_ends_on: str | None = None  # a weekday: expense reports of weeks that end on another day are refused
    forbidden_delete_is_no_match: bool = True  # a delete without the right: as for a missing record, or as other verbs
    attachment_max_bytes: int = 6_291_456
    attachment_window_bytes: int = 10_000_000
    attachment_window_s: float = 300.0
    attachment_window_counts_base64: bool = True  # the window counts the text that is sent, or the file's own bytes
    attachment_extensions: tuple[str, ...] = ()  # empty: every file type is allowed
    allow_http_loopback: bool = True
    hook_timeout_s: float = 10.0
    hook_tries: int = 5
    hook_retry_s: float = 30.0
    hook_failures_to_disable: int = 25
    status_reverts: dict[str, int] = field(default_factory=dict)  # a workflow rule: status written -> status kept
    ignored_on_patch: dict[str, list[str]] = field(default_factory=dict)  # entity -> fields dropped without a word
    impersonation_refused: dict[str, list[str]] = field(default_factory=dict)  # entity or * -> create, update
    not_impersonable: tuple[int, ...] = ()  # resources whose level does not allow it
    extension_callouts: tuple[dict[str, Any], ...] = ()

    def changed(self, patch: dict[str, Any]) -> "Switches":
        """A copy with the named switches set. KeyError names a switch, or a time zone, that does not exist."""
        known = {f.name for f in dataclasses.fields(self)}
        unknown = sorted(set(patch) - known)
        if unknown:
            raise KeyError(f"unknown switch: {', '.join(unknown)}")
        for zone in (patch.get("home_zone", self.home_zone), *patch.get("resource_zones", {}).values()):
            ZoneInfo(zone)
        values: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in patch.items()}
        return dataclasses.replace(self, **values)
