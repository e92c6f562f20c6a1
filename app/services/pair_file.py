"""Pair files: what another connector's pairs are brought in with, as a spreadsheet saves it."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from app.core.intake.naming import read_id, read_value
from app.core.model.failure import Rejected

MOST_ROWS = 20_000

_COLUMNS = {
    "ticket": ("ticketid", "ticket", "ticketnumber"),
    "work order": ("workorderid", "workorder", "woid", "wo"),
    "connection": ("connection",),
}
"""The names that a column may have, in order: the first that is filled counts. Case, spaces, dashes and underscores do
not."""


@dataclass(frozen=True, slots=True)
class PairRow:
    """One line of the file. `fault` says what is wrong with it and what to change, or is empty."""

    line: int
    connection: str
    ticket: str
    work_order: str
    fault: str = ""


def read_pairs(data: bytes, connection: str) -> list[PairRow]:
    """The rows in order. `connection` is that of every row that names none.

    Raises `Rejected` for a file that is no such table: not UTF-8, without the columns, or with too many rows.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("It is not UTF-8. Save it as 'CSV UTF-8'.") from error
    lines = _lines(text)
    places = _places(next(lines, (0, []))[1])
    rows: list[PairRow] = []
    for line, cells in lines:
        if len(rows) == MOST_ROWS:
            raise _refused(f"It has more than {MOST_ROWS:,} rows. Split it.")
        found = {name: _cell(cells, columns) for name, columns in places.items()}
        rows.append(_row(line, found, connection))
    return rows


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold something, each with its number."""
    first = text.lstrip().split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise _refused(f"Line {reader.line_num} cannot be read: {error}.") from error


def _places(header: Sequence[str]) -> dict[str, list[int]]:
    names = [name.lower().translate({ord(sign): None for sign in " -_#"}) for name in header]
    places = {role: [names.index(name) for name in known if name in names] for role, known in _COLUMNS.items()}
    missing = [role for role in ("ticket", "work order") if not places[role]]
    if missing:
        said = ", ".join(header) or "nothing"
        raise _refused(f"Its first line has no column for the {' and the '.join(missing)}; it says: {said}. Name the "
                       "columns ticket and work_order.")  # fmt: skip
    return places


def _cell(cells: Sequence[str], columns: Sequence[int]) -> str:
    return next((cells[column] for column in columns if column < len(cells) and cells[column]), "")


def _row(line: int, found: dict[str, str], connection: str) -> PairRow:
    ticket, order = found["ticket"], found["work order"].removeprefix("#")
    named = found["connection"]
    fault = ""
    if not (named or connection):
        fault = "It names no connection. Add a column connection, or name it before the file."
    elif named and connection and named != connection:
        fault = (
            f"It is of the connection {named}, not of {connection}. Leave it out, or import the file without a name."
        )
    elif read_value(ticket).kind is None:
        fault = f"{ticket!r} is neither a ticket id nor a number such as T20261101.0001."
    elif read_id(order) is None:
        fault = f"{order!r} is not the id of a work order. Write it in digits."
    return PairRow(line, named or connection, ticket, order, fault)


def _refused(text: str) -> Rejected:
    return Rejected("not_a_pair_file", f"The file was not imported. {text}")
