"""Every switch of the simulator with its default; a test turns them by `PATCH /_sim/settings`."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

CHOICES: dict[str, tuple[str, ...]] = {
    "expired_token_answer": ("401", "400"),
    "unknown_work_order_answer": ("404", "401"),
    "deleted_work_order_answer": ("404", "401", "object"),
    "error_shape": ("documented", "status", "status_code", "sdk", "nested", "oauth"),
    "integrations_key": ("result", "results"),
    "expense_total": ("amount", "amount_times_quantity"),
    "webhook_order": ("in_order", "reversed", "shuffled"),
    "webhook_snapshot": ("event", "delivery"),
    "webhook_signature": ("right", "missing", "wrong", "upper_case", "reserialised"),
}
# Field Nation's C# SDK of 2017 has these calls, the present schema does not.
OLD_CALLS = (
    "complete",
    "unapprove",
    "verify_time_log",
    "delete_expense",
    "edit_message",
    "delete_message",
    "read_attachment",
)


@dataclass
class Settings:
    """Durations are seconds. Closed lists of values are in `CHOICES`; `old_calls` may name any of `OLD_CALLS`."""

    # tokens
    token_ttl_s: float = 3600.0
    expired_token_answer: str = "401"
    accept_client_credentials: bool = True
    accept_bearer: bool = True
    accept_query_token: bool = True
    # errors
    error_shape: str = "documented"
    unknown_work_order_answer: str = "404"
    deleted_work_order_answer: str = "404"
    # the rate of the REST API, per company; a rate of 0 switches the limit off
    rate_per_minute: float = 60.0
    rate_burst: float = 100.0
    webhook_api_rate_per_minute: float = 100.0
    webhook_api_rate_burst: float = 20.0
    retry_after_header: bool = True
    # writing
    drop_schedule_on_create: bool = False
    drop_custom_fields_on_create: bool = False
    publish_needs_complete: bool = False
    old_calls: list[str] = field(default_factory=list)
    max_file_bytes: int = 104857600
    expense_total: str = "amount"
    # reading
    microseconds: bool = False
    ids_as_text: bool = False
    empty_objects_as_lists: bool = False
    integrations_key: str = "results"
    status_ids: dict[str, int] = field(default_factory=dict)
    # lists inside a work order: only the first `embedded_rows` (null for all), with the true total unless it lies
    embedded_rows: int | None = None
    embedded_total_lies: bool = False
    embedded_per_page: int = 25
    # lists of their own, as `time_logs` of one work order
    sublist_per_page_cap: int = 100
    sublist_drops_pages: bool = False
    sublist_total_sinks: bool = False
    # links to files begin here; "" for the address under which the last caller found this server
    file_base_url: str = ""
    # lists
    definitions_show_options: bool = True
    default_list: str = "workorders_all"
    stub_lists: bool = True
    sticky_by_default: bool = True
    per_page_cap: int = 100
    list_lag_s: float = 0.0
    # webhooks; `time_scale` multiplies every wait of the retry ladder
    time_scale: float = 1.0
    allow_http_loopback: bool = True
    webhook_timeout_s: float = 30.0
    deactivate_after_s: float = 7 * 86400.0
    webhook_duplicates: int = 0
    webhook_repeats: int = 0
    webhook_hold: bool = False
    webhook_order: str = "in_order"
    webhook_order_seed: int = 1
    webhook_gather_s: float = 0.2
    webhook_drop: list[str] = field(default_factory=list)
    webhook_lag_s: dict[str, float] = field(default_factory=dict)
    webhook_snapshot: str = "event"
    webhook_signature: str = "right"
    webhook_work_order_id_as_text: bool = False
    manual_retry_new_uuid: bool = False

    def as_dict(self) -> dict[str, Any]:
        """All switches, ready for JSON."""
        return asdict(self)

    def patch(self, changes: dict[str, Any]) -> list[str]:
        """Turn the named switches, all or none. Returns what is wrong with `changes`; empty when they stand."""
        wrong = [complaint for name, value in changes.items() if (complaint := self._complaint(name, value))]
        if not wrong:
            for name, value in changes.items():
                setattr(self, name, value)
        return wrong

    def allows_old(self, call: str) -> bool:
        """Whether one of `OLD_CALLS` is still answered."""
        return call in self.old_calls

    def _complaint(self, name: str, value: Any) -> str:
        if name not in {one.name for one in fields(self)}:
            return f"{name}: no such setting"
        if name in CHOICES:
            return "" if value in CHOICES[name] else f"{name}: one of {', '.join(CHOICES[name])}"
        if name == "embedded_rows":
            fits = value is None or (type(value) is int and value >= 0)
            return "" if fits else f"{name}: null or a number is needed"
        if name == "old_calls" and not (isinstance(value, list) and all(one in OLD_CALLS for one in value)):
            return f"{name}: a list of {', '.join(OLD_CALLS)}"
        present = getattr(self, name)
        expected: tuple[type, ...] = (int, float) if isinstance(present, float) else (type(present),)
        if not isinstance(value, expected) or (isinstance(value, bool) and not isinstance(present, bool)):
            return f"{name}: needs {type(present).__name__}"
        return ""
