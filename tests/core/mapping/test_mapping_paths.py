"""Path texts of every kind, and what they find in documents of either vendor."""

from typing import Any

import pytest

from app.core.mapping.paths import BadPath, Path, System, parse_path
from app.core.mapping.reading import Found, Missing, read_path

WORK_ORDER: dict[str, Any] = {
    "title": "Job",
    "description": {"html": "<p>Do it</p>", "markdown": "Do it"},
    "status": {"id": 3, "name": "Assigned"},
    "contacts": {"metadata": {"total": 2}, "results": [{"email": "a@x.test"}, {"email": "b@x.test"}]},
    "location": {"display_name": "Site 114", "company": {"name": "Acme"}},
    "schedule": {"service_window": {"mode": "between", "start": {"utc": "2026-04-02 14:00:00"}}},
    "time_logs": [{"StartDateTime": "2026-03-02 15:02:00"}],
    "pay": {"expenses": {"results": [{"amount": 50}]}},
    "custom_fields": {
        "internal": {"id": 900, "name": "Ticket", "value": "T1"},
        "results": [
            {"id": 1, "results": [{"id": 835, "value": "x"}]},
            {"id": 2, "results": [{"id": "4711", "value": ""}]},
        ],
    },
}
TICKET: dict[str, Any] = {
    "title": "T",
    "queueID": 5,
    "userDefinedFields": [{"name": "Site Code", "value": "S1"}, {"name": "a.b [c]", "value": None}],
    "company": {"companyName": "Acme", "userDefinedFields": [{"name": "Region", "value": "N"}]},
}


def path(text: str, system: System) -> Path:
    made = parse_path(text, system)
    assert isinstance(made, Path), made
    return made


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("title", "title"),
        ("  title ", "title"),
        ("workorder.title", "title"),
        ("workorder.time_logs[0].hours", "time_logs[0].hours"),
        ("workorder", "workorder"),
        ("contacts[0].email", "contacts[0].email"),
        ("contacts.[0].email", "contacts[0].email"),
        ("a[1][2].b", "a[1][2].b"),
        ("time_window.start", "schedule.service_window.start"),
        ("time_window.end.utc", "schedule.service_window.end.utc"),
        ("pay.expense.results[0].amount", "pay.expenses.results[0].amount"),
        ("pay.expenses.results[0].amount", "pay.expenses.results[0].amount"),
        ("location.name", "location.display_name"),
        ("location.company.name", "location.company.name"),
        ("status.id", "status_id"),
        ("description", "description.html"),
        ("custom_fields.4711", "custom_fields.4711"),
        ("custom_fields.internal", "custom_fields.internal.value"),
    ],
)
def test_a_field_nation_path_has_one_spelling(text: str, canonical: str) -> None:
    assert path(text, System.FIELD_NATION).text == canonical


@pytest.mark.parametrize(
    ("text", "segments", "root"),
    [
        ("Title", ("Title",), ""),
        ("Ticket:Title", ("Title",), "Ticket"),
        ("Ticket: DueDateTime", ("DueDateTime",), "Ticket"),
        ("Account.AccountName", ("Account", "AccountName"), ""),
        ("TimeEntry.[0].StartDateTime", ("TimeEntry", 0, "StartDateTime"), ""),
        ("expense.items[0].ExpenseAmount", ("expense", "items", 0, "ExpenseAmount"), ""),
        ("UserDefinedField.Site Code", ("userDefinedFields", "Site Code"), ""),
        ("UserDefinedField.v1.2 [beta]: x", ("userDefinedFields", "v1.2 [beta]: x"), ""),
        ("Ticket:UserDefinedField.Site Code", ("userDefinedFields", "Site Code"), "Ticket"),
        ("Account.UserDefinedField.Region.No", ("Account", "userDefinedFields", "Region.No"), ""),
        ("company.userdefinedfields.Region", ("company", "userDefinedFields", "Region"), ""),
    ],
)
def test_an_autotask_path_is_split_and_keeps_names_of_user_fields(text: str, segments: tuple[Any], root: str) -> None:
    made = path(text, System.AUTOTASK)
    assert (made.segments, made.root) == (segments, root)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        ".",
        "a..b",
        ".a",
        "a.",
        "a[",
        "a[x]",
        "a[-1]",
        "a]b",
        "a[0]b",
        "[0].a",
        "a[99999999]",
        "a" * 501,
        ".".join("a" * 40),
        "a. .b",
    ],
)
@pytest.mark.parametrize("system", list(System))
def test_a_text_that_is_no_path_says_why(text: str, system: System) -> None:
    made = parse_path(text, system)
    assert isinstance(made, BadPath)
    assert made.reason


def test_an_autotask_root_on_the_field_nation_side_is_refused() -> None:
    assert isinstance(parse_path("Ticket:Title", System.FIELD_NATION), BadPath)
    assert isinstance(parse_path("Ticket:", System.AUTOTASK), BadPath)
    assert isinstance(parse_path("UserDefinedField. ", System.AUTOTASK), BadPath)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("title", "Job"),
        ("workorder.title", "Job"),
        ("description", "<p>Do it</p>"),
        ("status_id", 3),
        ("status.name", "Assigned"),
        ("contacts[1].email", "b@x.test"),
        ("contacts.results[0].email", "a@x.test"),
        ("time_logs[0].StartDateTime", "2026-03-02 15:02:00"),
        ("location.name", "Site 114"),
        ("time_window.start.utc", "2026-04-02 14:00:00"),
        ("time_window.start", {"utc": "2026-04-02 14:00:00"}),
        ("pay.expense.results[0].amount", 50),
        ("pay.expenses.results[0].amount", 50),
        ("custom_fields.835", "x"),
        ("custom_fields.4711", ""),
        ("custom_fields.900", "T1"),
        ("custom_fields.internal", "T1"),
        ("custom_fields.results[0].results[0].value", "x"),
    ],
)
def test_a_work_order_is_read_at(text: str, value: object) -> None:
    assert read_path(WORK_ORDER, path(text, System.FIELD_NATION)) == Found(value)


def test_the_other_spelling_of_expenses_in_the_document_is_read_too() -> None:
    document = {"pay": {"expense": {"results": [{"amount": 9}]}}}
    assert read_path(document, path("pay.expenses.results[0].amount", System.FIELD_NATION)) == Found(9)


def test_a_plain_text_description_is_read_like_one_with_html() -> None:
    assert read_path({"description": "Do it"}, path("description", System.FIELD_NATION)) == Found("Do it")
    assert isinstance(read_path({"description": {"markdown": "x"}}, path("description", System.FIELD_NATION)), Missing)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("contacts.email", "contacts has no email"),
        ("time_logs.StartDateTime", "[0]"),
        ("time_logs[1].StartDateTime", "only 1 elements"),
        ("title.x", '"Job"'),
        ("Title", "the document has no Title"),
        ("title[0]", "not a list"),
        ("custom_fields.1", "id 1"),
    ],
)
def test_a_path_that_leads_nowhere_in_a_work_order_says_where_it_ends(text: str, words: str) -> None:
    got = read_path(WORK_ORDER, path(text, System.FIELD_NATION))
    assert isinstance(got, Missing)
    assert words in got.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Title", "T"),
        ("TITLE", "T"),
        ("Ticket:QueueID", 5),
        ("UserDefinedField.Site Code", "S1"),
        ("UserDefinedField.site code", "S1"),
        ("UserDefinedField.a.b [c]", None),
        ("company.CompanyName", "Acme"),
        ("Company.UserDefinedField.Region", "N"),
    ],
)
def test_a_ticket_is_read_whatever_the_capitals(text: str, value: object) -> None:
    assert read_path(TICKET, path(text, System.AUTOTASK)) == Found(value)


def test_a_user_field_that_the_ticket_lacks_is_missing() -> None:
    got = read_path(TICKET, path("UserDefinedField.Nope", System.AUTOTASK))
    assert got == Missing('userDefinedFields has no field named "Nope"')


def test_an_exact_user_field_beats_one_that_differs_in_capitals() -> None:
    document = {"userDefinedFields": [{"name": "site", "value": 1}, {"name": "Site", "value": 2}]}
    assert read_path(document, path("UserDefinedField.Site", System.AUTOTASK)) == Found(2)
