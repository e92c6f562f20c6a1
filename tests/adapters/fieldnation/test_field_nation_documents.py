"""Field Nation's dates, ids and collections in one spelling."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.fieldnation.documents import (
    count_of,
    id_of,
    read_date,
    rows_of,
    tidy,
    tidy_document,
    write_date,
    write_local_date,
)

AT = datetime(2026, 3, 8, 14, 30, tzinfo=UTC)
ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "utc", "local", "date", "time", "results", "metadata"]), inner),
    ),
)


@pytest.mark.parametrize(
    "utc",
    [
        "2026-03-08 14:30:00",
        "2026-03-08 14:30:00.000000",
        "2026-03-08 14:30:00.123456",
        "2026-03-08T14:30:00Z",
        "2026-03-08T14:30:00.000Z",
        "2026-03-08T09:30:00-05:00",
        "2026-03-08 14:30",
    ],
)
def test_an_instant_is_read_in_every_spelling(utc: str) -> None:
    assert read_date({"utc": utc, "local": {"date": "", "time": ""}}) == AT
    assert read_date(utc) == AT
    assert tidy({"utc": utc}) == {"utc": "2026-03-08 14:30:00"}


@pytest.mark.parametrize("time", ["09:30:00", "09:30"])
def test_a_local_time_alone_is_read_in_the_zone_of_the_site(time: str) -> None:
    # The day on which clocks change in Chicago: at half past nine they already have.
    local = {"utc": "", "local": {"date": "2026-03-08", "time": time}}
    assert read_date(local, "America/Chicago") == AT
    assert read_date(local) is None
    assert read_date(local, "No/Where") is None


@pytest.mark.parametrize(
    "missing",
    [
        {"utc": "", "local": {"date": "", "time": ""}},
        {"utc": ""},
        {"utc": None, "local": None},
        {},
        [],
        None,
        "",
        "soon",
    ],
)
def test_a_missing_date_is_none(missing: Any) -> None:
    assert read_date(missing, "America/Chicago") is None


def test_empty_strings_become_an_empty_object_and_the_rest_of_it_stays() -> None:
    empty = {"utc": "", "local": {"date": "", "time": ""}}
    assert tidy({"end": empty, "completed": {**empty, "by": {"id": "983"}}}) == {
        "end": {},
        "completed": {"by": {"id": 983}},
    }


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC)))
def test_a_written_date_reads_back(at: datetime) -> None:
    assert read_date(write_date(at)) == at


def test_a_written_local_date_has_no_utc_and_reads_back() -> None:
    written = write_local_date(AT, "America/Chicago")
    assert written == {"local": {"date": "2026-03-08", "time": "09:30:00"}}
    assert read_date(written, "America/Chicago") == AT


def test_ids_become_integers_and_texts_that_only_look_like_ids_stay() -> None:
    order = {
        "id": "70211",
        "work_order_id": "70211",
        "incident_id": "0042",
        "tasks": [{"group": {"id": "prep"}, "by": {"id": "983"}}],
        "contacts": {"results": [{"id": "-2"}]},
        "custom_fields": {"results": [{"results": [{"id": "4711", "value": "17"}]}]},
        "some_new_key": {"x": "1"},
    }
    assert tidy_document(order) == {
        "id": 70211,
        "work_order_id": 70211,
        "incident_id": "0042",
        "tasks": [{"group": {"id": "prep"}, "by": {"id": 983}}],
        "contacts": {"results": [{"id": -2}]},
        "custom_fields": {"results": [{"results": [{"id": 4711, "value": "17"}]}]},
        "some_new_key": {"x": "1"},
    }


@pytest.mark.parametrize(
    "fact",
    [
        {
            "id": 312,
            "hours": Decimal("1.9167"),
            "status": "checked_out",
            "time_zone": {"id": 6, "name": "America/Chicago"},
            "in": {
                "created": {"utc": "2026-03-02 15:02:00", "local": {"date": "2026-03-02", "time": "09:02:00"}},
                "coords": {"latitude": Decimal("44.9"), "longitude": Decimal("-93.2")},
                "actions": [],
            },
            "out": {"created": {"local": {"date": "2026-03-02", "time": "10:57:00"}}},
            "logged_by": {"id": 88, "first_name": "A", "last_name": ""},
        },
        {
            "msg_id": "0042",
            "parent_id": "17",
            "message": "",
            "created": {"utc": "2026-03-02 15:02:09", "local": {"date": "2026-03-02", "time": ""}, "timezone": "CT"},
            "replies": [{"msg_id": "43", "replies": []}],
        },
        {
            "id": 5,
            "folder_id": 1,
            "upload_unique_id": "0077",
            "file": {"id": "0077", "name": "12", "size_bytes": 0, "link": "https://f.example/a?id=1&s=%2B"},
            "expense": {},
            "show_before_assignment": False,
        },
    ],
)
def test_a_time_log_a_message_and_a_file_lose_nothing(fact: Any) -> None:
    assert tidy(fact) == fact


@given(ANY)
def test_any_json_can_be_tidied_and_once_is_enough(value: Any) -> None:
    assert tidy(tidy(value)) == tidy(value)
    read_date(value, "America/Chicago")


def test_a_collection_gives_its_rows_and_counts() -> None:
    collection = {"metadata": {"total": "2", "pages": 1}, "results": [{"id": 1}, "?"]}
    assert rows_of(collection) == [{"id": 1}]
    assert (count_of(collection, "total"), count_of(collection, "pages"), count_of(collection, "page")) == (2, 1, None)
    assert rows_of({"results": {}}) is None
    assert count_of({"metadata": []}, "total") is None


@pytest.mark.parametrize(("order", "id_"), [({"id": 5}, 5), ({"work_order_id": "6"}, 6), ({"id": True}, 0), ({}, 0)])
def test_an_order_without_an_id_has_the_id_zero(order: Any, id_: int) -> None:
    assert id_of(order) == id_
