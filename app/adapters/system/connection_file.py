"""Connection files: YAML to checked values, with `${NAME}` and `${file:/path}` filled in; and back to YAML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from app.adapters.system.complaints import faults_of
from app.adapters.system.strict_yaml import Parsed, read_documents
from app.core.model.connection import ConnectionFile
from app.core.model.connection_rules import rule_faults
from app.core.model.document import Json
from app.core.model.fault import Fault, nearest

_MARK = re.compile(r"\$(\$?)\{([^{}]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_SECRET_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds: its connections, or what is wrong with it. Where there is a fault, there is no connection."""

    files: tuple[ConnectionFile, ...] = ()
    faults: tuple[Fault, ...] = ()


def load(path: Path, environment: Mapping[str, str]) -> Loaded:
    """The connections of the file at `path`; `environment` is what `${NAME}` is looked up in."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        why = f"cannot be read: {(error.strerror or type(error).__name__).lower()}"
        return Loaded(faults=(Fault(str(path), "", why, "Name a readable file"),))
    return parse(raw, environment, name=str(path))


def parse(raw: bytes, environment: Mapping[str, str], *, name: str = "file") -> Loaded:
    """The connections of the file's bytes, documents being separated by `---`; `name` is what complaints call it."""
    documents, faults = read_documents(raw, name)
    if faults:
        return Loaded(faults=faults)
    results = [_one(document, environment, name) for document in documents]
    files = tuple(file for file, _ in results if file is not None)
    faults = (*(fault for _, found in results for fault in found), *_repeated(files))
    return Loaded(faults=faults) if faults else Loaded(files=files)


def dump(document: Mapping[str, Any]) -> str:
    """YAML text of a connection as plain data, keys in the order given; a text of several lines stays readable."""
    return yaml.dump(dict(document), Dumper=_BlockTexts, sort_keys=False, allow_unicode=True, width=120)


class _BlockTexts(yaml.SafeDumper):
    """Writes a program as it was written."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_BlockTexts.add_representer(str, _text)


def _one(document: Parsed, environment: Mapping[str, str], name: str) -> tuple[ConnectionFile | None, list[Fault]]:
    if not isinstance(document.value, Mapping):
        return None, [Fault(name, "", "is not a connection", "Write keys, beginning with 'name:'", document.lines[""])]
    filling = _Filling(environment)
    filled = filling.fill(_without_empty_groups(document.value), "")
    file, faults = (None, filling.faults) if filling.faults else _validated(filled, filling.written)
    return file, [_placed(fault, document.lines) for fault in faults]


def _without_empty_groups(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """A group whose every key is commented out reads as null: it is as if it were left out."""
    optional = {name for name, known in ConnectionFile.model_fields.items() if not known.is_required()}
    return {key: value for key, value in document.items() if value is not None or key not in optional}


def _validated(filled: Json, written: Mapping[str, str]) -> tuple[ConnectionFile | None, list[Fault]]:
    try:
        file = ConnectionFile.model_validate(filled)
    except ValidationError as error:
        return None, list(faults_of(error.errors(include_url=False), filled, written))
    faults = [*_flags_for_numbers(filled, file.model_dump(), ""), *rule_faults(file)]
    return (None if faults else file), [_hidden(fault, written) for fault in faults]


def _hidden(fault: Fault, written: Mapping[str, str]) -> Fault:
    """What came from the environment is shown as it was written in the file."""
    return replace(fault, what=written[fault.where]) if fault.what and fault.where in written else fault


def _placed(fault: Fault, lines: Mapping[str, int]) -> Fault:
    """The fault with the line of its path, or of the nearest group above it that the file has."""
    where = fault.where
    while where and where not in lines:
        where = where.rpartition("[" if where.endswith("]") else ".")[0]
    return replace(fault, line=lines.get(where, 0)) if where else fault


def _flags_for_numbers(written: Any, read: Any, path: str) -> list[Fault]:
    """`true` where a number belongs: pydantic reads it as 1."""
    if isinstance(written, bool) and type(read) in (int, float):
        return [Fault(path, str(written).lower(), "is not a whole number", "Write digits only")]
    if isinstance(written, Mapping) and isinstance(read, Mapping):
        pairs = [(f".{key}", item, read[key]) for key, item in written.items() if key in read]
    elif isinstance(written, list) and isinstance(read, list | tuple):
        pairs = [(f"[{n}]", item, other) for n, (item, other) in enumerate(zip(written, read, strict=False))]
    else:
        return []
    return [fault for key, a, b in pairs for fault in _flags_for_numbers(a, b, f"{path}{key}".strip("."))]


def _repeated(files: tuple[ConnectionFile, ...]) -> list[Fault]:
    names = [file.name for file in files]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [Fault("name", f"'{name}'", "names two documents of the file", "Give each its own name") for name in twice]


@dataclass(slots=True)
class _Filling:
    """Fills in `${...}`; `written` keeps, by path, what the file said where something was filled in."""

    environment: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)

    def fill(self, value: Json, path: str) -> Json:
        if isinstance(value, str):
            return self._text(value, path) if "${" in value else value
        if isinstance(value, Mapping):
            return {key: self.fill(item, f"{path}.{key}".strip(".")) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, f"{path}[{n}]") for n, item in enumerate(value)]
        return value

    def _text(self, text: str, path: str) -> str:
        def one(found: re.Match[str]) -> str:
            escaped, name, closed = found.groups()
            if escaped:
                return found.group(0)[1:]
            if not closed:
                return self._fault(path, "", "has a '${' that is not closed", "Close it with '}', or write '$${'")
            self.written[path] = f"'{text}'"
            return self._file(path, name[5:]) if name.startswith("file:") else self._variable(path, name)

        return _MARK.sub(one, text)

    def _variable(self, path: str, name: str) -> str:
        mark = f"'${{{name}}}'"
        if not _NAME.fullmatch(name):
            return self._fault(path, mark, "names no variable and no file", "Write ${NAME} or ${file:/path}")
        value = self.environment.get(name)
        if value is None:
            near = nearest(name, self.environment)
            return self._fault(path, mark, "is not set", f"Set {name}" + (f", or write ${{{near}}}" if near else ""))
        return value or self._fault(path, mark, "is set, and empty", f"Give {name} a value")

    def _file(self, path: str, name: str) -> str:
        mark = f"'${{file:{name}}}'"
        if not name.startswith("/"):
            return self._fault(path, mark, "is not an absolute path", "Write one such as ${file:/run/secrets/acme}")
        try:
            raw = Path(name).read_bytes()
            value = raw.decode().rstrip("\r\n")
        except (OSError, ValueError) as error:
            said = (error.strerror or "").lower() if isinstance(error, OSError) else "not UTF-8 text"
            return self._fault(path, mark, f"cannot be read: {said}", "Name a readable file")
        if not value or len(raw) > _MAX_SECRET_BYTES:
            return self._fault(path, mark, "is empty, or far too large for a secret", "Put the secret alone into it")
        return value

    def _fault(self, path: str, what: str, why: str, mend: str) -> str:
        self.faults.append(Fault(path, what, why, mend))
        return ""
