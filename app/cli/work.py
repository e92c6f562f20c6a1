"""`broker import`, `sync`, `baseline`, `sweep`, `query`: a person's own trigger or look, now."""

import json
from typing import Annotated, Any

import typer

from app.cli.console import FAILED, AsJson, fail, operate, say, write, write_json, write_rows, write_table
from app.cli.pushes import UNDONE, WorkOrders, pushed_rows, show_pushed
from app.core.model.job import Option

Name = Annotated[str, typer.Argument(help="The connection's name.")]


def import_tickets(
    context: typer.Context,
    name: Name,
    tickets: Annotated[list[str], typer.Argument(help="Ticket ids or numbers.")],
    new: Annotated[bool, typer.Option("--new", help="A new work order where the old one is cancelled.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import tickets now; waits and shows what became of each."""

    async def act(desk: Any) -> Any:
        connection = await desk.named(name)
        async with desk.helped():
            accepted = await desk.by_hand.tickets(connection, tickets, new=new)
            return await desk.by_hand.wait(connection, accepted)

    ended = operate(context, act)
    rows = [{"ticket": one.named, "result": one.result, "code": one.code, "text": one.text} for one in ended]
    write_rows(rows, ("ticket", "result", "code", "text"), as_json=as_json, empty="")
    if any(one.result in UNDONE for one in ended):
        raise typer.Exit(FAILED)


def sync(
    context: typer.Context,
    name: Name,
    work_orders: Annotated[list[int], typer.Argument(help="Work order ids.", min=1)],
    delete: Annotated[bool, typer.Option("--delete", help="Remove what is gone, however much that is.")] = False,
    as_json: AsJson = False,
) -> None:
    """Push work orders to their tickets now; waits and shows what became of each.

    What Autotask refused or had locked before is tried again.
    """
    options = (Option.RETRY, Option.DELETE) if delete else (Option.RETRY,)

    async def act(desk: Any) -> Any:
        connection = await desk.named(name)
        async with desk.helped():
            return await desk.by_hand.push(connection, work_orders, *options)

    rows = pushed_rows(operate(context, act))
    if as_json:
        write_json(rows)
    show_pushed(rows, as_json=as_json)


def baseline(
    context: typer.Context,
    name: Name,
    work_orders: WorkOrders = None,
    as_json: AsJson = False,
) -> None:
    """Count what stands in Field Nation today as sent, for one work order or every pair; writes nothing.

    Records that stand in Autotask already are taken over; what could not be matched is said.
    """

    async def act(desk: Any) -> Any:
        connection = await desk.named(name)
        orders = await desk.paired(connection, work_orders or ())
        async with desk.helped():
            pushed = await desk.by_hand.push(connection, orders, Option.BASELINE)
        return pushed, await desk.findings_about(connection, orders)

    pushed, findings = operate(context, act)
    rows = pushed_rows(pushed)
    if as_json:
        write_json({"results": rows, "findings": list(findings)})
    elif not rows:
        say(f"{name} has no pair.")
    show_pushed(rows, as_json=as_json, findings=findings)


def sweep(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Look now for what no event announced; waits and shows the result."""

    async def act(desk: Any) -> Any:
        connection = await desk.named(name)
        async with desk.helped():
            return await desk.by_hand.sweep(connection)

    ended = operate(context, act)
    row = {"result": ended.result, "code": ended.code, "text": ended.text}
    write_rows([row], tuple(row), as_json=as_json, empty="")
    if ended.result in UNDONE:
        raise typer.Exit(FAILED)


def query(
    context: typer.Context,
    name: Name,
    entity: Annotated[str, typer.Argument(help="An Autotask entity: Tickets, Companies, Contacts ...")],
    filter: Annotated[str, typer.Argument(help='A filter as JSON, such as [{"op":"eq","field":"id","value":1}].')] = "",
    fields: Annotated[str, typer.Option("--fields", help="Only these fields, comma separated.")] = "",
    limit: Annotated[int, typer.Option("--limit", help="At most this many records.", min=1)] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Read records of any Autotask entity, page after page."""
    conditions = _conditions(filter)
    wanted = [field.strip() for field in fields.split(",") if field.strip()]

    async def act(desk: Any) -> Any:
        return await desk.query(await desk.named(name), entity, conditions, wanted, limit)

    rows = operate(context, act)
    if as_json:
        for row in rows:
            write(json.dumps(row, default=str, ensure_ascii=False))
    elif not rows:
        say("No record matches.")
    else:
        columns = wanted or _telling_columns(rows)
        write_table(columns, [[row.get(column) for column in columns] for row in rows])


def _conditions(text: str) -> list[Any]:
    if not text:
        return []
    try:
        found = json.loads(text)
    except ValueError as error:
        fail(f'The filter is not JSON ({error}). Write [{{"op":"eq","field":"status","value":1}}].', 2)
    if isinstance(found, dict):
        found = found.get("filter", [found])
    if not isinstance(found, list):
        fail('The filter must be a list of conditions: [{"op":"eq","field":"status","value":1}].', 2)
    return found


def _telling_columns(rows: list[dict[str, Any]]) -> list[str]:
    """The id, then columns that hold something, as many as a screen takes."""
    filled = [key for key in rows[0] if any(row.get(key) not in (None, "", []) for row in rows)]
    telling = [
        key for key in filled if (key != "id" and "name" in key.lower()) or key in {"title", "ticketNumber", "status"}
    ]
    return list(dict.fromkeys(["id", *telling, *filled]))[:9] if "id" in rows[0] else filled[:9]
