"""`broker plan`, `resync`: what would be written, as a difference with its reasons and its price in calls."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from app.cli.console import PROBLEMS, AsJson, fail, operate, print_text, say, write_findings, write_json
from app.cli.pushes import WorkOrders, pushed_rows, show_pushed
from app.core.model.intent import Intent
from app.core.model.job import Option
from app.services.preview import Preview

Name = Annotated[str, typer.Argument(help="The connection's name.")]


def plan(
    context: typer.Context,
    name: Name,
    ticket: Annotated[str, typer.Option("--ticket", help="The ticket's id or number.")] = "",
    work_order: Annotated[int, typer.Option("--work-order", help="The work order's id.")] = 0,
    expect_empty: Annotated[bool, typer.Option("--expect-empty", help="End with 3 unless nothing is to do.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the exact writes that a trigger or an event would cause, each with its reason and price; writes nothing."""
    if bool(ticket) == bool(work_order):
        fail("Give --ticket or --work-order.", 2)

    async def act(desk: Any) -> Preview:
        connection = await desk.named(name)
        if ticket:
            preview: Preview = await desk.preview(connection, ticket)
            return preview
        (preview,) = [one async for one in desk.previews(connection, [work_order])]
        return preview

    preview = operate(context, act)
    if as_json:
        write_json(_as_json("ticket" if ticket else "work_order", preview))
    else:
        _show(preview)
    if expect_empty and not preview.is_empty:
        raise typer.Exit(PROBLEMS)


def resync(
    context: typer.Context,
    name: Name,
    work_orders: WorkOrders = None,
    every: Annotated[bool, typer.Option("--all", help="Every work order that is paired with a ticket.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write again under the active mapping what older versions wrote; shows the writes and their price first."""
    if bool(work_orders) == every:
        fail("Give --work-order, once or several times, or --all.", 2)

    async def act(desk: Any) -> tuple[list[Preview], Any]:
        connection = await desk.named(name)
        orders = await desk.paired(connection, work_orders or ())
        telling = [one async for one in desk.previews(connection, orders, Option.RESYNC) if one.intents or one.left_out]
        found = [one for one in telling if not one.is_empty]
        _show_all(telling, as_json=as_json)
        if not found:
            return telling, []
        if not yes:
            typer.confirm("Write them?", abort=True, err=True)
        async with desk.helped():
            return telling, await desk.by_hand.push(connection, [one.id for one in found], Option.RESYNC)

    telling, pushed = operate(context, act)
    rows = pushed_rows(pushed)
    if as_json:
        planned = [_as_json("work_order", one) | {"calls": one.calls} for one in telling]
        write_json({"planned": planned, "calls": sum(one.calls for one in telling), "results": rows})
    show_pushed(rows, as_json=as_json)


def _show_all(telling: Sequence[Preview], *, as_json: bool) -> None:
    """The price is said beside JSON, too: somebody may be asked for it."""
    for preview in telling if not as_json else ():
        print_text(Text(f"work order {preview.id}", style="bold"))
        _show(preview)
    found = [one for one in telling if not one.is_empty]
    if not found:
        say("Nothing to write again: everything that could be read stands as the active mapping says.")
        return
    calls, writes = sum(one.calls for one in found), sum(len(one.intents) for one in found)
    say(f"{_counted(writes, 'write')} for {_counted(len(found), 'work order')}, {_counted(calls, 'call')} in all.")


def _as_json(side: str, preview: Preview) -> dict[str, Any]:
    writes = [_planned(intent) for intent in preview.intents]
    return {side: preview.id, "left_out": preview.left_out, "findings": list(preview.findings), "writes": writes}


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
        say(f"{_counted(len(preview.intents), 'write')}, {_counted(preview.calls, 'call')}.")
    write_findings(preview.findings)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _show_change(field: str, before: Any, after: Any) -> None:
    if before is not None:
        print_text(Text(f"  - {field}: {before}", "red"))
    if after is not None:
        print_text(Text(f"  + {field}: {after}", "green"))
