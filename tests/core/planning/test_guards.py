"""Guards: which mode lets a plan be carried out."""

from typing import Any

import pytest

from app.core.model.intent import Plan
from app.core.planning.guards import is_held, mode_of
from tests.core.planning.planning_kit import OWNER, create, wanted


@pytest.mark.parametrize(
    ("modes", "mode"),
    [
        ("automatic", "automatic"),
        ("approve", "approve"),
        ("shadow", "shadow"),
        ({}, "automatic"),
        ({"default": "shadow"}, "shadow"),
        ({"default": "shadow", "work_orders": "automatic"}, "automatic"),
        ({"default": "automatic", "charges": "approve"}, "automatic"),
        ({"work_orders": "approve"}, "approve"),
    ],
)
def test_the_mode_of_work_orders_decides_else_the_default_else_writes_are_made(modes: Any, mode: str) -> None:
    assert mode_of(modes) == mode
    assert is_held(create(wanted()), modes) is (mode != "automatic")


@pytest.mark.parametrize("mode", ["automatic", "approve", "shadow"])
def test_an_empty_plan_is_held_in_no_mode(mode: Any) -> None:
    assert not is_held(Plan(OWNER), mode)
