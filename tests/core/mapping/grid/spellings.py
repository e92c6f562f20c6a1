"""The other dialect: the same rule as the old connector's screen and its custom code spell it."""

from collections.abc import Mapping
from typing import Any, Final

_KEYS: Final = {
    "source": "source_field",
    "target": "target_field",
    "mappings": "map",
    "input_format": "in_fmt",
    "output_format": "out_fmt",
    "timezone_in": "tz_in",
    "timezone_out": "tz_out",
}
_ACTIONS: Final = {
    "sync": "Direct / Sync Values",
    "set_static": "ACTION_TYPE_SET_STATIC",
    "array_map": "Array Map",
    "range_map": "ACTION_TYPE_RANGE_MAP",
    "date_convert": "Date Convert",
    "concat": "Concat Values",
    "status": "Status Mapping",
    "custom": "Custom Action (Jsonnet)",
}
_ENTRIES: Final = {"map": ("source_value", "target_value"), "ranges": ("cmp", "val")}


def respelt(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The raw rule, which is in our own dialect, in the other one."""
    made = {_KEYS.get(key, key): value for key, value in raw.items()}
    made["action"] = _ACTIONS[raw["action"]]
    for key, (compare, value) in _ENTRIES.items():
        if key in made:
            made[key] = [{compare: entry["compare"], value: entry["value"]} for entry in made[key]]
    return made
