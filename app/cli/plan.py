"""`broker plan`, `resync`: what would be written, as a difference with its reasons and its price in calls."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from app.cli.backtest import new_file, priced
from app.cli.console import PROBLEMS, AsJson, fail, operate, print_text, progress, say, write_findings, write_json
from app.cli.pushes import WorkOrders, imported_rows, pushed_rows, show_results
from app.core.mapping.labels import Labels
from app.core.model.intent import Intent
from app.services.preview import Preview
from app.services.resync import Again, Resync
from app.services.trials import Trial

Name = Annotated[str, typer.Argument(help="The connection's name.")]


def plan(
    context: typer.Context,
    name: Name,
    ticket: Annotated[str, typer.Option("--ticket", help="The ticket's id or number.")] = "",
    work_order: Annotated[int, typer.Option("--work-order", help="The work order's id.")] = 0,
    file: Annotated[
        Path | None, typer.Option("--file", help="Under the mappings and settings of this file, which is not active.")
    ] = None,
    expect_empty: Annotated[bool, typer.Option("--expect-empty", help="End with 3 unless nothing is to do.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the exact writes that a trigger or an event would cause, each with its reason and price; writes nothing."""
    if bool(ticket) == bool(work_order):
        fail("Give --ticket or --work-order.", 2)
    if file is not None:
        trial = _tried(context, name, file, ticket, work_order)
        _show_trial(trial, file, "ticket" if ticket else "work_order", as_json=as_json)
        if expect_empty and not trial.new.is_empty:
            raise typer.Exit(PROBLEMS)
        return

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


def _tried(context: typer.Context, name: str, file: Path, ticket: str, work_order: int) -> Trial:
    """The trial of that record under the file, once its price was said."""
    wanted = new_file(file, name)

    async def act(desk: Any) -> Trial:
        trying = desk.trying(await desk.named(name), wanted)
        say(f"Looking costs at most {priced(trying.price)}. Nothing is written.")
        trial: Trial = await (trying.ticket(ticket) if ticket else trying.work_order(work_order))
        return trial

    return operate(context, act)


def _show_trial(trial: Trial, file: Path, side: str, *, as_json: bool) -> None:
    only_new, only_active = trial.only_new, trial.only_active
    if as_json:
        shown = _as_json(side, trial.new)
        writes = [_planned(one) | {"only_under_file": one in only_new} for one in trial.new.intents]
        others = {
            "active_only": [_planned(one) for one in only_active],
            "would_differ": [_planned(one) for one in trial.again.intents],
            "mapping_findings": list(trial.faults),
            "announced": trial.announced,
            "spent": trial.spent,
        }
        write_json({**shown, "writes": writes, **others})
        return
    write_findings(trial.faults)
    print_text(Text(f"A trigger would cause under {file}:", style="bold underline"))
    _show(trial.new, only_new)
    if only_active:
        print_text(Text("and not any more, what it would cause under the active file:", style="bold underline"))
        _show_writes(only_active, (), trial.active.labels)
    print_text(
        Text("It touches new changes only; writing everything again under it would cause:", style="bold underline")
    )
    _show_writes(trial.again.intents, (), trial.again.labels)
    say(f"{_counted(len(trial.again.intents), 'write')} to write everything again; {priced(trial.spent)} were made.")


def resync(
    context: typer.Context,
    name: Name,
    work_orders: WorkOrders = None,
    tickets: Annotated[
        list[int] | None, typer.Option("--ticket", help="Only this one, by its id; may be given several times.", min=1)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Both sides of every pair.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write again under the active mapping what older versions wrote; shows the writes and their price first.

    --ticket writes its work order again, --work-order its ticket.
    """
    if bool(work_orders or tickets) == every:
        fail("Give --ticket or --work-order, once or several times, or --all.", 2)

    async def act(desk: Any) -> tuple[list[Again], Any]:
        prepared = await desk.resync(await desk.named(name), tickets or (), work_orders or (), every=every)
        telling = await _looked(prepared)
        found = [one for one in telling if not one.preview.is_empty]
        _show_all(telling, as_json=as_json)
        if not found:
            return telling, ([], [])
        if not yes:
            typer.confirm("Write them?", abort=True, err=True)
        async with desk.helped():
            return telling, await prepared.write(desk.by_hand, found)

    telling, (imported, pushed) = operate(context, act)
    rows = [*imported_rows(imported), *pushed_rows(pushed)]
    if as_json:
        planned = [_as_json(one.side, one.preview) | {"calls": one.preview.calls} for one in telling]
        write_json({"planned": planned, "calls": sum(one.preview.calls for one in telling), "results": rows})
    show_results(rows, as_json=as_json)


async def _looked(prepared: Resync) -> list[Again]:
    """What there is to tell, once the price of looking was said."""
    tickets, orders = len(prepared.tickets), len(prepared.orders)
    sides = [_counted(count, what) for count, what in ((tickets, "ticket"), (orders, "work order")) if count]
    if sides:
        say(f"Looking at {' and '.join(sides)} costs at most {priced(prepared.price)}.")
    found = []
    with progress("looking", tickets + orders) as done:
        async for one in prepared.look():
            found.append(one)
            done()
    return [one for one in found if one.is_telling]


def _show_all(telling: Sequence[Again], *, as_json: bool) -> None:
    """The price is said beside JSON, too: somebody may be asked for it."""
    for one in telling if not as_json else ():
        print_text(Text(f"{one.side.replace('_', ' ')} {one.preview.id}", style="bold"))
        _show(one.preview)
    found = [one for one in telling if not one.preview.is_empty]
    if not found:
        say("Nothing to write again: everything that could be read stands as the active mapping says.")
        return
    previews = [one.preview for one in found]
    calls, writes = sum(one.calls for one in previews), sum(len(one.intents) for one in previews)
    sides = [(side, sum(1 for one in found if one.side == side)) for side in ("ticket", "work_order")]
    records = " and ".join(_counted(count, side.replace("_", " ")) for side, count in sides if count)
    say(f"{_counted(writes, 'write')} for {records}, {_counted(calls, 'call')} in all.")


def _as_json(side: str, preview: Preview) -> dict[str, Any]:
    writes = [_planned(intent) for intent in preview.intents]
    return {side: preview.id, "left_out": preview.left_out, "findings": list(preview.findings), "writes": writes}


def _planned(intent: Intent) -> dict[str, Any]:
    names = ("kind", "key", "verb", "entity", "target", "before", "after", "reason", "calls")
    return {name: getattr(intent, name) for name in names}


def _show(preview: Preview, marked: Collection[Intent] = ()) -> None:
    _show_writes(preview.intents, marked, preview.labels)
    if preview.left_out:
        if preview.left_out not in {finding.text for finding in preview.findings}:
            say(preview.left_out)
    elif preview.is_empty:
        say("Nothing to write: both sides are in step.")
    else:
        say(f"{_counted(len(preview.intents), 'write')}, {_counted(preview.calls, 'call')}.")
    write_findings(preview.findings)


def _show_writes(intents: Sequence[Intent], marked: Collection[Intent], labels: Labels) -> None:
    """The writes, those marked that the active file would not cause; ids of picklists with their labels."""
    for intent in intents:
        mark = " (only under this file)" if intent in marked else ""
        print_text(Text(f"{intent.verb} {intent.target or intent.entity}{mark}", style="bold"))
        print_text(Text(f"  because {intent.reason}; {_counted(intent.calls, 'call')}", "dim"))
        for field in sorted({*intent.before, *intent.after}):
            before, after = (
                labels.show(intent.entity, field, side.get(field)) for side in (intent.before, intent.after)
            )
            _show_change(field, before, after, is_short=labels.knows(intent.entity, field) or field == "status")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _show_change(field: str, before: Any, after: Any, *, is_short: bool) -> None:
    if is_short and before is not None and after is not None:
        arrow = Text.assemble(f"  ~ {field}: ", (str(before), "red"), " -> ", (str(after), "green"))
        print_text(arrow)
        return
    if before is not None:
        print_text(Text(f"  - {field}: {before}", "red"))
    if after is not None:
        print_text(Text(f"  + {field}: {after}", "green"))
