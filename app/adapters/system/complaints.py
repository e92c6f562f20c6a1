"""From what pydantic says of a value to what a person is told: the path, the value, why, and what to write."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, get_args
from zoneinfo import available_timezones

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from app.core.model.connection import SECRET_FIELDS, ConnectionFile
from app.core.model.fault import Fault, listed, nearest, suggestion

Path: TypeAlias = tuple[str | int, ...]

_MAX_SHOWN_CHARS = 60
_NEAR_ZONE = 0.8

_WANTED: dict[str, tuple[str, str]] = {
    "string": ("text", "Put the value in quotes"),
    "int": ("a whole number", "Write digits only"),
    "float": ("a number", "Write digits"),
    "bool": ("true or false", "Write true or false"),
    "tuple": ("a list", "Write [a, b], or one line with '- ' for each"),
    "list": ("a list", "Write [a, b], or one line with '- ' for each"),
    "sequence": ("a list", "Write [a, b], or one line with '- ' for each"),
    "mapping": ("a group of keys", "Write the keys below it, indented"),
    "dict": ("a group of keys", "Write the keys below it, indented"),
    "model": ("a group of keys", "Write the keys below it, indented"),
}
"""By the first word of pydantic's error type: what is wanted instead, and how to write it."""

_EXAMPLES = {
    "name": "Add a line such as name: acme",
    "autotask": "Add autotask: with username and secret below it",
    "field_nation": "Add field_nation: with client_id and client_secret below it",
    "autotask.username": "Add the API user's name, such as username: api-user@acme.example",
    "autotask.secret": "Add a line such as secret: ${ACME_AUTOTASK_SECRET}",
    "field_nation.client_id": "Add the client id that Field Nation issued",
    "field_nation.client_secret": "Add a line such as client_secret: ${ACME_FN_CLIENT_SECRET}",
}


def faults_of(errors: Iterable[ErrorDetails], raw: object, shown: Mapping[str, str]) -> tuple[Fault, ...]:
    """One fault for each path that pydantic complains about, in the order of the complaints.

    `raw` is the data that was checked; `shown` holds, by path, what may be shown instead of a substituted value.
    """
    by_path: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        by_path.setdefault(_path(error, raw), []).append(error)
    # A value that may be a word or a group fails as both: the complaint inside the group says more.
    kept = {path: found for path, found in by_path.items() if not _has_deeper(path, by_path)}
    meant = {near for path in kept if kept[path][0]["type"] == "extra_forbidden" if (near := _meant(path))}
    missing = {path for path in kept if kept[path][0]["type"] == "missing"}
    return tuple(_fault(path, kept[path], shown) for path in kept if not (path in missing and path in meant))


def valid_keys(path: Sequence[str | int]) -> list[str]:
    """The keys that the group at `path` of a connection file may have; empty where any key may stand."""
    model: Any = ConnectionFile
    for key in path:
        field = model.model_fields.get(str(key)) if isinstance(model, type) and issubclass(model, BaseModel) else None
        model = _model_in(field.annotation) if field else (model[0] if isinstance(model, tuple) else None)
        if model is None:
            return []
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = [item for item in get_args(annotation) if isinstance(item, type) and issubclass(item, BaseModel)]
    return (inner[0],) if inner else None


def _spell(path: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _path(error: ErrorDetails, raw: object) -> Path:
    """The location without pydantic's own tags for the arms of a union."""
    path: list[str | int] = []
    at: Any = raw
    for position, part in enumerate(error["loc"]):
        is_last = position == len(error["loc"]) - 1
        if _has(at, part):
            at = at[part]
        elif not (is_last and error["type"] == "missing"):
            continue
        path.append(part)
    return tuple(path)


def _has(value: object, part: str | int) -> bool:
    if isinstance(value, Mapping):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _has_deeper(path: Path, paths: Iterable[Path]) -> bool:
    return any(len(other) > len(path) and other[: len(path)] == path for other in paths)


def _meant(path: Path) -> Path:
    near = nearest(str(path[-1]), valid_keys(path[:-1])) if path else ""
    return (*path[:-1], near) if near else ()


def _fault(path: Path, errors: Sequence[ErrorDetails], shown: Mapping[str, str]) -> Fault:
    where = _spell(path)
    kind = errors[0]["type"]
    if kind == "missing":
        return Fault(where, "", "is missing", _EXAMPLES.get(where, f"Add {path[-1]}"))
    if kind == "extra_forbidden":
        keys = valid_keys(path[:-1])
        owner = _spell(path[:-1]) or "a connection"
        return Fault(where, "", f"is not a key of {owner}", suggestion(str(path[-1]), keys))
    said = "" if where in SECRET_FIELDS else shown.get(where) or _as_written(errors[0]["input"])
    if kind == "value_error" and where == "time_zone":
        return Fault(where, said, "is not an IANA time zone", _zone(str(errors[0]["input"])))
    if where == "name" and kind == "string_pattern_mismatch":
        return Fault(where, said, "is not a name: lower-case letters, digits and dashes", _slug(errors[0]["input"]))
    return Fault(where, said, _why(errors), _mend(errors))


def _why(errors: Sequence[ErrorDetails]) -> str:
    wanted = list(dict.fromkeys(_wanted(error)[0] for error in errors))
    return f"is not {' or '.join(wanted)}"


def _mend(errors: Sequence[ErrorDetails]) -> str:
    literal = [error for error in errors if error["type"] == "literal_error"]
    if literal and isinstance(literal[0]["input"], str):
        return suggestion(literal[0]["input"], _choices(literal[0]))
    return _wanted(errors[-1])[1]


def _wanted(error: ErrorDetails) -> tuple[str, str]:
    kind = error["type"]
    if kind == "literal_error":
        choices = _choices(error)
        return listed(choices), f"Write {listed(choices)}"
    if kind == "greater_than_equal":
        least = error["ctx"]["ge"]
        return f"a number of at least {least}", f"Write {least} or more"
    return _WANTED.get(kind.split("_")[0], (f"valid: {error['msg']}", "Write a valid value"))


def _choices(error: ErrorDetails) -> list[str]:
    expected = str(error["ctx"]["expected"]).replace(" or ", ", ")
    return [choice.strip("'") for choice in expected.split(", ")]


def _as_written(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a group of keys"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    text = text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}..."
    return f"'{text}'" if isinstance(value, str) else text


def _zone(said: str) -> str:
    zones = sorted(available_timezones())
    cities = {zone.rpartition("/")[2]: zone for zone in zones}
    wanted = said.strip().replace(" ", "_")
    near = nearest(wanted, zones, _NEAR_ZONE) or cities.get(nearest(wanted, cities, _NEAR_ZONE), "")
    return f"Perhaps '{near}' was meant" if near else "Write one such as America/Chicago"


def _slug(value: object) -> str:
    kept = "".join(char if char.isascii() and char.isalnum() else "-" for char in str(value).lower())
    return f"Write '{kept[:63].strip('-') or 'acme'}'"
