"""What changed in a list of mapping rules: which rule was added, taken out or changed, and where in it.

A rule is known again by its id, else by what it writes to, else by the rest of it; one that only stands elsewhere in
the list is the same rule.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

from app.core.mapping.dialects import action_named
from app.core.mapping.paths import Path, System, parse_path
from app.core.mapping.rule_reader import KEYS
from app.core.mapping.values import as_number, is_list, is_scalar, show

Raw: TypeAlias = Mapping[str, Any]
Found: TypeAlias = tuple[str, str, Any, Any]
"""A path within the list (`[2].source`), what its rule writes to, and the value before and after; None for none."""

IN_ONE_ORDER: Final = "in one order"
IN_ANOTHER: Final = "in another order"

_ENTRIES: Final = (*KEYS["mappings"], *KEYS["ranges"], *KEYS["parts"])
_TOLD_ENTRIES: Final = 6
_TOLD_CHARS: Final = 60


def rule_differences(before: Sequence[Raw], after: Sequence[Raw], target: System) -> Iterator[Found]:
    """Differences in the order of the new list; rules that were taken out come last. `target` is the side written."""
    pairs = _matched(before, after, target)
    for position, rule in enumerate(after):
        old = pairs.get(position)
        if old is None:
            yield f"[{position}]", _target(rule), None, rule
        else:
            yield from ((path, _target(rule), *values) for path, *values in _inside(f"[{position}]", before[old], rule))
    for position, rule in enumerate(before):
        if position not in pairs.values():
            yield f"[{position}]", _target(rule), rule, None
    order = [pairs[position] for position in sorted(pairs)]
    if any(one > other for one, other in pairwise(order)):
        yield "", "", IN_ONE_ORDER, IN_ANOTHER


def rule_words(rule: Raw) -> str:
    """A rule in one line, as people read it: `Status -> status_id, status: Dispatch to Field = Published`."""
    source = _taken(rule, "source")
    action = action_named(str(_taken(rule, "action"))) or str(_taken(rule, "action"))
    said = f"{source} -> {_taken(rule, 'target')}" if source else f"{_taken(rule, 'target')}"
    told = [f"{name} {_plain(_taken(rule, name))}" for name in ("value", "default", "owner") if _taken(rule, name)]
    details = "; ".join([*_entry_words(rule), *told])
    return f"{said}, {action}: {details}" if details else f"{said}, {action}"


def _matched(before: Sequence[Raw], after: Sequence[Raw], target: System) -> dict[int, int]:
    """Positions in the old list by those in the new one."""
    pairs: dict[int, int] = {}
    keys: tuple[Callable[[Raw], Hashable | None], ...] = (
        lambda rule: str(_taken(rule, "id") or "") or None,
        _frozen,
        lambda rule: _spelled(rule, target),
        lambda rule: _frozen({key: value for key, value in rule.items() if key not in KEYS["target"]}),
    )
    for key in keys:
        waiting: dict[Hashable, list[int]] = {}
        for old, rule in enumerate(before):
            if old not in pairs.values() and (known := key(rule)) is not None:
                waiting.setdefault(known, []).append(old)
        for new, rule in enumerate(after):
            if new not in pairs and (hits := waiting.get(key(rule))):
                pairs[new] = hits.pop(0)
    return pairs


def _spelled(rule: Raw, target: System) -> Hashable | None:
    """What the rule writes to, however it is spelled."""
    text = _taken(rule, "target")
    if not isinstance(text, str) or not text.strip():
        return None
    path = parse_path(text.strip(), target)
    return path.text.lower() if isinstance(path, Path) else text.strip().lower()


def _inside(path: str, before: Raw, after: Raw) -> Iterator[tuple[str, Any, Any]]:
    for key in {**after, **before}:
        old, new = before.get(key), after.get(key)
        if _frozen(old) == _frozen(new):
            continue
        found = list(_entries(f"{path}.{key}", old, new)) if key in _ENTRIES and is_list(old) and is_list(new) else []
        yield from found or [(f"{path}.{key}", old, new)]


def _entries(path: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """Entries of a map by what they compare with; nothing where they cannot be told apart by that."""
    old, new = _keyed(before), _keyed(after)
    if old is None or new is None:
        return
    for name in {**new, **old}:
        if _frozen(old.get(name)) != _frozen(new.get(name)):
            yield f"{path}[{name}]", old.get(name), new.get(name)
    if [name for name in new if name in old] != [name for name in old if name in new]:
        yield path, IN_ONE_ORDER, IN_ANOTHER


def _keyed(entries: Sequence[Any]) -> dict[str, Any] | None:
    """Values by what they are compared with; None when two compare with the same, or an entry is none."""
    found: dict[str, Any] = {}
    for entry in entries:
        compare, value = _compared(entry)
        if compare is None or compare in found:
            return None
        found[compare] = value
    return found


def _compared(entry: Any) -> tuple[str | None, Any]:
    if not isinstance(entry, Mapping) or "type" in entry:
        return None, None
    compare = next((entry[name] for name in ("compare", "source_value", "cmp") if name in entry), None)
    value = next((entry[name] for name in ("value", "target_value", "val") if name in entry), None)
    return (_plain(compare) if is_scalar(compare) or is_list(compare) else None), value


def _entry_words(rule: Raw) -> list[str]:
    entries = next((rule[name] for name in _ENTRIES if is_list(rule.get(name))), ())
    told = [_one_entry(entry) for entry in entries[:_TOLD_ENTRIES]]
    return [*told, f"{len(entries) - _TOLD_ENTRIES} more"] if len(entries) > _TOLD_ENTRIES else told


def _one_entry(entry: Any) -> str:
    compare, value = _compared(entry)
    if compare is None:
        return _plain(entry.get("value")) if isinstance(entry, Mapping) else _plain(entry)
    return f"{compare} = {_plain(value)}"


def _taken(rule: Raw, key: str) -> Any:
    return next((rule[name] for name in KEYS[key] if name in rule), None)


def _target(rule: Raw) -> str:
    return str(_taken(rule, "target") or "")


def _plain(value: Any) -> str:
    if is_list(value):
        return " to ".join(_plain(one) for one in value)
    return value[:_TOLD_CHARS] if isinstance(value, str) else show(value, _TOLD_CHARS)


def _frozen(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return frozenset((key, _frozen(item)) for key, item in value.items())
    if is_list(value):
        return tuple(_frozen(item) for item in value)
    number = None if isinstance(value, str) else as_number(value)
    return (type(value).__name__, value) if number is None else number
