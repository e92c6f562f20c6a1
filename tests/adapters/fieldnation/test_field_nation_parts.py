"""Time logs, expenses, messages and files of a work order: by their own call, and inside the order."""

from typing import Any

import pytest

from app.adapters.fieldnation.embedded import embedded
from app.adapters.fieldnation.parts import FieldNationParts
from app.adapters.fieldnation.session import FieldNationSession
from app.core.model.failure import Failure, Gone, Rejected, Throttled, Transient
from app.core.model.ids import WorkOrderId
from app.ports.parts import PartName

ORDER = WorkOrderId(7)
COMPANY = {"metadata": {"total": 1, "pages": 1}, "results": [{"id": 7, "company": {"id": 7001}}]}
NAMES: list[PartName] = ["time_logs", "expenses", "messages", "attachments"]


@pytest.fixture
def parts(session: FieldNationSession) -> FieldNationParts:
    return FieldNationParts(session)


def row(name: PartName, number: int) -> dict[str, Any]:
    return {"msg_id": f"m{number}"} if name == "messages" else {"id": number, "results": []}


def rows_of(name: PartName, count: int) -> list[dict[str, Any]]:
    return [row(name, number) for number in range(1, count + 1)]


def collection(rows: list[Any], **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"total": len(rows), "page": 1, "pages": 1, "per_page": 25, **metadata}, "results": rows}


def paged(rows: list[Any], per_page: int, **metadata: Any) -> Any:
    """Answers with the page asked for."""

    def answer(seen: Any) -> tuple[int, Any]:
        page, pages = int(seen.query["page"]), -(-len(rows) // per_page)
        shown = rows[(page - 1) * per_page : page * per_page]
        return 200, {"metadata": {"total": len(rows), "pages": pages, **metadata}, "results": shown}

    return answer


def ids(listing: Any) -> list[Any]:
    return [row.get("msg_id", row.get("id")) for row in listing.rows]


@pytest.mark.parametrize("name", NAMES)
async def test_a_part_is_read_to_its_end(parts: FieldNationParts, vendor: Any, name: PartName) -> None:
    rows = rows_of(name, 7)
    vendor.answer = paged(rows, 3)
    listing = await parts.part(ORDER, name)
    assert ids(listing) == ids_of_rows(rows)
    assert listing.is_complete
    assert [seen.path for seen in vendor.calls] == [f"/api/rest/v2/workorders/7/{name}"] * 3


def ids_of_rows(rows: list[dict[str, Any]]) -> list[Any]:
    return [row.get("msg_id", row.get("id")) for row in rows]


@pytest.mark.parametrize("name", NAMES)
async def test_a_part_that_holds_nothing_is_complete(parts: FieldNationParts, vendor: Any, name: PartName) -> None:
    vendor.answer = lambda _: (200, collection([], per_page=0, pages=0))
    listing = await parts.part(ORDER, name)
    assert (listing.rows, listing.is_complete) == ((), True)


@pytest.mark.parametrize("name", NAMES)
async def test_a_short_list_is_one_call_even_where_pages_are_not_counted(
    parts: FieldNationParts, vendor: Any, name: PartName
) -> None:
    vendor.answer = lambda _: (200, collection(rows_of(name, 2), per_page=0, pages=0))
    assert (await parts.part(ORDER, name)).is_complete
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("metadata", [{"total": 4, "pages": 1}, {"total": 2, "pages": 1}, {}])
async def test_a_list_that_is_not_as_long_as_it_says_is_incomplete(
    parts: FieldNationParts, vendor: Any, name: PartName, metadata: Any
) -> None:
    vendor.answer = lambda _: (200, {"metadata": metadata, "results": rows_of(name, 3)})
    listing = await parts.part(ORDER, name)
    assert len(listing.rows) == 3
    assert not listing.is_complete


async def test_a_vendor_that_knows_no_pages_here_is_not_asked_for_ever(parts: FieldNationParts, vendor: Any) -> None:
    vendor.answer = lambda _: (200, {"metadata": {"total": 5, "pages": 2}, "results": rows_of("time_logs", 3)})
    listing = await parts.part(ORDER, "time_logs")
    assert (len(listing.rows), listing.is_complete) == (3, False)
    assert len(vendor.calls) == 4


async def test_a_time_log_deleted_while_pages_are_read_makes_the_list_incomplete(
    parts: FieldNationParts, vendor: Any
) -> None:
    rows = rows_of("time_logs", 7)

    def answer(seen: Any) -> tuple[int, Any]:
        reply = paged(list(rows), 3)(seen)
        if len(vendor.calls) == 1:
            del rows[0]
        return reply

    vendor.answer = answer
    listing = await parts.part(ORDER, "time_logs")
    assert set(ids(listing)) == {1, 2, 3, 4, 5, 6, 7}
    assert not listing.is_complete


async def test_ids_of_messages_stay_text_and_replies_stay_in_their_message(
    parts: FieldNationParts, vendor: Any
) -> None:
    message = {
        "msg_id": "0012345678901234567890",
        "parent_id": "0",
        "from": {"id": "88", "name": "A B"},
        "role": "FROMTECH",
        "message": "On my way",
        "created": {
            "utc": "2026-03-02 15:02:09",
            "local": {"date": "2026-03-02", "time": "09:02:09"},
            "timezone": "CT",
        },
        "replies": [{"msg_id": "13", "parent_id": "0012345678901234567890", "message": "Good", "replies": []}],
    }
    vendor.answer = lambda _: (200, collection([message]))
    listing = await parts.part(ORDER, "messages")
    assert listing.rows == ({**message, "from": {"id": 88, "name": "A B"}},)
    assert listing.is_complete


@pytest.mark.parametrize("msg_id", [None, "", True, {}])
async def test_a_message_without_an_id_cannot_be_told_from_another(
    parts: FieldNationParts, vendor: Any, msg_id: Any
) -> None:
    vendor.answer = lambda _: (200, collection([{"msg_id": msg_id, "message": "x"}]))
    with pytest.raises(Transient):
        await parts.part(ORDER, "messages")


@pytest.mark.parametrize(
    ("counts", "is_complete"), [({"metadata": {"total": 1}}, True), ({}, True), ({"metadata": {"total": 2}}, False)]
)
async def test_files_are_complete_when_every_folder_agrees(
    parts: FieldNationParts, vendor: Any, counts: Any, is_complete: bool
) -> None:
    file = {"id": 31, "folder_id": 1, "file": {"name": "a.pdf", "size_bytes": 10, "link": "https://f.example/a?s=1"}}
    folders = [{"id": 1, "name": "Documents", "results": [file], **counts}, {"id": 2, "name": "Misc", "results": []}]
    vendor.answer = lambda _: (200, collection(folders))
    listing = await parts.part(ORDER, "attachments")
    assert listing.rows == tuple(folders)
    assert listing.is_complete is is_complete
    assert (embedded({"attachments": collection(folders)}, "attachments") is not None) is is_complete


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [401, 404, 410])
async def test_a_part_of_an_order_that_is_gone_is_gone(
    parts: FieldNationParts, vendor: Any, name: PartName, status: int
) -> None:
    vendor.answer = lambda seen: (200, COMPANY) if seen.query.get("columns") == "id,company" else (status, {})
    with pytest.raises(Gone, match="7"):
        await parts.part(ORDER, name)


async def test_a_part_denied_while_the_order_is_there_is_a_missing_right(parts: FieldNationParts, vendor: Any) -> None:
    def answer(seen: Any) -> tuple[int, Any]:
        if seen.path.endswith("/expenses"):
            return 401, {"message": "No."}
        return 200, COMPANY if "list" in seen.query else {"id": 7}

    vendor.answer = answer
    with pytest.raises(Rejected) as caught:
        await parts.part(ORDER, "expenses")
    assert caught.value.code == "permission"


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        ((503, {}), Transient),
        ((200, {"results": {}}), Transient),
        ((200, []), Transient),
        ((429, {}, {"Retry-After": "5"}), Throttled),
        ((403, {"message": "No."}), Rejected),
    ],
)
async def test_trouble_on_a_later_page_is_no_shorter_list(
    parts: FieldNationParts, vendor: Any, reply: Any, failure: type[Failure]
) -> None:
    first = paged(rows_of("time_logs", 7), 3)
    vendor.answer = lambda seen: first(seen) if seen.query["page"] == "1" else reply
    with pytest.raises(failure):
        await parts.part(ORDER, "time_logs")


def order_with(name: PartName, section: Any) -> dict[str, Any]:
    return {"id": 7, "pay": {"expenses": section}} if name == "expenses" else {"id": 7, name: section}


@pytest.mark.parametrize("per_page", [0, 25])
@pytest.mark.parametrize("name", NAMES)
def test_an_embedded_list_that_is_all_of_it_is_taken(parts: FieldNationParts, name: PartName, per_page: int) -> None:
    listing = parts.embedded(order_with(name, collection(rows_of(name, 2), per_page=per_page)), name)
    assert listing is not None
    assert (listing.rows, listing.is_complete) == (tuple(rows_of(name, 2)), True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "section",
    [
        {"metadata": {"total": 3, "per_page": 25}, "results": []},
        {"metadata": {"total": 0, "per_page": 25}, "results": [{"id": 1, "msg_id": "1", "results": []}]},
        {"metadata": {"per_page": 25}, "results": []},
        {"results": []},
        {"metadata": {"total": 0}},
        {"metadata": [], "results": {}},
        {},
        [],
        None,
    ],
)
def test_an_embedded_list_that_may_not_be_all_of_it_is_not_taken(name: PartName, section: Any) -> None:
    assert embedded(order_with(name, section), name) is None
    assert embedded({"id": 7, "pay": []}, name) is None


def test_no_message_at_all_is_known_from_the_count_alone() -> None:
    listing = embedded({"messages": {"metadata": {"total": 0, "per_page": 0}, "results": []}}, "messages")
    assert listing is not None
    assert (listing.rows, listing.is_complete) == ((), True)


def test_expenses_are_found_under_either_name() -> None:
    for key in ("expenses", "expense"):
        listing = embedded({"pay": {key: collection([{"id": 1}])}}, "expenses")
        assert listing is not None
        assert listing.rows == ({"id": 1},)
