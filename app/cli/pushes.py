"""What `sync`, `baseline` and `resync` share: the work orders they are told, and what became of their pushes."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from app.cli.console import FAILED, print_text, write_table
from app.services.by_hand import Ended, Pushed

UNDONE = ("dead", "waiting", "cancelled")
"""Results with which a command has not done what it was asked to."""

WorkOrders = Annotated[
    list[int] | None, typer.Option("--work-order", help="Only this one; may be given several times.", min=1)
]
_COLUMNS = ("work_order", "part", "result", "code", "text")
_IMPORTED = ("ticket", "result", "code", "text")


def pushed_rows(pushed: Sequence[Pushed]) -> list[dict[str, Any]]:
    """`{work_order, part, result, code, text}`; `part` is `work order`, or `files` in a row of their own."""
    return [
        {
            "work_order": int(part.named),
            "part": "work order" if part is one.order else "files",
            "result": part.result,
            "code": part.code,
            "text": part.text,
        }
        for one in pushed
        for part in one.parts
    ]


def imported_rows(imported: Sequence[Ended]) -> list[dict[str, Any]]:
    """`{ticket, result, code, text}`."""
    return [{"ticket": int(one.named), "result": one.result, "code": one.code, "text": one.text} for one in imported]


def show_results(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """What became of tickets and of work orders, for people unless it was given as JSON; ends with 1 unless everything
    was done."""
    imported = [row for row in rows if "ticket" in row]
    if imported and not as_json:
        write_table(_IMPORTED, [[row[column] for column in _IMPORTED] for row in imported])
    show_pushed([row for row in rows if "ticket" not in row], as_json=as_json)
    if any(row["result"] in UNDONE for row in imported):
        raise typer.Exit(FAILED)


def show_pushed(
    rows: Sequence[Mapping[str, Any]], *, as_json: bool, findings: Sequence[Mapping[str, Any]] = ()
) -> None:
    """The rows and findings for people, unless they were given as JSON; ends with 1 unless everything was done."""
    if rows and not as_json:
        write_table(_COLUMNS, [[row[column] for column in _COLUMNS] for row in rows])
        for finding in findings:
            print_text(Text(f"{finding['severity']}: {finding['record']}: {finding['text']} {finding['mend']}"))
    if any(row["result"] in UNDONE for row in rows):
        raise typer.Exit(FAILED)
