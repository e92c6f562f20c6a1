"""YAML as people mean it: YAML 1.2 scalars, no tags, no merge keys, no repeated key, no bomb.

Only JSON values come out. `No` stays a text, `012` stays a text, `12:30` stays a text, and a date stays a text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from app.core.model.document import Json
from app.core.model.fault import Fault

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_VALUES = 20_000
MAX_DOCUMENTS = 200

_CORE = "tag:yaml.org,2002:"
_MAX_DIGITS = 18


class _Loader(yaml.SafeLoader):
    """Resolves the scalars of YAML 1.2's JSON-like schema and nothing else."""

    # The class attribute is a table by first character; the untyped library annotates it loosely.
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - the shape that PyYAML gives it


_Loader.add_implicit_resolver(f"{_CORE}bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(f"{_CORE}null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    f"{_CORE}int", re.compile(rf"^-?(?:0|[1-9][0-9]{{0,{_MAX_DIGITS - 1}}})$"), list("-0123456789")
)
_Loader.add_implicit_resolver(
    f"{_CORE}float", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}$"), list("-0123456789")
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """One document: its value, and the 1-based line of every path in it."""

    value: Json
    lines: Mapping[str, int]


@dataclass(slots=True)
class _Reading:
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    values: int = 0
    full: bool = False


def read_documents(raw: bytes, name: str) -> tuple[tuple[Parsed, ...], tuple[Fault, ...]]:
    """The documents of a file, or what is wrong with it; `name` stands where a complaint has no path."""
    if len(raw) > MAX_BYTES:
        return (), (Fault(name, "", f"has {len(raw)} bytes", f"Keep the file under {MAX_BYTES} bytes"),)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return (), (Fault(name, "", f"is not UTF-8 at byte {error.start}", "Save the file as UTF-8"),)
    try:
        deep = _too_deep(text)
        if deep:
            return (), (Fault(name, "", f"is nested deeper than {MAX_DEPTH} levels", "Nest it less", deep),)
        nodes = [node for node in yaml.compose_all(text, Loader=_Loader) if node is not None]
    except yaml.YAMLError as error:
        return (), (_syntax(error, name),)
    return _documents([node for node in nodes if not _is_blank(node)], name)


def _documents(nodes: list[yaml.Node], name: str) -> tuple[tuple[Parsed, ...], tuple[Fault, ...]]:
    if not nodes:
        return (), (Fault(name, "", "is empty", "Write a connection, beginning with 'name:'"),)
    if len(nodes) > MAX_DOCUMENTS:
        return (), (Fault(name, "", f"has {len(nodes)} documents", f"Keep it to {MAX_DOCUMENTS} in one file"),)
    parsed, faults = [], []
    for node in nodes:
        reading = _Reading()
        value = _value(node, "", reading, 0)
        faults.extend(reading.faults)
        parsed.append(Parsed(value, reading.lines))
    return tuple(parsed), tuple(faults)


def _too_deep(text: str) -> int:
    """The line at which the nesting passes the limit, or 0; also counts the events of a file without building it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                return event.start_mark.line + 1 if event.start_mark else 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return 0


def _value(node: yaml.Node, path: str, reading: _Reading, depth: int) -> Json:
    line = int(node.start_mark.line) + 1
    reading.lines.setdefault(path, line)
    reading.values += 1
    if reading.values > MAX_VALUES or depth > MAX_DEPTH:
        _note_bomb(reading, path, line)
        return None
    if not str(node.tag).startswith(_CORE) or node.tag.removeprefix(_CORE) not in _KNOWN_TAGS:
        mend = "Write the plain value, in quotes where it begins with '!'"
        reading.faults.append(Fault(path or "file", "", "begins with a tag", mend, line))
        return None
    if isinstance(node, yaml.MappingNode):
        return {key: _value(item, at, reading, depth + 1) for key, at, item in _pairs(node, path, reading)}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{path}[{n}]", reading, depth + 1) for n, item in enumerate(node.value)]
    return _scalar(node)


_KNOWN_TAGS = frozenset({"map", "seq", "str", "int", "float", "bool", "null"})


def _pairs(node: yaml.MappingNode, path: str, reading: _Reading) -> Iterator[tuple[str, str, yaml.Node]]:
    seen: dict[str, int] = {}
    for key_node, item in node.value:
        if reading.full:
            return
        line = int(key_node.start_mark.line) + 1
        if not isinstance(key_node, yaml.ScalarNode):
            reading.faults.append(Fault(path or "file", "", "has a key that is not a word", "Write a plain key", line))
            continue
        key = str(key_node.value)
        at = f"{path}.{key}".strip(".")
        if key in seen:
            why = f"is written twice, first in line {seen[key]}"
            reading.faults.append(Fault(at, "", why, "Keep one of the two", line))
            continue
        seen[key] = line
        reading.lines.setdefault(at, line)
        yield key, at, item


def _note_bomb(reading: _Reading, path: str, line: int) -> None:
    if not reading.full:
        reading.full = True
        why = "grows beyond all measure through its aliases, or is too large"
        reading.faults.append(Fault(path or "file", "", why, "Write the values out instead of using aliases", line))


def _scalar(node: yaml.Node) -> Json:
    text = str(node.value)
    kind = node.tag.removeprefix(_CORE)
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        return text
    if kind == "bool":
        return text.lower() == "true"
    return None if kind == "null" else text


def _is_blank(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and _scalar(node) is None


def _syntax(error: yaml.YAMLError, name: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    line = int(mark.line) + 1 if mark is not None else 0
    # An unquoted secret that begins with '*' is taken for an alias: its text is not repeated.
    said = re.sub(r"(alias|anchor|tag|handle) '.*'", r"\1", str(problem))
    mend = "Indent with blanks, never with tabs" if "'\\t'" in said else "Mend the line, or put the value in quotes"
    return Fault(name, "", f"is not YAML: {said}", mend, line)
