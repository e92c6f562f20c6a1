"""Whatever arrives, the answer is a trigger or a sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.intake.trigger import BadTrigger, Trigger, read_trigger
from app.core.model.job import JobKind

CONTENT_TYPES = st.sampled_from(["", "application/json", "text/xml", "application/x-www-form-urlencoded", "text/plain"])
QUERIES = st.lists(st.tuples(st.sampled_from(["id", "number", "client_token", "x"]), st.text()), max_size=3)
KEYS = st.sampled_from(["id", "ticketId", "ticket", "number", "Action", "Guid", "EntityType", "x"])
JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("T20260527.0006")),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
)
MARKUP = st.lists(
    st.sampled_from(
        ["<", ">", "/", "id", "=", '"', "'", "&", "<!DOCTYPE", "[", "]", "{", "}", ":", "5", "\\", "<?xml", "?>", " "]
    )
).map("".join)


def check(read: Trigger | BadTrigger) -> None:
    if isinstance(read, BadTrigger):
        assert read.status in (400, 422)
        assert read.code
        assert 0 < len(read.detail) < 500
        return
    assert len(read.wanted) <= 500
    assert len({(wanted.kind, wanted.key) for wanted in read.wanted}) == len(read.wanted)
    assert read.wanted or read.is_deactivation
    for wanted in read.wanted:
        assert wanted.kind is not JobKind.IMPORT_TICKET or 1 <= int(wanted.key) < 2**63


@given(CONTENT_TYPES, st.one_of(st.binary(), st.text().map(str.encode), MARKUP.map(str.encode)), QUERIES)
def test_any_bytes_are_answered(content_type: str, body: bytes, query: list[tuple[str, str]]) -> None:
    check(read_trigger(content_type, body, query))


@given(JSON_VALUES)
def test_any_json_is_answered(value: object) -> None:
    check(read_trigger("application/json", json.dumps(value).encode(), ()))


@given(st.lists(st.integers(1, 2**63 - 1), min_size=1, max_size=20))
def test_every_usable_id_is_wanted_once_and_in_order(ids: list[int]) -> None:
    read = read_trigger("", json.dumps([{"id": id_} for id_ in ids]).encode(), ())
    assert isinstance(read, Trigger)
    assert [wanted.key for wanted in read.wanted] == [str(id_) for id_ in dict.fromkeys(ids)]


@pytest.mark.parametrize(
    "body",
    [
        b'"\\' * 32768,
        b'{"' + b'\\"' * 32000,
        b"[]" * 32768,
        b"," * 65536,
        b"id=&" * 16384,
        b"<a " * 20000,
        b"\xff\xfe" * 32768,
    ],
)
def test_hostile_bodies_of_full_size_are_refused_without_delay(body: bytes) -> None:
    assert isinstance(read_trigger("", body, ()), BadTrigger)
