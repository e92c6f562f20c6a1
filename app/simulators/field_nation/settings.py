"""Every switch of the simulator with its default; a test turns them by `PATCH /_sim/settings`."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

CHOICES: dict[str, tuple[str, ...]] = {
    "expired_token_answer": ("401", "400"),
    "unknown_work_order_answer": ("404", "401"),
    "deleted_work_order_answer": ("404", "object"),
    "error_shape": ("documented", "status", "status_code", "sdk", "nested", "oauth"),
    "integrations_key": ("result", "results"),
    "webhook_snapshot": ("event", "delivery"),
    "webhook_signature": ("right", "missing", "wrong", "upper_case", "reserialised"),
}


@dataclass
class Settings:
    """Durations are seconds. Names ending in `_answer`, `_shape`, `_key` are closed lists, see `CHOICES`."""

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
    # reading
    microseconds: bool = False
    ids_as_text: bool = False
    empty_objects_as_lists: bool = False
    integrations_key: str = "results"
    status_ids: dict[str, int] = field(default_factory=dict)
    # lists
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

    def _complaint(self, name: str, value: Any) -> str:
        if name not in {one.name for one in fields(self)}:
            return f"{name}: no such setting"
        if name in CHOICES:
            return "" if value in CHOICES[name] else f"{name}: one of {', '.join(CHOICES[name])}"
        present = getattr(self, name)
        expected: tuple[type, ...] = (int, float) if isinstance(present, float) else (type(present),)
        if not isinstance(value, expected) or (isinstance(value, bool) and not isinstance(present, bool)):
            return f"{name}: needs {type(present).__name__}"
        return ""
