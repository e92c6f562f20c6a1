"""Faults on command: which calls they meet, how often, and who is being held."""

import asyncio
import itertools
import re
from dataclasses import dataclass, field
from typing import Any

from app.simulators.field_nation.errors import Refusal

BEFORE = (
    "429",
    "500_json",
    "500_html",
    "503",
    "slow",
    "lost_before",
    "late",
    "reset",
    "hold_before",
    "outage",
    "ghost",
)
AFTER = ("lost_after", "hold", "answer_late", "never")
NAMES = BEFORE + AFTER


@dataclass
class Fault:
    """One order to misbehave. `times` None means until it is taken back.

    `delay_s` serves 429 (the wait it names), slow (before all), late and ghost (until the write takes effect, after
    the connection was cut at once or while it hangs unanswered), answer_late (between the write and its answer).
    """

    id: int
    name: str
    path: re.Pattern[str]
    method: str | None = None
    times: int | None = 1
    delay_s: float = 0.0
    company: int | None = None
    hits: int = 0

    def meets(self, method: str, path: str, company: int | None) -> bool:
        """Whether this call is one of those meant, and the fault is not used up."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.method not in (None, method) or self.company not in (None, company):
            return False
        return self.path.search(path) is not None

    def as_json(self) -> dict[str, Any]:
        """For `GET /_sim/faults`."""
        return {
            "id": self.id,
            "fault": self.name,
            "method": self.method,
            "path": self.path.pattern,
            "times": self.times,
            "delay_s": self.delay_s,
            "company": self.company,
            "hits": self.hits,
        }


@dataclass
class Faults:
    """The standing orders, in the order in which they came, and the calls held by them."""

    standing: list[Fault] = field(default_factory=list)
    held: list[asyncio.Event] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def add(self, order: dict[str, Any]) -> Fault:
        """A fault from the body of `POST /_sim/faults`; raises a 400 refusal that says what is wrong."""
        name = order.get("fault")
        if name not in NAMES:
            raise Refusal(400, f"fault: one of {', '.join(NAMES)}")
        fault = Fault(
            id=next(self._numbers),
            name=name,
            path=_pattern(order.get("path") or ""),
            method=_method(order.get("method")),
            times=_number(order, "times", None if name == "outage" else 1),
            delay_s=_number(order, "delay_s", 0.0) or 0.0,
            company=order.get("company"),
        )
        self.standing.append(fault)
        return fault

    def next_for(self, method: str, path: str, company: int | None) -> Fault | None:
        """The first standing fault that meets this call; meeting it uses it up by one."""
        for fault in self.standing:
            if fault.meets(method, path, company):
                fault.hits += 1
                return fault
        return None

    async def hold(self) -> None:
        """Wait until somebody releases."""
        gate = asyncio.Event()
        self.held.append(gate)
        await gate.wait()

    def release(self) -> int:
        """Let every held call go on; returns how many there were."""
        going, self.held = self.held, []
        for gate in going:
            gate.set()
        return len(going)

    def clear(self, fault_id: int | None = None) -> None:
        """Take back one fault or all of them; held calls stay held."""
        self.standing = [] if fault_id is None else [one for one in self.standing if one.id != fault_id]


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as wrong:
        raise Refusal(400, f"path: not a regular expression: {wrong}") from None


def _number(order: dict[str, Any], name: str, otherwise: Any) -> Any:
    value = order.get(name, otherwise)
    if value is not None and not isinstance(value, (int, float)):
        raise Refusal(400, f"{name}: a number is needed")
    return value


def _method(raw: Any) -> str | None:
    return raw.upper() if isinstance(raw, str) and raw else None
