"""`broker import`, `plan`, `query`: a person's own look at a ticket, and what a trigger for it would write."""

import json
from typing import Annotated, Any

import typer
from rich.text import Text

from app.cli.console import (
    FAILED,
    PROBLEMS,
    AsJson,
    fail,
    operate,
    print_text,
    say,
    write,
    write_findings,
    write_json,
    write_rows,
    write_table,
)
from app.core.model.intent import Intent
from app.services.preview import Preview

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
            accepted = await desk.imports.accept(connection, tickets, new=new)
            return await desk.imports.wait(connection, accepted)

    ended = operate(context, act)
    rows = [{"ticket": one.named, "result": one.result, "code": one.code, "text": one.text} for one in ended]
    write_rows(rows, ("ticket", "result", "code", "text"), as_json=as_json, empty="")
    if any(one.result in ("dead", "waiting") for one in ended):
        raise typer.Exit(FAILED)


def plan(
    context: typer.Context,
    name: Name,
    ticket: Annotated[str, typer.Option("--ticket", help="The ticket's id or number.")],
    expect_empty: Annotated[bool, typer.Option("--expect-empty", help="End with 3 unless nothing is to do.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the exact writes that a trigger would cause, each with its reason and price; writes nothing."""

    async def act(desk: Any) -> Preview:
        preview: Preview = await desk.preview(await desk.named(name), ticket)
        return preview

    preview = operate(context, act)
    if as_json:
        write_json(
            {"ticket": preview.ticket_id, "left_out": preview.left_out, "findings": list(preview.findings)}
            | {"writes": [_planned(intent) for intent in preview.intents]}
        )
    else:
        _show(preview)
    if expect_empty and not preview.is_empty:
        raise typer.Exit(PROBLEMS)


def _planned(intent: Intent) -> dict[str, Any]:
    names = ("kind", "key", "verb", "entity", "target", "before", "after", "reason", "calls")
    return {name: getattr(intent, name) for name in names}


def _show(preview: Preview) -> None:
    for intent in preview.intents:
        print_text(Text(f"{intent.verb} {intent.target or intent.entity}", style="bold"))
        print_text(Text(f"  because {intent.reason}; {_counted(intent.calls, 'call')}", "dim"))
        for field in sorted({*intent.before, *intent.after}):
            _show_change(field, intent.before.get(field), intent.after.get(field))
    if preview.left_out:
        if preview.left_out not in {finding.text for finding in preview.findings}:
            say(preview.left_out)
    elif preview.is_empty:
        say("Nothing to write: both sides are in step.")
    else:
        calls = sum(intent.calls for intent in preview.intents)
        say(f"{_counted(len(preview.intents), 'write')}, {_counted(calls, 'call')}.")
    write_findings(preview.findings)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _show_change(field: str, before: Any, after: Any) -> None:
    if before is not None:
        print_text(Text(f"  - {field}: {before}", "red"))
    if after is not None:
        print_text(Text(f"  + {field}: {after}", "green"))


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
