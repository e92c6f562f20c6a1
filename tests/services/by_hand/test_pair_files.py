"""What a spreadsheet saves is read as pairs, and what cannot be is said with its line."""

import pytest

from app.core.model.failure import Rejected
from app.services.pair_file import MOST_ROWS, read_pairs


@pytest.mark.parametrize(
    "text",
    [
        "ticket,work_order\n7,50\n",
        "Work Order ID;Ticket-Number\r\n50;7\r\n",
        "\ufeffticket_id , wo , remark\n 7 , #50 , x\n",
        "\n\nTICKETID,WORKORDER\n\n7,50\n",
        'ticket number,ticket id,work order\nT20260304.0007,7,"50"\n',
        "ticket_id,ticket_number,wo_id\n,7,50",
    ],
)
def test_columns_are_known_however_they_are_spelt(text: str) -> None:
    (row,) = read_pairs(text.encode(), "acme")
    assert (row.connection, row.ticket, row.work_order, row.fault) == ("acme", "7", "50", "")


def test_a_row_is_named_by_the_line_on_which_a_person_finds_it() -> None:
    rows = read_pairs(b'ticket,work_order,note\n7,50,"two\nlines"\n\n8,51,\n', "acme")
    assert [row.line for row in rows] == [3, 5]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("printer,50,", "neither a ticket id nor a number"),
        (",50,", "neither a ticket id nor a number"),
        ("7,50.0,", "'50.0' is not the id of a work order"),
        ("7", "'' is not the id of a work order"),
        ("7,50,other", "is of the connection other, not of acme"),
    ],
)
def test_a_row_that_cannot_be_says_why(line: str, fault: str) -> None:
    (row,) = read_pairs(f"ticket,work_order,connection\n{line}\n".encode(), "acme")
    assert fault in row.fault


def test_each_row_may_name_its_connection_and_one_must() -> None:
    first, second = read_pairs(b"connection,ticket,wo\nacme,7,50\n,8,51\n", "")
    assert (first.connection, first.fault) == ("acme", "")
    assert "names no connection" in second.fault


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it says: nothing"),
        (b"7,50\n", "no column for the ticket and the work order"),
        (b"ticket,order\n7,50\n", "no column for the work order"),
        (b"ticket,work_order\n\xe9,50\n", "not UTF-8"),
        (b"ticket,wo\n7," + b"5" * 200_000, "Line 2 cannot be read"),
        (b"ticket,wo\n" + b"7,50\n" * (MOST_ROWS + 1), "more than 20,000 rows"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        read_pairs(data, "acme")
