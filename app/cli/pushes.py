"""What `sync`, `baseline` and `resync` share: the work orders they are told, and what became of their pushes."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from app.cli.console import FAILED, print_text, write_table
from app.services.by_hand import Pushed

UNDONE = ("dead", "waiting", "cancelled")
"""Results with which a command has not done what it was asked to."""

WorkOrders = Annotated[
    list[int] | None, typer.Option("--work-order", help="Only this one; may be given several times.", min=1)
]
_COLUMNS = ("work_order", "part", "result", "code", "text")


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
