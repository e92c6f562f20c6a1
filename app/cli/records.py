"""`broker findings`, `ledger`, `timeline`: what happened, what was written, and a person's word on it."""

from typing import Annotated, Any

import typer

from app.cli.console import FAILED, AsJson, fail, operate, say, write_rows
from app.core.model.ledger import EntryKey

findings = typer.Typer(help="Open findings, grouped by cause.", invoke_without_command=True)
ledger = typer.Typer(help="Our record of every write.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The connection's name.")]
OfConnection = Annotated[str, typer.Option("--connection", help="Only of this connection.")]
_FINDINGS = ("id", "severity", "code", "connection", "record", "field", "text", "mend", "count", "last_seen_at")
_LEDGER = ("connection", "key", "verb", "state", "remote_id", "version", "opened_at", "note")
_TIMELINE = ("at", "what", "text")


@findings.callback()
def list_findings(
    context: typer.Context,
    connection: OfConnection = "",
    severity: Annotated[str, typer.Option("--severity", help="info, warning or error.")] = "",
    as_json: AsJson = False,
) -> None:
    """List open findings."""
    if context.invoked_subcommand:
        return

    async def rows(desk: Any) -> Any:
        return await desk.records.findings(connection=connection, severity=severity)

    write_rows(operate(context, rows), _FINDINGS, as_json=as_json, empty="There is no open finding.")


@findings.command()
def acknowledge(context: typer.Context, id: Annotated[int, typer.Argument(help="The finding's id.")]) -> None:
    """Close one finding."""

    async def act(desk: Any) -> bool:
        return bool(await desk.records.acknowledge(id, "command line"))

    if not operate(context, act):
        fail(f"There is no open finding {id}.", FAILED)
    say(f"Finding {id} is acknowledged.")


@ledger.command("list")
def list_ledger(
    context: typer.Context,
    connection: OfConnection = "",
    owner: Annotated[str, typer.Option("--owner", help="Only of this owner: ticket:12345 or work_order:70211.")] = "",
    state: Annotated[str, typer.Option("--state", help="Only in this state, such as open or quarantined.")] = "",
    as_json: AsJson = False,
) -> None:
    """List what was written."""

    async def rows(desk: Any) -> Any:
        return await desk.records.ledger(connection=connection, owner=owner, state=state)

    write_rows(operate(context, rows), _LEDGER, as_json=as_json, empty="The ledger has no such entry.")


@ledger.command()
def resolve(
    context: typer.Context,
    key: Annotated[
        str, typer.Argument(help="The entry's key as `ledger list` shows it, such as work_order:70211/time_entry/312")
    ],
    remote: Annotated[str, typer.Option("--remote", help="It was written: the id of the record.")] = "",
    none: Annotated[bool, typer.Option("--none", help="It was never written.")] = False,
    connection: OfConnection = "",
) -> None:
    """A person's word on a write that nobody could resolve."""
    if bool(remote) == none:
        fail("Give --remote ID or --none.", 2)
    parts = key.split("/", 2)
    if len(parts) != 3:
        fail(f"{key!r} is not a key; copy it from `broker ledger list`.", 2)

    async def act(desk: Any) -> str:
        found = await desk.connection_of_entry(EntryKey(*parts), connection)
        return str(await desk.resolve(found, EntryKey(*parts), remote or None)) if found else ""

    said = operate(context, act)
    if not said:
        fail(f"There is no entry {key} (name its --connection if several have one).", FAILED)
    say(said)


def timeline(
    context: typer.Context,
    name: Name,
    ticket: Annotated[int, typer.Option("--ticket", help="The ticket's id.")] = 0,
    work_order: Annotated[int, typer.Option("--work-order", help="The work order's id.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Show everything that happened to a ticket or a work order."""
    if bool(ticket) == bool(work_order):
        fail("Give --ticket or --work-order.", 2)

    async def rows(desk: Any) -> Any:
        connection = await desk.named(name)
        return await desk.records.timeline(connection.id, ticket=ticket, work_order=work_order)

    write_rows(operate(context, rows), _TIMELINE, as_json=as_json, empty="Nothing is known of it.")
