"""Calls: what a command costs at each vendor."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of each vendor, those for tokens, zones and limits included."""

    autotask: int = 0
    field_nation: int = 0

    def __add__(self, other: "Calls") -> "Calls":
        return Calls(self.autotask + other.autotask, self.field_nation + other.field_nation)

    def times(self, count: int) -> "Calls":
        """The price of so many of the same."""
        return Calls(self.autotask * count, self.field_nation * count)
