"""What a person sees of the demo."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from app.cli.demo.customer import CI
from app.cli.demo.play import Cast
from app.cli.demo.stage import Stage
from app.cli.demo.tally import Tally
from app.cli.demo.way_back import WayBack

_INTRO = (
    "[bold]broker demo[/bold]: a whole day between Autotask and Field Nation, there and back.\n\n"
    "Everything runs on this machine: a PostgreSQL, a simulated Autotask, a simulated Field Nation, and the broker "
    "(web and worker). It needs no account, no configuration and no network, and is removed at the end.\n"
)


def intro(console: Console) -> None:
    """What is about to happen."""
    console.print(_INTRO)


def progress(console: Console) -> Progress:
    """The bars of the steps."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def results(console: Console, cast: Cast, tally: Tally, back: WayBack) -> None:
    """What landed, what did not and why, and what it cost."""
    _heading(console, "What landed on each side")
    _print(console, _sides(tally))
    _heading(console, "What came back from the day on site")
    _print(console, _back(back))
    _print(console, _pairs(*back.stories))
    _heading(console, "What became of the triggers")
    _print(console, _sum(tally.counters))
    for code, count, text in tally.left_out:
        _print(console, f"{count} left out, {code}: {text}")
    _heading(console, "A ticket that had its work order already was retitled")
    _print(console, _change(tally))
    _heading(console, "A malformed trigger was turned away at the door")
    _print(console, _pairs(("sent", cast.rubbish), ("answer", cast.refused)))
    _heading(console, "Calls that the broker made")
    _print(console, _calls(tally))
    console.print(_verdict(tally, back))


def whereabouts(console: Console, stage: Stage, cast: Cast) -> None:
    """Addresses, and what a person may try next."""
    _heading(console, "It goes on running until Ctrl-C")
    _print(
        console,
        _pairs(
            ("broker", f"{stage.web} (API: {stage.web}/docs)"),
            ("Autotask, simulated", f"{stage.autotask} (its truth: /_sim/state)"),
            ("Field Nation, simulated", f"{stage.field_nation} (its truth: /_sim/state)"),
        ),
    )
    _heading(console, "To try, in a second terminal")
    for line in _suggestions(stage, cast):
        # Unwrapped: a line is to be copied as it is.
        console.print(Text("  " + line), soft_wrap=True)
    console.print()


def _suggestions(stage: Stage, cast: Cast) -> list[str]:
    broker, other = _broker(), min(cast.expected - {cast.changed}, default=cast.changed)
    edit = f"{stage.autotask}/_sim/ui/{CI}/Tickets/{other}"
    return [
        f". {shlex.quote(str(stage.env_file))}   # this broker's settings, for this shell",
        f"{broker} connection list",
        f"{broker} link list",
        f"{broker} findings",
        f"{broker} timeline acme --ticket {cast.changed}",
        f"{broker} connection pause acme",
        f"""curl -X PATCH {edit} -H 'Content-Type: application/json' -d '{{"title": "Bring a ladder"}}'""",
        f"{broker} plan acme --ticket {other}",
        f"{broker} jobs list",
        f"{broker} connection resume acme",
        f'curl -H "Authorization: Bearer $BROKER_VIEWER_TOKEN" {stage.web}/health',
    ]


def _broker() -> str:
    """How this broker is called from a shell in this folder."""
    program = Path(sys.executable).parent / "broker"
    if not program.exists():
        return f"{shlex.quote(sys.executable)} -m app"
    here = Path.cwd()
    return shlex.quote(str(program.relative_to(here) if program.is_relative_to(here) else program))


def _heading(console: Console, text: str) -> None:
    console.print(Text(f"\n{text}", style="bold"))


def _print(console: Console, what: Table | str) -> None:
    console.print(Padding(Text(what) if isinstance(what, str) else what, (0, 0, 0, 2), expand=False))


def _sides(tally: Tally) -> Table:
    table = Table("", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("tickets in Autotask", justify="right")
    table.add_column("work orders in Field Nation", justify="right")
    for what, tickets, orders in tally.sides:
        table.add_row(what, str(tickets), str(orders), style="bold" if what == "total" else "")
    return table


def _sum(counters: Mapping[str, int]) -> str:
    """The accounting identity, spelled with this run's numbers; what is nought is left out."""
    names = {"written": "written", "unchanged": "unchanged", "skipped": "left out"}
    names |= {name: name for name in ("waiting", "planned", "dead", "cancelled")}
    parts = " + ".join(f"{counters[name]} {word}" for name, word in names.items() if counters.get(name))
    return f"{counters['received']} received = {parts}"


def _change(tally: Tally) -> Table:
    change = tally.change
    return _pairs(
        ("ticket, work order", f"{change.ticket}, {change.work_order}"),
        ("title before", change.before),
        ("now in Autotask", change.at_autotask),
        ("now in Field Nation", change.at_field_nation),
    )


def _pairs(*rows: tuple[str, str]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, Text(value))
    return table


def _calls(tally: Tally) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("to", "call", "times"):
        table.add_column(column, justify="right" if column == "times" else "left", no_wrap=column != "call")
    for system, calls in tally.calls:
        for endpoint, count in sorted(calls.items(), key=lambda one: (-one[1], one[0])):
            table.add_row(system, endpoint, str(count))
        table.add_row(system, "total", str(sum(calls.values())), style="bold", end_section=True)
    return table


def _back(back: WayBack) -> Table:
    table = Table("", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("at Field Nation", justify="right")
    table.add_column("in Autotask", justify="right")
    for row in back.rows:
        table.add_row(*row)
    return table


def _verdict(tally: Tally, back: WayBack) -> Text:
    faults = (*tally.faults, *back.faults)
    if faults:
        return Text("\n".join(f"WRONG: {fault}" for fault in faults), style="bold red")
    said = f"Every expected work order is there exactly once, {tally.seconds:.1f} s after the first ticket was opened;"
    return Text(f"{said}\nand every fact of the day on site stands in Autotask exactly once.", style="bold green")
