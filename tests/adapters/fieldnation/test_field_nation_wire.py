"""Requests and answers of Field Nation, without any network."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.fieldnation import wire
from app.adapters.fieldnation.answers import complaint_of, decipher, is_token_refusal, wait_until
from app.adapters.fieldnation.wire import Call
from app.adapters.http.message import HttpAnswer
from app.core.model.failure import Failure, Rejected, Throttled, Transient, Unknown
from app.core.model.ids import WorkOrderId

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
READ = wire.read_order(WorkOrderId(7))
WRITE = wire.update_order(WorkOrderId(7), {"title": "x"})
ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["message", "error", "errors", "fields", "field", "details", "x"]), inner),
    ),
)


def answer(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> HttpAnswer:
    return HttpAnswer(status, headers or {}, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize(
    ("body", "text", "field"),
    [
        ({"status": 400, "message": "Title is required."}, "Title is required.", ""),
        ({"status_code": 404, "message": "Not found."}, "Not found.", ""),
        ({"code": 400, "message": "No.", "trace": ["a"], "fields": ["title"]}, "No.", "title"),
        ({"code": 400, "message": "No.", "fields": {"title": "is missing"}}, "No.", "title"),
        ({"code": 400, "message": "No.", "fields": [{"name": "schedule.mode"}]}, "No.", "schedule.mode"),
        (
            {"error": {"code": "E1", "message": "No.", "details": [{"field": "pay", "message": "too low"}]}},
            "No.",
            "pay",
        ),
        ({"error": {"code": "E1", "details": ["one", "two"]}}, "one; two", ""),
        ({"error": "invalid_token", "error_description": "It has expired."}, "It has expired.", ""),
        ({"error": "invalid_client"}, "invalid_client", ""),
        ({"errors": [{"code": 1, "message": "one"}, {"message": "two"}], "result": {}}, "one; two", ""),
        ({"message": ["one", "two"]}, "one; two", ""),
        (b"<html><h1>Bad  Gateway</h1></html>", "Bad Gateway", ""),
        (b"", "HTTP 400", ""),
        ([], "HTTP 400", ""),
        ({"message": ""}, "HTTP 400", ""),
    ],
)
def test_every_known_error_body_is_understood(body: Any, text: str, field: str) -> None:
    complaint = complaint_of(answer(400, body))
    assert (complaint.text, complaint.field) == (text, field)


def text_of(call: Call, given_: HttpAnswer) -> str:
    try:
        return str(sorted(decipher(call, given_, NOW)))[:10]
    except Failure as failure:
        return failure.text


@given(st.integers(100, 599), st.one_of(st.binary(), ANY))
def test_any_answer_is_a_document_or_a_failure(status: int, body: Any) -> None:
    for call in (READ, WRITE):
        text = text_of(call, answer(status, body))
        assert text
        assert len(text) < 600


@pytest.mark.parametrize("status", [301, 408, 500, 502, 503, 504])
def test_an_unclear_answer_is_transient_for_a_read_and_unknown_for_a_write(status: int) -> None:
    with pytest.raises(Transient):
        decipher(READ, answer(status, {"message": "oops"}), NOW)
    with pytest.raises(Unknown):
        decipher(WRITE, answer(status, {"message": "oops"}), NOW)


@pytest.mark.parametrize("body", [b"<html>", b"", [], "text", None, 5])
def test_a_good_status_without_an_object_is_unclear(body: Any) -> None:
    with pytest.raises(Transient):
        decipher(READ, answer(200, body), NOW)
    with pytest.raises(Unknown):
        decipher(WRITE, answer(200, body), NOW)


@pytest.mark.parametrize(
    ("status", "code"), [(400, "invalid"), (422, "invalid"), (403, "permission"), (409, "conflict"), (418, "refused")]
)
def test_the_vendors_no_is_rejected_with_its_words(status: int, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        decipher(WRITE, answer(status, {"message": "Bad state code.", "fields": ["location.state"]}), NOW)
    assert (caught.value.code, caught.value.field) == (code, "location.state")
    assert "Bad state code." in caught.value.text


def test_a_rejection_without_a_field_names_the_one_that_was_written() -> None:
    with pytest.raises(Rejected) as caught:
        decipher(wire.put_custom_field(WorkOrderId(7), 4711, "x"), answer(400, {"message": "No."}), NOW)
    assert caught.value.field == "4711"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 60),
        ("17", 17),
        ("1.5", 1.5),
        ("0", 1),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 1),
        ("soon", 60),
        ("999999999", 86400),
        ("-5", 60),
    ],
)
def test_a_throttled_call_waits_as_long_as_it_is_told(header: str | None, seconds: float) -> None:
    headers = {} if header is None else {"retry-after": header}
    with pytest.raises(Throttled) as caught:
        decipher(WRITE, answer(429, {"message": "slow"}, headers), NOW)
    assert caught.value.until == NOW + timedelta(seconds=seconds)


@given(st.text())
def test_no_retry_after_raises(text: str) -> None:
    assert wait_until({"retry-after": text}, NOW) > NOW


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, {"message": "no"}, True),
        (400, {"status": 400, "message": "You must provide a valid OAuth token to make a request"}, True),
        (400, {"error": "invalid_token", "error_description": "expired"}, True),
        (400, {"message": "Title is required."}, False),
        (403, {"message": "valid oauth token"}, False),
        (404, {}, False),
    ],
)
def test_a_token_refusal_is_told_from_other_refusals(status: int, body: Any, expected: bool) -> None:
    assert is_token_refusal(answer(status, body)) is expected


def test_a_list_always_says_which_list_and_is_never_sticky() -> None:
    call = wire.list_orders(["title", "id", "status"], 3, newest_first=False)
    assert call.params == {
        "list": "workorders_all",
        "sticky": "false",
        "columns": "id,title,status",
        "per_page": "100",
        "page": "3",
        "sort": "id",
        "order": "asc",
    }
    probe = wire.probe_company()
    assert (probe.params["columns"], probe.params["per_page"], probe.params["sticky"]) == ("id,company", "1", "false")


@pytest.mark.parametrize(
    ("name", "reason", "method", "path", "params"),
    [
        ("publish", "", "POST", "/workorders/7/publish", {}),
        ("unpublish", "", "DELETE", "/workorders/7/publish", {}),
        ("approve", "", "POST", "/workorders/7/approve", {}),
        ("cancel", "No longer needed", "DELETE", "/workorders/7", {"cancel_reason": "No longer needed"}),
    ],
)
def test_each_action_is_a_call_of_its_own(name: str, reason: str, method: str, path: str, params: Any) -> None:
    call = wire.action(WorkOrderId(7), name, reason)
    assert (call.method, call.path, call.params, call.is_write) == (method, path, params, True)


@pytest.mark.parametrize("name", ["cancel", "delete", ""])
def test_an_action_that_cannot_be_made_is_rejected_before_it_is_sent(name: str) -> None:
    with pytest.raises(Rejected):
        wire.action(WorkOrderId(7), name)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("T20260527.0006", "T20260527.0006"),
        (True, "true"),
        (42, "42"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_a_custom_field_is_written_as_text(value: Any, text: str) -> None:
    assert wire.put_custom_field(WorkOrderId(7), 4711, value).body == {"value": text}


def test_a_custom_field_takes_no_object() -> None:
    with pytest.raises(Rejected) as caught:
        wire.put_custom_field(WorkOrderId(7), 4711, {"a": 1})
    assert caught.value.field == "4711"


def test_a_call_names_its_endpoint_without_ids() -> None:
    calls: list[Call] = [READ, WRITE, wire.put_custom_field(WorkOrderId(7), 4711, "x"), wire.create_order({})]
    assert [call.endpoint for call in calls] == [
        "GET /workorders/{id}",
        "PUT /workorders/{id}",
        "PUT /workorders/{id}/custom_fields/{id}",
        "POST /workorders",
    ]
