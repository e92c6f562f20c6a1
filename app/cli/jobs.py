"""`broker jobs ...`: the standing work; what waits, what died, and how to bring it back."""

from typing import Annotated, Any

import typer

from app.cli.console import FAILED, AsJson, fail, operate, say, write, write_json, write_rows, write_table

app = typer.Typer(help="Jobs: one for each ticket or work order that has something to do.", no_args_is_help=True)

Connection = Annotated[str, typer.Option("--connection", help="Only of this connection.")]
State = Annotated[str, typer.Option("--state", help="Only in this state: queued, running, dead.")]
Code = Annotated[str, typer.Option("--code", help="Only with this reason code.")]
JobIdOrNone = Annotated[int, typer.Argument(help="The job's id.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Every job that the filters match.")]
_LISTED = ("id", "connection", "kind", "key", "state", "attempts", "due_at", "code", "text")
_PARTS = {
    "receipts": ("named", "source", "received_at", "outcome", "code", "settled_at"),
    "runs": ("started_at", "ended_at", "outcome", "code", "text", "attempts", "version", "worker"),
}
"""The lists within a job, with the columns that tell something."""


@app.command("list")
def list_jobs(
    context: typer.Context, connection: Connection = "", state: State = "", code: Code = "", as_json: AsJson = False
) -> None:
    """List jobs that wait, run or died."""

    async def rows(desk: Any) -> Any:
        return await desk.jobs.jobs(connection=connection, state=state, code=code)

    write_rows(operate(context, rows), _LISTED, as_json=as_json, empty="No job waits, runs or is dead.")


@app.command()
def show(
    context: typer.Context, id: Annotated[int, typer.Argument(help="The job's id.")], as_json: AsJson = False
) -> None:
    """Show one job with its receipts and past runs."""

    async def row(desk: Any) -> Any:
        return await desk.jobs.job(id)

    found = operate(context, row)
    if found is None:
        fail(f"There is no job {id}.", FAILED)
    if as_json:
        write_json(found)
        return
    write_table(("key", "value"), [(name, value) for name, value in found.items() if name not in _PARTS])
    for name, columns in _PARTS.items():
        write("")
        write_rows(found[name], columns, as_json=False, empty=f"No {name}.")
    for run in found["runs"]:
        if run["trace"]:
            write(f"\nTraced by the scripts of the run of {run['started_at']:%Y-%m-%d %H:%M:%S}Z:\n{run['trace']}")


@app.command()
def retry(
    context: typer.Context,
    id: JobIdOrNone = 0,
    every: All = False,
    connection: Connection = "",
    state: State = "",
    code: Code = "",
) -> None:
    """Queue dead jobs again: one by its id, or with --all every one that the filters match."""
    _one_or_all(id, every)

    async def act(desk: Any) -> int:
        return int(await desk.jobs.retry(id=id, connection=connection, state=state, code=code))

    _said(operate(context, act), "queued again", id)


@app.command()
def cancel(
    context: typer.Context,
    id: JobIdOrNone = 0,
    every: All = False,
    connection: Connection = "",
    state: State = "",
    code: Code = "",
) -> None:
    """End queued and dead jobs; the triggers that wait for them are counted as cancelled."""
    _one_or_all(id, every)

    async def act(desk: Any) -> int:
        return int(await desk.jobs.cancel(id=id, connection=connection, state=state, code=code))

    _said(operate(context, act), "cancelled", id)


def _one_or_all(id: int, every: bool) -> None:
    if bool(id) == every:
        fail("Give one job's id, or --all with filters.", 2)


def _said(count: int, done: str, id: int) -> None:
    if id and not count:
        fail(f"Job {id} does not exist, or is in a state in which it cannot be {done}.", FAILED)
    say(f"{count} job{'' if count == 1 else 's'} {done}.")
