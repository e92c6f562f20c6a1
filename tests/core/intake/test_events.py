"""Field Nation's events, read down to the work order they name."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.intake.events import (
    EVENT_NAMES,
    Event,
    Sending,
    delivery_key,
    read_event,
    read_sending,
    stored_event,
)
from app.core.intake.trigger import BadTrigger
from app.core.model.job import JobKind


def body(**changes: Any) -> bytes:
    """An event as it is sent; `...` leaves a key out."""
    usual = {
        "event": {"name": "workorder.status.published", "params": {"work_order_id": 70211, "status_id": 2}},
        "timestamp": "2026-03-02T08:15:42-06:00",
        "triggered_by_user": {"id": 5120},
        "workorder": {"id": 70211, "title": "Swap edge router", "status": {"id": 2, "name": "Published"}},
    }
    return json.dumps({key: value for key, value in (usual | changes).items() if value is not ...}).encode()


def event_with(params: Any) -> dict[str, Any]:
    return {"name": "workorder.created", "params": params}


def read(raw: bytes) -> Event:
    event = read_event(raw)
    assert isinstance(event, Event)
    return event


def test_the_catalogue_has_its_33_names() -> None:
    assert len(set(EVENT_NAMES)) == len(EVENT_NAMES) == 33
    assert {"workorder.status.work_done", "workorder.message_posted", "workorder.part_updated"} <= set(EVENT_NAMES)


@pytest.mark.parametrize("name", [*EVENT_NAMES, "workorder.something_new", "", None, 5])
def test_every_event_of_a_work_order_is_a_reason_to_look(name: Any) -> None:
    event = read(body(event={"name": name, "params": {"work_order_id": 70211}}))
    assert event.name == (name if isinstance(name, str) else str(name or ""))
    (wanted,) = event.wanted
    assert (wanted.kind, wanted.key, wanted.named) == (JobKind.PUSH_WORK_ORDER, "70211", "70211")


def test_an_event_is_read_whole() -> None:
    assert read(body()) == Event(
        name="workorder.status.published",
        work_order_id=70211,
        timestamp="2026-03-02T08:15:42-06:00",
        user_id="5120",
        ids=(("work_order_id", "70211"), ("status_id", "2")),
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"event": event_with({"work_order_id": "70211"})}, id="text"),
        pytest.param({"event": event_with({"work_order_id": " 0070211 "})}, id="padded"),
        pytest.param({"event": event_with({"work_order_id": 70211}), "workorder": {"id": 4}}, id="params-win"),
        pytest.param({"event": event_with({})}, id="only-in-the-work-order"),
        pytest.param({"event": event_with(None), "workorder": {"work_order_id": "70211"}}, id="other-name"),
        pytest.param({"event": event_with({"work_order_id": None}), "workorder": {"id": "70211"}}, id="null"),
        pytest.param({"event": event_with({"work_order_id": 0})}, id="zero-in-params"),
        pytest.param({"event": event_with([])}, id="params-as-list"),
        pytest.param({"event": ...}, id="no-event"),
        pytest.param({"event": "workorder.created"}, id="event-as-text"),
        pytest.param({"workorder": ..., "triggered_by_user": ..., "timestamp": ...}, id="event-alone"),
        pytest.param({"workorder": None, "triggered_by_user": None, "timestamp": None}, id="nulls"),
        pytest.param({"triggered_by_user": [], "timestamp": {"at": 1}, "more": [{"x": 1.5e300}]}, id="odd-neighbours"),
    ],
)
def test_the_work_order_is_found_in_every_envelope(changes: dict[str, Any]) -> None:
    assert read(body(**changes)).work_order_id == 70211


@pytest.mark.parametrize("id_", [0, -1, 1.5, 2**63, True, "", "abc", "70211; 4", "５", [70211], {"id": 70211}])
def test_what_is_no_id_names_no_work_order(id_: Any) -> None:
    event = read(body(event=event_with({"work_order_id": id_}), workorder={"id": id_}))
    assert (event.work_order_id, event.wanted) == (None, ())


@pytest.mark.parametrize("raw", [b"{}", b'{"event":{}}', b'{"id":70211,"work_order_id":70211}'])
def test_an_object_that_names_none_is_no_mistake(raw: bytes) -> None:
    assert read(raw).wanted == ()


@pytest.mark.parametrize("user", [..., None, {}, {"id": None}, {"id": ""}, 5120, {"id": "9" * 60}])
def test_a_change_of_the_systems_own_has_no_user(user: Any) -> None:
    assert read(body(triggered_by_user=user)).user_id == ""


DEEP = b'{"a":' * 65 + b"1" + b"}" * 65
BAD = [
    pytest.param(b"", "malformed_json", id="nothing"),
    pytest.param(b"{", "malformed_json", id="half"),
    pytest.param(b"id=70211", "malformed_json", id="form"),
    pytest.param(b"\xff\xfe\x00", "malformed_json", id="no-text"),
    pytest.param(b"[]", "no_object", id="list"),
    pytest.param(b"70211", "no_object", id="number"),
    pytest.param(b"null", "no_object", id="null"),
    pytest.param(b'"x"', "no_object", id="text"),
    pytest.param(b'{"event":{"params":{"work_order_id":NaN}}}', "malformed_json", id="nan"),
    pytest.param(b'{"workorder":{"id":1,"pay":-Infinity}}', "malformed_json", id="infinity"),
    pytest.param(DEEP, "too_deep", id="65-levels"),
    pytest.param(b'{"a":' * 500_000, "too_deep", id="bomb"),
    pytest.param(b"[" * 8_000_000, "too_deep", id="large-bomb"),
]


@pytest.mark.parametrize(("raw", "code"), BAD)
def test_what_is_no_json_object_is_refused_with_what_to_send(raw: bytes, code: str) -> None:
    bad = read_event(raw)
    assert isinstance(bad, BadTrigger)
    assert (bad.status, bad.code) == (400, code)
    assert "Field Nation's own body" in bad.detail


def test_64_levels_and_numbers_of_any_length_are_read() -> None:
    nested = b'{"event":{"params":{"work_order_id":70211}},"more":' + b"[" * 63 + b"9" * 10_000 + b"]" * 63 + b"}"
    assert read(nested).work_order_id == 70211


def test_the_timeline_holds_ids_and_no_word_of_a_person() -> None:
    params = {
        "work_order_id": "70211",
        "status_id": 17,
        "message": {"id": 81, "message": "My door code is 4711"},
        "task": {"id": 901, "author": {"first_name": "Ada"}, "time_log": {"id": 312}},
        "note": "call Ada",
        "file_id": "x" * 5000,
        "attachments": [{"id": 1}],
    } | {f"extra_{n}_id": n for n in range(100)}
    raw = body(event={"name": "workorder.message_posted", "params": params}, workorder={"id": 70211, "title": "Ada"})
    stored = stored_event(read(raw), Sending("hook", "d-1", "3", "t-1"))
    told = json.loads(stored)
    assert (
        told["params"].items() >= {"work_order_id": "70211", "status_id": "17", "message": "81", "task": "901"}.items()
    )
    assert len(told["params"]) == 20
    del told["params"]
    assert told == {
        "event": "workorder.message_posted",
        "work_order_id": 70211,
        "timestamp": "2026-03-02T08:15:42-06:00",
        "user_id": "5120",
        "delivery_id": "d-1",
        "attempt": "3",
    }
    assert not any(word in stored for word in (b"Ada", b"4711", b"xxx", b"extra_99"))


HEADERS = {"x-fn-webhook-id": "hook-1", "x-fn-delivery-id": "5b1e:1", "x-fn-event-trace-id": "t-9"}


def key(event: Event | None = None, **changes: str) -> str:
    headers = HEADERS | {f"x-fn-{name.replace('_', '-')}": value for name, value in changes.items()}
    return delivery_key(read_sending(headers), event or read(body()))


def test_all_attempts_of_a_delivery_have_one_key() -> None:
    assert (
        key() == key(delivery_id="5b1e:2") == key(delivery_id="5b1e:17") == key(delivery_id=" 5b1e ") == "hook-1:5b1e"
    )
    assert read_sending(HEADERS | {"x-fn-delivery-id": "5b1e:7"}).attempt == "7"


@pytest.mark.parametrize(
    "changes", [{"delivery_id": "5b1f:1"}, {"webhook_id": "hook-2"}, {"delivery_id": "5b1e:x"}, {"delivery_id": ":1"}]
)
def test_other_deliveries_have_other_keys(changes: dict[str, str]) -> None:
    assert key(**changes) not in ("", "hook-1:5b1e")


def test_without_a_delivery_id_the_trace_and_the_event_tell() -> None:
    traced = key(delivery_id="")
    assert traced == key(delivery_id=" ") != ""
    assert traced != key(read(body(event=event_with({"work_order_id": 70211}))), delivery_id="")
    assert traced != key(read(body(event={"name": "workorder.status.published"}, workorder={"id": 3})), delivery_id="")
    assert key(delivery_id="", event_trace_id="") == ""
    assert delivery_key(read_sending({}), read(body())) == ""


def test_long_and_odd_keys_are_bounded_and_stay_apart() -> None:
    long = [key(delivery_id="x" * 70_000 + end) for end in ("a:1", "b:1")]
    assert len(set(long)) == 2
    assert all(len(one) <= 200 for one in long)
    assert key(delivery_id="é\ud800").isascii()


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
)
ENVELOPES = st.fixed_dictionaries(
    {},
    optional={
        "event": st.one_of(
            JSON_VALUES,
            st.fixed_dictionaries(
                {}, optional={"name": JSON_VALUES, "params": st.dictionaries(st.text(), JSON_VALUES)}
            ),
        ),
        "timestamp": JSON_VALUES,
        "triggered_by_user": JSON_VALUES,
        "workorder": st.one_of(JSON_VALUES, st.fixed_dictionaries({"id": JSON_VALUES})),
    },
)
LATIN = st.text(st.characters(max_codepoint=255))


@given(st.one_of(st.binary(), JSON_VALUES.map(lambda one: json.dumps(one).encode())), LATIN)
def test_any_bytes_are_answered(raw: bytes, header: str) -> None:
    check(read_event(raw), header)


@given(ENVELOPES, LATIN)
def test_any_envelope_is_answered(envelope: dict[str, Any], header: str) -> None:
    check(read_event(json.dumps(envelope).encode()), header)


def check(event: Event | BadTrigger, header: str) -> None:
    if isinstance(event, BadTrigger):
        assert event.status == 400
        assert 0 < len(event.detail) < 500
        return
    sending = read_sending({"x-fn-delivery-id": header, "x-fn-webhook-id": header, "x-fn-event-trace-id": header})
    found = delivery_key(sending, event)
    assert len(found) <= 200
    assert found == found.encode("ascii").decode()
    assert len(stored_event(event, sending)) < 16_384
    assert all(1 <= int(wanted.key) < 2**63 for wanted in event.wanted)
