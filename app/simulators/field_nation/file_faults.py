"""What the file host was asked, and how it is told to misbehave."""

from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any

from app.simulators.field_nation.errors import Refusal

Json = dict[str, Any]
NAMES = ("redirect_same", "redirect_to", "length_lie", "drip", "cut", "endless", "404", "expired", "429", "500", "503")


@dataclass
class FileFault:
    """One order to misbehave. `file` None means any file, `times` None until it is taken back."""

    id: int
    name: str
    file: int | None
    times: int | None
    location: str
    declared: int
    chunk: int
    delay_s: float
    hits: int = 0

    def as_json(self) -> Json:
        """For `GET /_sim/files/faults`."""
        shown = asdict(self)
        return {"fault": shown.pop("name"), **shown}


@dataclass
class Download:
    """One request that the file host got; `sent` counts the bytes of the body that left."""

    seq: int
    file: int
    method: str
    path: str
    query: str
    headers: dict[str, str]
    status: int = 0
    fault: str = ""
    sent: int = 0


@dataclass
class FileHost:
    """The record of downloads and the standing faults, in the order in which they came."""

    journal: list[Download] = field(default_factory=list)
    standing: list[FileFault] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def add(self, order: Json) -> FileFault:
        """A fault from the body of `POST /_sim/files/faults`; raises a 400 refusal that says what is wrong."""
        name = order.get("fault")
        if name not in NAMES:
            raise Refusal(400, f"fault: one of {', '.join(NAMES)}")
        if name == "redirect_to" and not isinstance(order.get("location"), str):
            raise Refusal(400, "location: an address is needed")
        fault = FileFault(
            id=next(self._numbers),
            name=name,
            file=_number(order, "file", None),
            times=_number(order, "times", 1),
            location=order.get("location") or "",
            declared=_number(order, "declared", 1_000_000),
            chunk=_number(order, "chunk", 1),
            delay_s=_number(order, "delay_s", 0.05),
        )
        self.standing.append(fault)
        return fault

    def next_for(self, file: int) -> FileFault | None:
        """The first standing fault that meets this file; meeting it uses it up by one."""
        for fault in self.standing:
            if fault.file in (None, file) and (fault.times is None or fault.hits < fault.times):
                fault.hits += 1
                return fault
        return None

    def arrived(self, file: int, method: str, path: str, query: str, headers: dict[str, str]) -> Download:
        """Note a request that begins."""
        row = Download(len(self.journal) + 1, file, method, path, query, headers)
        self.journal.append(row)
        return row

    def report(self) -> list[Json]:
        """The answer of `GET /_sim/files`."""
        return [asdict(one) for one in self.journal]


def _number(order: Json, name: str, otherwise: Any) -> Any:
    value = order.get(name, otherwise)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise Refusal(400, f"{name}: a number is needed")
    return value
