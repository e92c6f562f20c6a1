"""`broker fields`, `broker connection refresh-fields`: what mappings may name, and what changed of it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli.console import PROBLEMS, AsJson, operate, say, write, write_findings, write_json, write_table
from app.core.mapping.listing import FieldRow
from app.services.discovery import Refreshed, as_row

Name = Annotated[str, typer.Argument(help="The connection's name.")]

_MOST_VALUES = 12


class SystemName(StrEnum):
    autotask = "autotask"
    field_nation = "field-nation"


def fields(
    context: typer.Context,
    name: Name,
    system: Annotated[SystemName | None, typer.Option("--system", help="Only this side's paths.")] = None,
    search: Annotated[
        str, typer.Option("--search", help="Complete a path (Account.Ac, TimeEntry.), or look for a label.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the paths that a mapping may use, both ways, with type, label and values."""

    async def listed(desk: Any) -> Sequence[FieldRow]:
        rows: Sequence[FieldRow] = await desk.mappings.fields(await desk.named(name), search)
        return rows

    rows = [row for row in operate(context, listed) if system is None or row.side == system.value]
    if as_json:
        write_json([as_row(row) for row in rows])
    elif not rows:
        say(f"Nothing is called {search!r}. Without --search every path is listed.")
    else:
        _show(rows)


def refresh_fields(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Read fields, picklists and user-defined fields of both systems again; show what changed and what it breaks."""

    async def refreshed(desk: Any) -> Refreshed:
        report: Refreshed = await desk.mappings.refresh_fields(await desk.named(name))
        return report

    report = operate(context, refreshed)
    if as_json:
        changes = [
            {"entity": one.entity, "field": one.field, "what": one.what, "text": one.text} for one in report.changes
        ]
        write_json({"name": report.name, "changes": changes, "broken": report.broken, "standing": report.standing})
    else:
        _show_refreshed(report)
    if any(str(one.severity) == "error" for one in report.broken):
        raise typer.Exit(PROBLEMS)


def _show_refreshed(report: Refreshed) -> None:
    if report.changes:
        write_table(("entity", "field", "change"), [(one.entity, one.field, one.text) for one in report.changes])
    else:
        say(f"Nothing changed: {report.entities} lists of fields were read.")
    if report.broken:
        say("What this does to the mappings:")
        write_findings(report.broken)
    elif report.changes:
        say("No mapping is touched by this.")
    if report.standing:
        say("Known before:")
        write_findings(report.standing)


def _show(rows: Sequence[FieldRow]) -> None:
    titles = {
        ("autotask", False): "Read from the ticket (sources of inbound rules)",
        ("field-nation", True): "Written to the work order (targets of inbound rules)",
        ("field-nation", False): "Read from the work order (sources of outbound rules)",
        ("autotask", True): "Written to Autotask (targets of outbound rules)",
    }
    for side, title in titles.items():
        chosen = [row for row in rows if (row.side, row.is_target) == side]
        if chosen:
            write(title)
            write_table(("path", "type", "label", "length", "required", "values", "note"), [_cells(r) for r in chosen])
            write("")


def _cells(row: FieldRow) -> tuple[Any, ...]:
    more = f", … {len(row.values) - _MOST_VALUES} more" if len(row.values) > _MOST_VALUES else ""
    values = ", ".join(row.values[:_MOST_VALUES]) + more
    return row.path, row.type, row.label, row.length or "", "yes" if row.required else "", values, row.note
