"""What applying a file changes, path by path, without showing a secret."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.mapping.paths import System
from app.core.model.connection import SECRET_FIELDS, ConnectionFile
from app.core.model.secrecy import split_secrets
from app.services.rule_differences import rule_differences, rule_words


@dataclass(frozen=True, slots=True)
class Change:
    """One changed path; `before` and `after` are plain values, or words where the value is a secret.

    `rule` is what the mapping rule writes to that was changed; a rule that came or went is the whole value.
    """

    path: str
    before: Any
    after: Any
    rule: str = ""

    @property
    def words(self) -> tuple[str, Any, Any]:
        """Path, before and after as people are shown them: a rule in one line, and beside its parts what it writes."""
        is_whole = isinstance(self.before, Mapping) or isinstance(self.after, Mapping)
        if not self.rule or not (is_whole and self.path.endswith("]")):
            return f"{self.path} ({self.rule})" if self.rule else self.path, self.before, self.after
        before, after = (rule_words(one) if isinstance(one, Mapping) else one for one in (self.before, self.after))
        return self.path, before, after


def differences(
    old: ConnectionFile | None, old_secrets: Mapping[str, str], new: ConnectionFile, new_secrets: Mapping[str, str]
) -> tuple[Change, ...]:
    """The paths whose values differ, in the order of the file. `old` None means that everything is new.

    Of the mappings, single rules are compared, wherever they stand in their list.
    """
    before = _flat(split_secrets(old)[0]) if old is not None else {}
    after = _flat(split_secrets(new)[0])
    defaults = _defaults(new) if old is None else {}
    plain = [
        Change(path, before.get(path), after.get(path))
        for path in {**after, **before}
        if before.get(path, defaults.get(path)) != after.get(path)
    ]
    hidden = [_hidden(path, old_secrets.get(path), new_secrets.get(path)) for path in SECRET_FIELDS]
    return (*plain, *_rules(old, new), *(change for change in hidden if change is not None))


def _rules(old: ConnectionFile | None, new: ConnectionFile) -> Iterator[Change]:
    for direction, target in (("inbound", System.FIELD_NATION), ("outbound", System.AUTOTASK)):
        before = getattr(old.mappings, direction) if old is not None else ()
        for place, rule, was, now in rule_differences(before, getattr(new.mappings, direction), target):
            yield Change(f"mappings.{direction}{place}", was, now, rule)


def _hidden(path: str, before: str | None, after: str | None) -> Change | None:
    if before == after:
        return None
    words = {
        (False, True): ("not set", "set"),
        (True, False): ("set", "not set"),
        (True, True): ("set", "another value"),
    }
    return Change(path, *words[before is not None, after is not None])


def _flat(file: ConnectionFile) -> dict[str, Any]:
    plain = file.model_dump(mode="json", exclude={"mappings"})
    found: dict[str, Any] = {}
    _collect(plain, "", found)
    return {path: value for path, value in found.items() if path not in SECRET_FIELDS}


def _collect(value: Any, path: str, found: dict[str, Any]) -> None:
    if isinstance(value, dict) and value and path != "settings.import_when":
        for key, item in value.items():
            _collect(item, f"{path}.{key}".strip("."), found)
    else:
        found[path] = value


def _defaults(new: ConnectionFile) -> dict[str, Any]:
    """The values that a new file has without having been written, so that a first apply shows what was."""
    bare = ConnectionFile.model_validate(
        {
            "name": new.name,
            "autotask": {"username": new.autotask.username, "secret": ""},
            "field_nation": {"client_id": new.field_nation.client_id, "client_secret": ""},
        }
    )
    shown = {"name", "autotask.username", "field_nation.client_id"}
    return {path: value for path, value in _flat(bare).items() if path not in shown}
