"""`broker link ...`: pairs made by hand or brought from another connector."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.console import FAILED, AsJson, fail, operate, say, write_json, write_rows, write_table
from app.core.model.failure import Rejected
from app.services.pair_file import PairRow, read_pairs
from app.services.pair_import import PairResult

app = typer.Typer(help="Pairs of a ticket and a work order.", no_args_is_help=True)

OfConnection = Annotated[str, typer.Option("--connection", help="Only of this connection.")]
Name = Annotated[str, typer.Argument(help="The connection's name.")]
_LISTED = ("connection", "ticket_id", "ticket_number", "work_order_id", "is_active", "origin", "created_at")
_FAILED = ("line", "ticket", "work_order", "text")


@app.command("list")
def list_links(context: typer.Context, connection: OfConnection = "", as_json: AsJson = False) -> None:
    """List pairs, active ones first."""

    async def rows(desk: Any) -> Any:
        return await desk.records.links(connection=connection)

    write_rows(operate(context, rows), _LISTED, as_json=as_json, empty="There is no pair.")


@app.command()
def add(
    context: typer.Context,
    name: Name,
    ticket: Annotated[str, typer.Argument(help="The ticket's id or number.")],
    work_order: Annotated[int, typer.Argument(help="The work order's id.")],
) -> None:
    """Make a pair by hand; both sides are read first."""

    async def act(desk: Any) -> str:
        return str(await desk.join(await desk.named(name), ticket, work_order))

    say(operate(context, act))


@app.command()
def remove(context: typer.Context, name: Name, ticket: Annotated[int, typer.Argument(help="The ticket's id.")]) -> None:
    """Take a pair apart; nothing is written to either side."""

    async def act(desk: Any) -> bool:
        connection = await desk.named(name)
        return bool(await desk.links.remove(connection.id, ticket))

    if not operate(context, act):
        fail(f"Ticket {ticket} is in no active pair of {name}.", FAILED)
    say(f"Ticket {ticket} is in no pair any more.")


@app.command("import")
def import_file(
    context: typer.Context,
    named: Annotated[
        list[str],
        typer.Argument(metavar="[NAME] FILE", help="The file, after the connection unless it has that column."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and compare both sides, join nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the pairs of a CSV file with the columns ticket (an id or number) and work_order; both sides are read first.

    Lines that cannot be joined are listed with what to change, and the others are joined.
    """
    if len(named) > 2:
        fail("Give one file, after the connection's name.", 2)
    rows = _rows(Path(named[-1]), named[0] if len(named) == 2 else "")

    async def act(desk: Any) -> list[PairResult]:
        results: list[PairResult] = await desk.join_all(rows, dry_run=dry_run)
        return results

    results = operate(context, act)
    shown = [_shown(result) for result in results]
    failed = [row for row in shown if row["state"] == "failed"]
    if as_json:
        write_json(shown)
    elif failed:
        write_table(_FAILED, [[row[column] for column in _FAILED] for row in failed])
    _say_counts([result.state for result in results])
    if failed:
        raise typer.Exit(FAILED)


def _rows(path: Path, connection: str) -> list[PairRow]:
    try:
        return read_pairs(path.read_bytes(), connection)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}.", FAILED)
    except Rejected as failure:
        fail(failure.text, FAILED)


def _shown(result: PairResult) -> dict[str, Any]:
    row = result.row
    return {
        "line": row.line,
        "connection": row.connection,
        "ticket": row.ticket,
        "ticket_id": result.ticket_id,
        "work_order": row.work_order,
        "state": result.state,
        "text": result.text,
    }


def _say_counts(states: list[str]) -> None:
    words = {"linked": "joined", "ready": "to be joined", "already": "joined already", "failed": "failed"}
    counts = [f"{states.count(state)} {word}" for state, word in words.items() if state in states]
    say(f"{', '.join(counts) or 'The file has no pairs'}.")
