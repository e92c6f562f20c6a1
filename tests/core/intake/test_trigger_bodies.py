"""What each form of body names."""

import json

import pytest

from app.core.intake.trigger import BadTrigger, Trigger, read_trigger
from app.core.model.job import JobKind

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
XML = "text/xml"
TEXT = "text/plain"


def keys(content_type: str, body: str | bytes, query: tuple[tuple[str, str], ...] = ()) -> list[str]:
    raw = body.encode() if isinstance(body, str) else body
    read = read_trigger(content_type, raw, query)
    assert isinstance(read, Trigger), read
    return [wanted.key for wanted in read.wanted]


def refusal(content_type: str, body: str | bytes, query: tuple[tuple[str, str], ...] = ()) -> BadTrigger:
    raw = body.encode() if isinstance(body, str) else body
    read = read_trigger(content_type, raw, query)
    assert isinstance(read, BadTrigger), read
    return read


@pytest.mark.parametrize("key", ["id", "Id", "ID", "ticketid", "TicketID", "ticket_id", "EntityId", "number"])
@pytest.mark.parametrize("template", ['{"%s": 12345}', '{"a": {"b": [{"%s": "12345"}]}}', '[{"%s": ["12345"]}]'])
def test_json_names_a_ticket_under_every_known_key_at_any_depth(key: str, template: str) -> None:
    assert keys(JSON, template % key) == ["12345"]


@pytest.mark.parametrize("key", ["ticketnumber", "ticketNumber", "TICKETNO", "number", "id"])
def test_a_ticket_number_is_read_under_every_known_key(key: str) -> None:
    read = read_trigger(JSON, json.dumps({key: "t20260527.0006"}).encode(), ())
    assert isinstance(read, Trigger)
    assert read.wanted[0].kind is JobKind.RESOLVE_NUMBER
    assert (read.wanted[0].key, read.wanted[0].named) == ("T20260527.0006", "t20260527.0006")


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (JSON, "12345", ["12345"]),
        (JSON, '"T20260527.0006.001"', ["T20260527.0006.001"]),
        (JSON, '[1, "2", "T20260527.0006", {"id": 4}]', ["1", "2", "T20260527.0006", "4"]),
        (JSON, '{"ids": [3, 1, 2]}', ["3", "1", "2"]),
        (JSON, '{"tickets": [{"id": 5}, {"ticketNumber": "T20260527.0006"}]}', ["5", "T20260527.0006"]),
        (FORM, "id=7&title=x%20y", ["7"]),
        (FORM, "id=7&id=8", ["7", "8"]),
        (FORM, "TicketNumber=T20260527.0006", ["T20260527.0006"]),
        (XML, "<Ticket><Id>9</Id></Ticket>", ["9"]),
        (XML, '<?xml version="1.0"?><callout><ticket id="9" name="x">text</ticket></callout>', ["9"]),
        (XML, '<a:r xmlns:a="urn:x"><a:TicketID a:type="int">9</a:TicketID></a:r>', ["9"]),
        (XML, "<r><id>1</id><id>2</id></r>", ["1", "2"]),
        (XML, "<id>31</id>", ["31"]),
        (TEXT, "12345", ["12345"]),
        (TEXT, " 1, 2\n3;T20260527.0006\r\n", ["1", "2", "3", "T20260527.0006"]),
        (TEXT, '{"id": 1}', ["1"]),
        (TEXT, "<r id='1'/>", ["1"]),
        (TEXT, "ticketid=1\nsubject=Printer", ["1"]),
    ],
)
def test_every_form_of_body_is_read(content_type: str, body: str, expected: list[str]) -> None:
    assert keys(content_type, body) == expected


@pytest.mark.parametrize("content_type", ["", JSON, FORM, XML, TEXT, "garbage;;", "image/png"])
@pytest.mark.parametrize("body", ["12345", '{"id": 12345}', "id=12345", "<t><id>12345</id></t>"])
def test_a_content_type_that_is_missing_or_untrue_does_no_harm(content_type: str, body: str) -> None:
    assert keys(content_type, body) == ["12345"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
@pytest.mark.parametrize(
    "body",
    [
        '{"title": "Zürich", "id": 5}',
        "title=Zürich&id=5",
        '<?xml version="1.0" encoding="utf-16"?><t name="Zürich"><id>5</id></t>',
    ],
)
def test_every_encoding_in_use_is_understood(encoding: str, body: str) -> None:
    assert keys("", body.encode(encoding)) == ["5"]


def test_query_parameters_name_tickets_too_and_the_token_is_none() -> None:
    assert keys("", b"", (("client_token", "77"), ("ID", "5"))) == ["5"]
    assert keys(JSON, b'{"id": 1}', (("id", "2"), ("id", "1"))) == ["1", "2"]


def test_duplicates_are_folded_and_the_order_is_kept() -> None:
    assert keys(JSON, '[3, "003", 1, 3, "t20260527.1", "T20260527.1"]') == ["3", "1", "T20260527.1"]


def test_an_id_wins_over_a_number_beside_it() -> None:
    assert keys(JSON, '{"ticketNumber": "T20260527.0006", "id": 5}') == ["5"]
    assert keys(FORM, "number=T20260527.0006&ticketid=5&id=6") == ["5"]
    assert keys(XML, "<t><TicketNumber>T20260527.0006</TicketNumber><Id>5</Id></t>") == ["5"]
    assert keys(JSON, '{"ticketId": 5, "ticket": {"number": "T20260527.0006"}}') == ["5"]
    assert keys(JSON, '[{"id": 5, "number": "T20260527.0006"}, {"number": "T20260527.0007"}]') == [
        "5",
        "T20260527.0007",
    ]
    assert keys("", "", (("id", "5"), ("ticketnumber", "T20260527.0006"))) == ["5"]


def test_an_absent_value_beside_a_number_is_as_good_as_none() -> None:
    assert keys(JSON, '{"id": null, "ticketNumber": "T20260527.0006"}') == ["T20260527.0006"]
    assert keys(JSON, '{"id": "", "ticketNumber": "T20260527.0006"}') == ["T20260527.0006"]
    assert keys(JSON, '{"id": 0, "ticketNumber": "T20260527.0006"}') == ["T20260527.0006"]


@pytest.mark.parametrize(
    "body",
    [
        '{"id": 5, "company": {"id": 77}}',
        '{"id": "evt-123", "ticket": {"id": 5}, "user": {"id": 9}}',
        '{"id": 17, "data": {"ticketId": 5}}',
        '{"company": {"id": 77}, "ticket": {"id": 5}}',
    ],
)
def test_ids_of_other_things_around_a_ticket_are_passed_over(body: str) -> None:
    assert keys(JSON, body) == ["5"]


def test_what_is_not_called_a_ticket_is_not_taken_in_place_of_an_unusable_id() -> None:
    assert "'abc'" in refusal(JSON, '{"id": "abc", "company": {"id": 77}}').detail


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "-1",
        "+1",
        "1.5",
        "1e3",
        "9223372036854775808",
        "0x10",
        "١٢",
        "T2026.1",
        "T20260527",
        "Tx",
        "true",
        "9" * 5000,
    ],
)
def test_a_value_that_is_no_ticket_is_named_in_the_refusal(value: str) -> None:
    bad = refusal(FORM, f"id={value}".replace("+", "%2B"))
    assert (bad.status, bad.code) == (400, "bad_id")
    assert value[:80] in bad.detail
    assert len(bad.detail) < 300
    assert "Send an id" in bad.detail


def test_the_largest_id_is_taken() -> None:
    assert keys(TEXT, "0009223372036854775807") == ["9223372036854775807"]


def test_one_bad_value_refuses_the_whole_list() -> None:
    assert "'abc'" in refusal(JSON, '[{"id": 1}, {"id": "abc"}]').detail
    assert "'abc'" in refusal(TEXT, "1 2 abc").detail
    assert refusal(JSON, "[1, null]").code == "bad_id"


@pytest.mark.parametrize("body", ["", "   ", "{}", "[]", '{"title": "Printer"}', "title=Printer", "<t/>", '""'])
def test_a_body_that_names_nothing_says_what_to_send(body: str) -> None:
    bad = refusal("", body)
    assert (bad.status, bad.code) == (400, "no_id")
    assert "12345" in bad.detail


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        (JSON, '{"id": 5', "malformed_json"),
        (JSON, '{"id": 5,}', "malformed_json"),
        (XML, "<t><id>5</t>", "malformed_xml"),
        (XML, "<t>&nope;</t>", "malformed_xml"),
        (XML, '<!DOCTYPE t [<!ENTITY a "5">]><t><id>&a;</id></t>', "xml_dtd"),
        (XML, '<!DOCTYPE t SYSTEM "http://example.invalid/x"><t><id>5</id></t>', "xml_dtd"),
        (JSON, '{"a":' * 65 + "1" + "}" * 65, "too_deep"),
        (JSON, "[" * 60000, "too_deep"),
        (XML, "<a>" * 65 + "</a>" * 65, "too_deep"),
        (XML, "<a>" * 9000 + "</a>" * 9000, "too_deep"),
        (
            "multipart/form-data; boundary=x",
            '--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n5',
            "malformed_body",
        ),
    ],
)
def test_a_body_that_is_not_what_it_looks_like_is_refused_by_name(content_type: str, body: str, code: str) -> None:
    bad = refusal(content_type, body)
    assert (bad.status, bad.code) == (400, code)
    assert len(bad.detail) < 400


def test_sixty_four_levels_are_still_read() -> None:
    assert keys(JSON, '{"a":' * 63 + '{"id":5}' + "}" * 63) == ["5"]
    assert keys(XML, "<a>" * 63 + "<id>5</id>" + "</a>" * 63) == ["5"]


def test_brackets_inside_a_text_are_no_depth() -> None:
    assert keys(JSON, json.dumps({"title": '[{"\\' * 100, "id": 5})) == ["5"]


def test_five_hundred_ids_are_taken_and_one_more_is_not() -> None:
    assert len(keys(JSON, json.dumps(list(range(1, 501))))) == 500
    bad = refusal(JSON, json.dumps(list(range(1, 502))))
    assert (bad.status, bad.code) == (422, "too_many_ids")
    assert "501" in bad.detail


def test_a_token_never_stands_in_a_refusal() -> None:
    token = "s3cret"
    assert token not in refusal(TEXT, f"{token}-in-the-body", (("client_token", token),)).detail
    pasted = "brk1_" + "aB3" * 14
    assert pasted[8:] not in refusal(TEXT, pasted).detail
