"""From recorded answers to failures: one table, tested from the texts."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.autotask.wire import refusals
from app.adapters.autotask.wire.answers import decipher, item_id, limit_of, proves_credentials, read_item
from app.adapters.autotask.wire.contract import Operation
from app.adapters.autotask.wire.refusals import read_refusal
from app.adapters.http.message import HttpAnswer
from app.core.model.failure import Failure, Gone, Refused, Rejected, Throttled, Transient, Unknown

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
READ = Operation("GET", "Tickets/1")
WRITE = Operation("POST", "Tickets", True)
DELETE = Operation("DELETE", "TimeEntries/1", True)

TEXTS = [
    ("The logged in Resource does not have the adequate permissions to query this entity type.", "permission", ""),
    ("The logged in Resource does not have the adequate permissions to create this entity type.", "permission", ""),
    ("Value does not exist for the required field title", "required", "title"),
    ("Value does not exist for the required field title; on record number [1].", "required", "title"),
    ("issueType is required.", "required", "issueType"),
    ("Queue ID is required", "required", "queueID"),
    (
        "departmentID is a required field when a Resource (primary/secondary) is assigned to a Task",
        "required",
        "departmentID",
    ),
    ("billingCodeID is a required field when a Resource is assigned to a Task", "required", "billingCodeID"),
    ("Picklist value [3] does not exist for priority", "picklist", "priority"),
    ("Reference value on field: contactID of type: Contact does not exist or is invalid", "reference", "contactID"),
    ("contactID: Value 12345 does not exist or is invalid", "reference", "contactID"),
    (
        "The specified AssignedResourceID and AssignedRoleID combination is not currently defined",
        "resource_role",
        "assignedResourceRoleID",
    ),
    ("Unable to find Foo in the Ticket Entity.", "unknown_field", "Foo"),
    ("title must be less than or equal to 255 characters", "too_long", "title"),
    ("TimeEntries for Tickets must have a roleID", "required", "roleID"),
    ("Must have at least one of hoursWorked or startDateTime/endDateTime", "time_window", "startDateTime"),
    ("dateWorked is required when no value is supplied for startDateTime", "required", "dateWorked"),
    ("TimeEntries for Service tickets require a start and stop time.", "time_window", "startDateTime"),
    ("hoursWorked greater than 24 hours or less than zero hours", "time_window", "hoursWorked"),
    ("The given allocation code is not an active general allocation code", "billing_code", "billingCodeID"),
    ("The given allocation code is not an active material allocation code", "billing_code", "billingCodeID"),
    ("Only one of ticketID,taskID and InternallAllocationCodeID can be used at once", "one_parent", "ticketID"),
    ("This roleID is not valid for this Task and Resource", "resource_role", "roleID"),
    ("This taskID does not reference a valid Task", "reference", "taskID"),
    ("User not authorized to change Show On Invoice values for Ticket time entries", "permission", ""),
    ("You do not have permission to delete time entries that you did not create", "not_creator", ""),
    ("You do not have permission to delete time entries that have been submitted", "submitted", ""),
    ("This entry cannot be changed: the timesheet has been approved", "approved", ""),
    ("This entry cannot be changed: the time has been posted", "posted", ""),
    (
        "No matching records found. The logged in Resource may not have the required permissions to delete the data.",
        "no_matching_records",
        "",
    ),
    ("Conversion failed when converting varchar 'material' to data type int.", "wrong_type", ""),
    ("Unexpected character encountered while parsing value: t. Path 'isActive'", "wrong_type", ""),
    ("Value cannot be null.\r\nParameter name: queryModel", "query", ""),
    ("Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions.", "query", ""),
    ("This charge has been approved and posted and can no longer be changed or deleted.", "billed", ""),
    ("You cannot delete a charge that has been billed.", "billed", ""),
    ("The cost cannot be edited because it has already been invoiced", "billed", ""),
    ("This time entry has already been posted.", "posted", ""),
    ("Expense items can be changed only while the report is In Progress or Rejected.", "report_closed", ""),
    ("An expense report can be submitted only when it is In Progress or Rejected.", "report_closed", ""),
    ("The expense report has already been submitted for approval.", "report_closed", ""),
    ("You may not add items to a report with a status of Paid.", "report_closed", ""),
    ("Cannot modify an approved expense report", "report_closed", ""),
    ("The file type exe is not allowed.", "file_type", ""),
    ("Attachments of this type are not supported", "file_type", ""),
    ("Invalid file extension: .exe", "file_type", ""),
    ("The attachment exceeds the maximum size of 6291456 bytes.", "file_too_large", ""),
    ("The file is too large.", "file_too_large", ""),
    ("Maximum request length exceeded.", "file_too_large", ""),
    (
        "Reference value on field: expenseReportID of type: ExpenseReport does not exist or is invalid",
        "reference",
        "expenseReportID",
    ),
    ("Something that nobody has written down yet", "refused", ""),
]


def answer(status: int, body: object = None, headers: dict[str, str] | None = None) -> HttpAnswer:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return HttpAnswer(status, headers or {}, raw)


def failure_of(operation: Operation, got: HttpAnswer) -> Failure:
    with pytest.raises(Failure) as failure:
        decipher(operation, got, NOW)
    return failure.value


def outcome(operation: Operation, got: HttpAnswer) -> object:
    try:
        return decipher(operation, got, NOW)
    except Failure as failure:
        return failure


@pytest.mark.parametrize(("text", "code", "field"), TEXTS)
def test_a_recorded_text_means_this_in_any_capitalisation(text, code, field):
    for spelled in (text, text.upper()):
        failure = failure_of(WRITE, answer(500, {"errors": [spelled]}))
        assert isinstance(failure, Rejected)
        assert (failure.code, failure.field.lower()) == (f"autotask_{code}", field.lower())
        assert " ".join(spelled.split()) in failure.text


@pytest.mark.parametrize(
    "texts",
    [
        ["Execution Timeout Expired."],
        ["Request timed out"],
        ["Transaction was deadlocked: deadlock victim"],
        ["An unexpected error occurred"],
        [],
        [""],
    ],
)
def test_an_unclear_text_is_transient_for_a_read_and_unknown_for_a_write(texts):
    assert type(failure_of(READ, answer(500, {"errors": texts}))) is Transient
    assert type(failure_of(WRITE, answer(500, {"errors": texts}))) is Unknown


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 302, 200])
def test_an_answer_that_is_no_json_is_transient_for_a_read_and_unknown_for_a_write(status):
    page = answer(status, b"<html>Server Error in '/' Application.</html>")
    assert type(failure_of(READ, page)) is Transient
    assert type(failure_of(WRITE, page)) is Unknown


def test_a_gateway_is_not_believed_when_it_speaks_json():
    got = answer(503, {"errors": ["Value does not exist for the required field title"]})
    assert type(failure_of(WRITE, got)) is Unknown


def test_a_clear_text_beside_an_unclear_one_decides():
    got = answer(
        500, {"errors": ["An unexpected error occurred", "title must be less than or equal to 255 characters"]}
    )
    assert failure_of(WRITE, got).code == "autotask_too_long"


def test_a_success_that_carries_errors_is_a_refusal():
    assert failure_of(WRITE, answer(200, {"itemId": 4, "errors": ["Queue ID is required"]})).code == "autotask_required"


def test_a_success_with_an_empty_list_of_errors_is_a_success():
    assert decipher(READ, answer(200, {"item": {"id": 1}, "errors": []}), NOW)["item"] == {"id": 1}


def test_the_empty_401_is_a_refusal_of_the_credentials():
    assert type(failure_of(READ, answer(401))) is Refused
    assert not proves_credentials(answer(401))
    assert proves_credentials(answer(500, {"errors": ["Queue ID is required"]}))


def test_an_unknown_api_user_is_refused():
    assert type(failure_of(READ, answer(500, {"errors": ["Zone information could not be determined"]}))) is Refused


@pytest.mark.parametrize("body", [None, {"Message": "No HTTP resource was found"}, {"errors": ["Not found"]}])
def test_a_404_means_that_nothing_is_there(body):
    assert type(failure_of(READ, answer(404, body))) is Gone


def test_a_405_is_an_operation_that_does_not_exist():
    got = answer(405, {"Message": "The requested resource does not support http method 'DELETE'."})
    assert failure_of(DELETE, got).code == "autotask_no_such_operation"


def test_a_403_is_a_missing_permission():
    assert failure_of(READ, answer(403)).code == "autotask_permission"


@pytest.mark.parametrize("status", [429, 500])
def test_the_thread_limit_passes_in_seconds_whatever_its_status(status):
    got = answer(status, {"errors": ["API thread threshold of 3 threads has been exceeded"]})
    failure = failure_of(WRITE, got)
    assert isinstance(failure, Throttled)
    assert NOW < failure.until < NOW + timedelta(minutes=1)
    assert limit_of(got) == refusals.THREADS


def test_a_coded_thread_refusal_is_recognised_too():
    assert isinstance(failure_of(READ, answer(500, {"errors": ["Itgenatr005: busy"]})), Throttled)


@pytest.mark.parametrize(
    "text",
    [
        "The API request threshold of 10000 requests per 60 minutes has been exceeded.",
        "You have exceeded the number of requests allowed per hour",
    ],
)
def test_the_hourly_limit_stops_everything_for_minutes(text):
    got = answer(500, {"errors": [text]})
    failure = failure_of(WRITE, got)
    assert isinstance(failure, Throttled)
    assert failure.until >= NOW + timedelta(minutes=5)
    assert limit_of(got) == refusals.REQUESTS


@pytest.mark.parametrize(
    "text",
    [
        "The attachment upload limit of 10000000 bytes in 5 minutes has been exceeded.",
        "Attachments are limited to 10 MB within five minutes.",
        "You have exceeded the attachment threshold",
    ],
)
@pytest.mark.parametrize("status", [429, 500])
def test_a_full_window_of_files_is_no_refusal_of_the_file(status, text):
    got = answer(status, {"errors": [text]})
    failure = failure_of(WRITE, got)
    assert isinstance(failure, Throttled)
    assert failure.until == NOW + timedelta(minutes=5)
    assert limit_of(got) == refusals.UPLOADS


def test_a_413_without_a_text_is_a_file_that_is_too_large():
    assert failure_of(WRITE, answer(413, b"<html>Request Entity Too Large</html>")).code == "autotask_file_too_large"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("40", 40), ("Sun, 01 Mar 2026 12:02:00 GMT", 120), ("Sun, 01 Mar 2026 11:00:00 GMT", 0), ("9" * 30, 86400)],
)
def test_retry_after_is_honoured_in_both_forms_and_within_bounds(header, seconds):
    failure = failure_of(READ, answer(429, None, {"retry-after": header}))
    assert failure.until == NOW + timedelta(seconds=seconds)


def test_a_delete_succeeds_with_and_without_a_body():
    assert decipher(DELETE, answer(200, {"itemId": 1}), NOW) == {"itemId": 1}
    assert decipher(DELETE, answer(204), NOW) == {}


@pytest.mark.parametrize("body", [{}, {"itemId": None}, {"itemId": "7"}, {"itemId": True}])
def test_a_create_that_does_not_say_its_id_is_unknown(body):
    with pytest.raises(Unknown):
        item_id(WRITE, decipher(WRITE, answer(200, body), NOW))


def test_a_missing_record_may_be_a_null_item():
    assert read_item(decipher(READ, answer(200, {"item": None}), NOW)) is None


@given(st.integers(200, 599), st.binary(max_size=200) | st.from_regex(rb'\{"errors":\[.{0,40}\]\}', fullmatch=True))
def test_any_answer_gives_an_object_or_a_failure(status, body):
    got = HttpAnswer(status, {}, body)
    assert isinstance(outcome(READ, got), dict | Failure)
    for write in (WRITE, DELETE):
        assert not isinstance(outcome(write, got), Transient)


@given(st.text(max_size=300))
def test_any_text_means_something(text):
    assert len(read_refusal(text).text) <= 500
