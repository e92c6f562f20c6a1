"""One raw rule, read key by key: every key in either dialect's spelling, every fault a finding with its path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Final

from app.core.mapping.date_formats import BadFormat, DateFormat, parse_format
from app.core.mapping.dates import nearest_zone, read_zone
from app.core.mapping.paths import BadPath, System, parse_path
from app.core.mapping.rules import Bound, Pair, Part
from app.core.mapping.values import as_number, is_empty, is_json, is_list, is_scalar, same, show, suggestion
from app.core.model.document import Json
from app.core.model.finding import Finding, Severity

# Our key -> its spellings: ours and the concepts page's, the Autotask page's, those of the helpers in custom code
# (Field Nation help, broker concepts; Autotask connector; custom actions).
KEYS: Final[dict[str, tuple[str, ...]]] = {
    "action": ("action",),
    "always": ("always",),
    "default": ("default",),
    "id": ("id",),
    "input_format": ("input_format", "in_fmt"),
    "mappings": ("mappings", "map"),
    "output_format": ("output_format", "out_fmt"),
    "owner": ("owner",),
    "parts": ("parts",),
    "ranges": ("ranges",),
    "script": ("script",),
    "source": ("source", "source_field"),
    "target": ("target", "target_field"),
    "timezone_in": ("timezone_in", "tz_in"),
    "timezone_out": ("timezone_out", "tz_out"),
    "value": ("value",),
}
_ENTRY: Final[dict[str, tuple[str, ...]]] = {
    "compare": ("compare", "source_value", "cmp"),
    "value": ("value", "target_value", "val"),
}
_PART: Final[dict[str, tuple[str, ...]]] = {"type": ("type",), "value": ("value",)}


@dataclass(slots=True)
class RuleReader:
    """Reads the keys of one raw rule and gathers the findings; `place` is the rule's path in the file."""

    raw: Mapping[str, Json]
    place: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether no error was found so far."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    def fault(self, key: str, code: str, text: str, mend: str, severity: Severity = Severity.ERROR) -> None:
        """Records what is wrong with a key of the rule (`ranges[1].compare`), or with the rule (empty key)."""
        where = f"{self.place}.{key}" if key else self.place
        finding = Finding(code, severity, "connection", text, mend, where)
        if finding not in self.findings:
            self.findings.append(finding)

    def take(self, key: str, spellings: Mapping[str, tuple[str, ...]] = KEYS) -> tuple[str, Json]:
        """The spelling used in the file and the value, null when the key is not there in any spelling.

        Rules pasted from a screen carry keys that were left empty: beside another spelling they say nothing.
        """
        used = [name for name in spellings[key] if name in self.raw]
        used = [name for name in used if not is_empty(self.raw[name])] or used[:1]
        if len(used) > 1:
            self.fault(used[1], "mapping_two_spellings", f"{used[0]} and {used[1]} mean the same.", "Keep one of them.")
        return (used[0], self.raw[used[0]]) if used else (spellings[key][0], None)

    def json(self, key: str, *, required: bool = False) -> Json:
        """Any value that JSON can say."""
        name, value = self.take(key)
        if required and name not in self.raw:
            self.fault(name, "mapping_missing_key", f"There is no {name}.", f"Add {name}: ...")
        return self._json(name, value)

    def _json(self, name: str, value: Json) -> Json:
        if is_json(value):
            return value
        self.fault(name, "mapping_bad_value", f"{show(value)} is not a value of JSON.", "Put it into quotes.")
        return None

    def text(self, key: str, *, required: bool = False) -> str:
        """A text without the blanks around it; empty when the key is missing."""
        name, value = self.take(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value is not None and not isinstance(value, str):
            self.fault(name, "mapping_bad_value", f"{show(value)} is not a text.", "Put it into quotes.")
        elif required:
            self.fault(name, "mapping_missing_key", f"There is no {name}.", f"Add {name}: ...")
        return ""

    def path(self, key: str, system: System) -> str:
        """The text of a path, which parses as one of the given side."""
        text = self.text(key, required=True)
        if text:
            self._check_path(self.take(key)[0], text, system)
        return text

    def _check_path(self, name: str, text: str, system: System) -> None:
        parsed = parse_path(text, system)
        if isinstance(parsed, BadPath):
            mend = "Write it like title or contacts[0].email."
            self.fault(name, "mapping_bad_path", f"{show(text)} is no path: {parsed.reason}.", mend)

    def flag(self, key: str) -> bool:
        """True or false; false when the key is missing."""
        name, value = self.take(key)
        if value is not None and not isinstance(value, bool):
            self.fault(name, "mapping_bad_value", f"{show(value)} is neither true nor false.", "Write true or false.")
        return value is True

    def choice(self, key: str, options: Sequence[str]) -> str | None:
        """One of the options, or None when the key is missing."""
        name, value = self.take(key)
        if value is None or (isinstance(value, str) and value in options):
            return value
        mend = suggestion(value, options, f"Use one of: {', '.join(options)}.") if isinstance(value, str) else ""
        mend = mend or f"Use one of: {', '.join(options)}."
        self.fault(name, "mapping_bad_value", f"{show(value)} is no {name}.", mend)
        return None

    def format(self, key: str, *, for_reading: bool) -> DateFormat | None:
        """A date format, or None when the key is missing."""
        text = self.text(key)
        if not text:
            return None
        made = parse_format(text, for_reading=for_reading)
        if isinstance(made, BadFormat):
            text = f"{show(text)} is no date format: {made.reason}."
            self.fault(self.take(key)[0], "mapping_bad_format", text, "Write it like YYYY-MM-DD HH:mm:ss.")
            return None
        return made

    def zone(self, key: str) -> str:
        """The name of a time zone that exists; UTC when the key is missing."""
        text = self.text(key) or "UTC"
        if read_zone(text) is None:
            hit = nearest_zone(text)
            mend = f"Did you mean {hit}?" if hit else "Use an IANA name such as America/Chicago."
            self.fault(self.take(key)[0], "mapping_bad_zone", f"{show(text)} is no time zone.", mend)
        return text

    def entries(self, key: str, spellings: Mapping[str, tuple[str, ...]]) -> list[tuple[str, "RuleReader"]]:
        """The objects of a list, each with its place and a reader of its own that shares our findings."""
        name, value = self.take(key)
        if value is None or not isinstance(value, Sequence) or not is_list(value) or not value:
            text = f"{show(value)} is not a list with entries." if name in self.raw else f"There is no {name}."
            self.fault(name, "mapping_missing_key", text, f"Add {name}: a list of {{{', '.join(spellings)}}}.")
            return []
        return [pair for n, entry in enumerate(value) if (pair := self._entry(f"{name}[{n}]", entry, spellings))]

    def _entry(
        self, name: str, entry: Json, spellings: Mapping[str, tuple[str, ...]]
    ) -> tuple[str, "RuleReader"] | None:
        wanted = f"{{{', '.join(spellings)}}}"
        if not isinstance(entry, Mapping):
            self.fault(name, "mapping_bad_value", f"{show(entry)} is not an object.", f"Write it as {wanted}.")
            return None
        inner = RuleReader(entry, f"{self.place}.{name}", self.findings)
        inner.refuse_unknown(spellings)
        lacking = [key for key, names in spellings.items() if not any(n in entry for n in names)]
        for key in lacking:
            inner.fault(key, "mapping_missing_key", f"There is no {key}.", f"Write the entry as {wanted}.")
        return None if lacking else (name, inner)

    def refuse_unknown(self, spellings: Mapping[str, tuple[str, ...]] = KEYS) -> None:
        """A finding for each key that nothing reads, with the nearest one that something does."""
        known = [name for names in spellings.values() for name in names]
        for key in self.raw:
            if key not in known:
                mend = suggestion(key, known, f"Use one of: {', '.join(spellings)}.")
                name = show(key).strip('"') if isinstance(key, str) else show(key)
                self.fault(name, "mapping_unknown_key", f"{show(key)} is no key of a mapping.", mend)

    def warn_unused(self, used: Sequence[str], action: str) -> None:
        """A warning for each known key with a value that the action does not look at."""
        for key in KEYS:
            name, value = self.take(key) if key not in used else ("", None)
            if name and not is_empty(value) and value is not False:
                text = f"{action} does not use {name} (here {show(value)})."
                self.fault(name, "mapping_unused_key", text, "Remove it, or choose another action.", Severity.WARNING)

    def pairs(self) -> tuple[Pair, ...]:
        """The entries of an array map; one that repeats an earlier compare value can never match."""
        pairs: list[Pair] = []
        for name, inner in self.entries("mappings", _ENTRY):
            (compare_key, compare), (value_key, value) = inner.take("compare", _ENTRY), inner.take("value", _ENTRY)
            if not is_scalar(compare):
                text = f"{show(compare)} can be equal to nothing."
                inner.fault(compare_key, "mapping_bad_value", text, "Write a text or a number.")
                continue
            if any(same(compare, pair.compare) for pair in pairs):
                text = f"{show(compare)} stands in an entry above, which wins."
                self.fault(name, "mapping_dead_entry", text, "Remove one of the two.", Severity.WARNING)
            pairs.append(Pair(compare, inner._json(value_key, value)))
        return tuple(pairs)

    def bounds(self) -> tuple[Bound, ...]:
        """The entries of a range map, ascending; sorted here, with a warning, when they were not."""
        key = "mappings" if is_empty(self.raw.get("ranges")) and not self._lacks("mappings") else "ranges"
        bounds: list[Bound] = []
        for _, inner in self.entries(key, _ENTRY):
            (compare_key, compare), (value_key, value) = inner.take("compare", _ENTRY), inner.take("value", _ENTRY)
            upper = as_number(compare)
            if upper is None:
                text = f"{show(compare)} is not a number."
                inner.fault(compare_key, "mapping_bad_value", text, "Write the upper end of the range as a number.")
                continue
            bounds.append(Bound(upper, inner._json(value_key, value)))
        self._warn_of_order(key, [bound.upper for bound in bounds])
        return tuple(sorted(bounds, key=lambda bound: bound.upper))

    def _lacks(self, key: str) -> bool:
        return all(is_empty(self.raw.get(name)) for name in KEYS[key])

    def _warn_of_order(self, key: str, uppers: Sequence[Decimal]) -> None:
        name = self.take(key)[0]
        if any(later < earlier for earlier, later in pairwise(uppers)):
            text = "The ranges do not ascend; they are read from the smallest to the largest."
            self.fault(name, "mapping_unsorted_ranges", text, "Sort them.", Severity.WARNING)
        if len(set(uppers)) < len(uppers):
            text = "Two ranges end at the same number; the first of them wins."
            self.fault(name, "mapping_dead_entry", text, "Remove one of the two.", Severity.WARNING)

    def parts(self, system: System) -> tuple[Part, ...]:
        """The pieces of a joined text; those of type field parse as paths of the given side."""
        parts: list[Part] = []
        for _, inner in self.entries("parts", _PART):
            kind, value = inner.raw["type"], inner.raw["value"]
            if not isinstance(kind, str) or kind not in ("field", "static"):
                inner.fault("type", "mapping_bad_value", f"{show(kind)} is no type of a part.", "Use field or static.")
            elif not isinstance(value, str):
                inner.fault("value", "mapping_bad_value", f"{show(value)} is not a text.", "Put it into quotes.")
            else:
                if kind == "field":
                    inner._check_path("value", value, system)
                parts.append(Part(value.strip() if kind == "field" else value, kind == "static"))
        return tuple(parts)
