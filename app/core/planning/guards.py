"""Guards: small named policies that look at a finished plan before its first write."""

from collections.abc import Mapping

from app.core.model.connection import Mode
from app.core.model.intent import Plan

FAMILY = "work_orders"
"""The name under which a map of modes speaks of the writes of an import."""


def mode_of(modes: Mode | Mapping[str, Mode], family: str = FAMILY) -> Mode:
    """The mode that holds for a family of writes: its own, the default, or `automatic`."""
    if isinstance(modes, str):
        return modes
    return modes.get(family, modes.get("default", "automatic"))


def is_held(plan: Plan, modes: Mode | Mapping[str, Mode]) -> bool:
    """Whether the connection's mode keeps this plan from being carried out."""
    return bool(plan.intents) and mode_of(modes) != "automatic"
