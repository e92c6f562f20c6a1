"""Modes by kind: every kind that a connection file may name holds writes, and no write escapes by another name."""

from app.core.model.connection_rules import MODE_KINDS
from app.services.push_pass import FAMILIES


def test_every_write_of_a_push_is_held_by_a_name_that_a_file_may_give() -> None:
    assert set(FAMILIES.values()) | {"work_orders"} == set(MODE_KINDS) - {"default"}
    assert FAMILIES["attachment"] == "files"
