"""Status: an array map whose entries are ids or labels on both sides, over every kind of input and path."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest

from tests.core.mapping.grid import inbound_ways, outbound_ways
from tests.core.mapping.grid.grid_kit import (
    ALONE,
    MISSING,
    NO_MATCH,
    TAKEN,
    UNUSED,
    Row,
    Way,
    array_map,
    expected,
    held,
    named,
    whole,
)

IN_ENTRIES: Final = (("Dispatch to Field", "Published"), ("Complete", "Work Done"), ("New", None))
IN_WAYS: Final = tuple(
    Way(source, source, lambda value: held("status", value, id=4711), "status")
    for source in ("Status", "Ticket:Status", "status")
)
DRAFT: Final = 1
"""What the default `Draft` is at Field Nation."""

IN = whole(
    Row("missing", ALONE, MISSING, TAKEN, "a ticket always has a status; without it something is wrong"),
    Row("null", ALONE, "", TAKEN, "no status asks for none"),
    Row("empty text", ALONE, "", TAKEN, "as null"),
    Row("empty list", ALONE, "", TAKEN, "as null"),
    Row("empty object", ALONE, "", TAKEN, "as null"),
    Row("empty date", ALONE, "", TAKEN, "as null"),
    Row("blank text", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("text", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("number", ALONE, NO_MATCH, TAKEN, "a status without an entry: no status moves because one was not mapped"),
    Row("fraction", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("zero", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("number as text", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("number in blanks", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("true", ALONE, NO_MATCH, TAKEN, "true is not the id 1, which is New"),
    Row("false", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("date", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("object", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("list", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("list of objects", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("unicode", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("wide digit", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("very long", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("very long number", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("huge number", ALONE, NO_MATCH, TAKEN, "no status of the ticket"),
    Row("its id", 2, "", UNUSED, "the entry was written with the label, the ticket holds the id", 8),
    Row("its id, exact", 2, "", UNUSED, "numbers are equal when their values are", Decimal("8.0")),
    Row("another id", 4, "", UNUSED, "the entry of that status", 5),
    Row("its id as text", ALONE, NO_MATCH, TAKEN, "Autotask sends numbers; a text is not one of them", "8"),
    Row("its label", ALONE, NO_MATCH, TAKEN, "a ticket holds ids, so this is no status", "Dispatch to Field"),
    Row(
        "entry for nothing", ALONE, "", UNUSED, "its author wants this status to move nothing, whatever the default", 1
    ),
    Row("inactive", ALONE, NO_MATCH, TAKEN, "an old ticket may have it; it has no entry", 9),
)

OUT_ENTRIES: Final = (("Work Done", "Complete"), ("Approved", 8), ("cancelled", None))
OUT_WAYS: Final = tuple(
    Way(name, source, place, "status_id", "Ticket:Status", missing_is_empty=True)
    for source in ("status", "workorder.status", "status.name", "status_id", "status.id")
    for name, place in (
        (f"{source} of a name", lambda value: outbound_ways.order(status=held("name", value))),
        (f"{source} of an id", lambda value: outbound_ways.order(status=held("id", value))),
        (f"{source} of an old id", lambda value: outbound_ways.order(**held("status_id", value))),
    )
)
NEW: Final = 1
"""What the default `New` is in the ticket's picklist."""

OUT = whole(
    Row("missing", ALONE, "", TAKEN, "our document has the name whatever the vendor sends, so this is as null"),
    Row("null", ALONE, "", TAKEN, "no status asks for none"),
    Row("empty text", ALONE, "", TAKEN, "as null"),
    Row("empty list", ALONE, "", TAKEN, "as null"),
    Row("empty object", ALONE, "", TAKEN, "as null"),
    Row("empty date", ALONE, "", TAKEN, "as null"),
    Row("blank text", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("text", ALONE, NO_MATCH, TAKEN, "a status that the vendor has invented since: told, and the ticket stays"),
    Row("number", ALONE, "", UNUSED, "7 is Cancelled, whose entry asks for nothing"),
    Row("fraction", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("zero", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("number as text", ALONE, "", UNUSED, "some ids come as text; it is Cancelled, whose entry asks for nothing"),
    Row("number in blanks", ALONE, "", UNUSED, "as without them"),
    Row("true", ALONE, NO_MATCH, TAKEN, "true is not the id 1"),
    Row("false", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("date", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("object", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("list", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("list of objects", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("unicode", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("wide digit", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("very long", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("very long number", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("huge number", ALONE, NO_MATCH, TAKEN, "no status of a work order"),
    Row("its name", 5, "", UNUSED, "Complete is 5 in this ticket's picklist", "Work Done"),
    Row(
        "its name, otherwise written",
        5,
        "",
        UNUSED,
        "capitals and spacing vary between the vendor's pages",
        "work_done",
    ),
    Row("its id", 5, "", UNUSED, "4 is Work Done", 4),
    Row("its id as text", 5, "", UNUSED, "some ids come as text", "4"),
    Row("an entry with an id", 8, "", UNUSED, "Approved leads to the id that its author wrote", "Approved"),
    Row(
        "entry for nothing",
        ALONE,
        "",
        UNUSED,
        "its author wants this to move nothing, whatever the default",
        "Canceled",
    ),
    Row("without an entry", ALONE, NO_MATCH, TAKEN, "no ticket moves because a status was not mapped", "Routed"),
    Row("unknown id", ALONE, NO_MATCH, TAKEN, "the vendor has more statuses than its pages list", 12),
)


def _status(*entries: tuple[Any, Any]) -> Any:
    return lambda source: {**array_map(*entries)(source), "action": "status"}


ACTIONS: Final = pytest.mark.parametrize("kind", [_status, array_map], ids=["status", "array map on a status"])


@ACTIONS
@pytest.mark.parametrize("default", [None, "Draft"])
@pytest.mark.parametrize(**named(IN))
def test_a_tickets_status_leads_to_one_of_the_work_order(row: Row, default: Any, kind: Any) -> None:
    entries = tuple(
        (compare if kind is _status else {"New": 1, "Complete": 5}.get(compare, 8), value)
        for compare, value in IN_ENTRIES
    )
    promised = expected(row, IN_WAYS, default and DRAFT, IN)
    for target in ("status_id", "status", "workorder.status_id"):
        ways = [replace(way, target=target) for way in IN_WAYS]
        assert inbound_ways.seen(kind(*entries), row.input, default, ways, "status_id") == promised, row.because


@ACTIONS
@pytest.mark.parametrize("default", [None, "New"])
@pytest.mark.parametrize(**named(OUT))
def test_a_work_orders_status_leads_to_one_of_the_ticket(row: Row, default: Any, kind: Any) -> None:
    promised = expected(row, OUT_WAYS, default and NEW, OUT)
    assert outbound_ways.seen(kind(*OUT_ENTRIES), row.input, default, OUT_WAYS) == promised, row.because
