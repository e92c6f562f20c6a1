"""`broker backtest`: what a connection file that is not active would change, over the newest pairs."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from app.adapters.system import connection_file
from app.cli.console import (
    FAILED,
    USAGE,
    AsJson,
    complain,
    fail,
    operate,
    print_text,
    progress,
    say,
    write_findings,
    write_json,
)
from app.core.mapping.values import show
from app.core.model.calls import Calls
from app.core.model.connection import SECRET_FIELDS, ConnectionFile
from app.core.planning.comparison import FieldGroup, FindingGroup
from app.services.backtest import Backtest, BacktestReport, Unread
from app.settings import environment

NewFile = Annotated[
    Path, typer.Option("--file", help="The connection file to try; only its mappings and settings count.")
]
_DIRECTIONS = ("in", "out", "both")
_NAME = re.compile(r"\$\{([^{}:]+)\}")
_FEW = 5


def backtest(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The connection's name.")],
    file: NewFile,
    last: Annotated[int, typer.Option("--last", help="How many pairs, the newest ones.", min=1)] = 50,
    direction: Annotated[str, typer.Option("--direction", help="in (tickets), out (work orders) or both.")] = "both",
    yes: Annotated[bool, typer.Option("--yes", help="Read without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare a file that is not active with the active one over the newest pairs, field by field; writes nothing.

    Says first how many calls that costs at most, and asks. Tickets and work orders that are in no pair are not looked
    at, and what was sent before counts as if it had not been.
    """
    if direction not in _DIRECTIONS:
        fail(f"--direction is one of {', '.join(_DIRECTIONS)}.", USAGE)
    wanted = new_file(file, name)

    async def act(desk: Any) -> BacktestReport:
        prepared: Backtest = await desk.backtest(await desk.named(name), wanted, last, direction)
        say(_announced(prepared))
        if prepared.pairs and not yes:
            typer.confirm("Read them?", abort=True, err=True)
        with progress("comparing", prepared.records) as tell:
            return await prepared.run(tell)

    report = operate(context, act)
    if as_json:
        write_json(report)
    else:
        _show(report)


def new_file(path: Path, name: str) -> ConnectionFile:
    """The connection of that name in the file, or its only one. Secrets that it leaves to the environment are not
    needed: those of the connection are used. Ends with 1 when the file is not sound."""
    variables = environment()
    loaded = connection_file.load(path, variables)
    if loaded.faults and all(fault.where in SECRET_FIELDS for fault in loaded.faults):
        unset = [found[1] for fault in loaded.faults if (found := _NAME.search(fault.what))]
        loaded = connection_file.load(path, {**variables, **dict.fromkeys(unset, "not needed")})
    if loaded.faults:
        complain("The file is not usable:", loaded.faults)
        raise typer.Exit(FAILED)
    named = [one for one in loaded.files if one.name == name] or list(loaded.files)
    if len(named) != 1:
        fail(f"{path} holds {len(loaded.files)} connections, and none of them is {name}.", FAILED)
    return named[0]


def priced(calls: Calls) -> str:
    """`12 calls of Autotask and 1 of Field Nation`."""
    many = "" if calls.autotask == 1 else "s"
    return f"{calls.autotask} call{many} of Autotask and {calls.field_nation} of Field Nation"


def _announced(prepared: Backtest) -> str:
    if not prepared.pairs:
        return "There is no pair yet, so there is nothing to compare."
    sides = {"tickets": prepared.has_tickets, "work orders": prepared.has_orders}
    what = " and the ".join(side for side, is_asked in sides.items() if is_asked)
    count = f"{len(prepared.pairs)} newest pairs" if len(prepared.pairs) > 1 else "newest pair"
    return f"The {what} of the {count} cost at most {priced(prepared.price)}. Nothing is written."


def _show(report: BacktestReport) -> None:
    write_findings(report.faults)
    for group in report.fields:
        _show_field(group, report)
    _show_findings("found under the file only", report.new_findings)
    _show_findings("not found under the file any more", report.ended_findings)
    _show_unread(report.unread)
    if report.pairs and not report.fields:
        say("No value would differ.")
    if report.pairs:
        say(_summed(report))


def _summed(report: BacktestReport) -> str:
    sides = [
        f"{differing} of {count} {noun}{'' if count == 1 else 's'}"
        for differing, count, noun in (
            (report.tickets_differing, report.tickets, "ticket"),
            (report.work_orders_differing, report.work_orders, "work order"),
        )
        if count
    ]
    return f"{' and '.join(sides) or 'Nothing'} would differ; {priced(report.spent)} were made."


def _show_field(group: FieldGroup, report: BacktestReport) -> None:
    place = f"{group.entity}.{group.field}" if group.field else group.entity
    noun = "ticket" if group.way == "in" else "work order"
    kinds = [f"{count} {kind}" for kind, count in _kinds(group).items() if count]
    many = "" if group.records == 1 else "s"
    print_text(Text.assemble((place, "bold"), f": {group.records} {noun}{many}; {', '.join(kinds)}"))
    labels = report.labels.get(place, {})
    for example in group.examples:
        before, after = (_shown(value, labels) for value in (example.before, example.after))
        print_text(Text.assemble(("  " + example.record, "dim"), ": ", (before, "red"), " -> ", (after, "green")))


def _kinds(group: FieldGroup) -> Mapping[str, int]:
    if not group.field:
        return {"sent only under the file": group.gained, "not sent under the file": group.lost}
    return {"gained a value": group.gained, "lost a value": group.lost, "changed": group.changed}


def _shown(value: Any, labels: Mapping[str, str]) -> str:
    if value is None:
        return "nothing"
    return labels.get(str(value)) or show(value)


def _show_findings(title: str, groups: Sequence[FindingGroup]) -> None:
    for group in groups:
        place = f" at {group.field}" if group.field else ""
        many = "" if group.records == 1 else "s"
        head = f"{group.severity} {group.code}{place}: {group.records} record{many}, {title}"
        print_text(Text(head, style="bold"))
        print_text(Text(f"  {group.record}: {group.text}", "dim"))


def _show_unread(unread: Sequence[Unread]) -> None:
    """One line for each reason."""
    by_text: dict[str, list[str]] = {}
    for one in unread:
        by_text.setdefault(one.text, []).append(one.record)
    for text, records in by_text.items():
        more = f" and {len(records) - _FEW} more" if len(records) > _FEW else ""
        print_text(Text(f"not compared: {', '.join(records[:_FEW])}{more}: {text}", "yellow"))
