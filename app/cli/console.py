"""What every command shares: settings, the desk, tables or JSON, and exit codes.

Exit codes: 0 done, 1 it failed, 2 bad usage or settings, 3 it ran and found problems.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, NoReturn, TypeAlias, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from app.adapters.system import logs
from app.core.model.failure import Failure
from app.core.model.fault import Fault
from app.core.model.finding import Finding
from app.settings import Settings, SettingsError, generate, load

FAILED, USAGE, PROBLEMS = 1, 2, 3
_PIPE_WIDTH_CHARS = 240
_COLORS = {"pass": "green", "warn": "yellow", "fail": "red", "error": "red", "warning": "yellow", "info": "cyan"}

T = TypeVar("T")
OpenDesk: TypeAlias = Callable[[Settings], AbstractAsyncContextManager[Any]]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the commands work with: how a desk is opened. It is the context's object."""

    open_desk: OpenDesk


def operate(context: typer.Context, action: Callable[[Any], Awaitable[T]]) -> T:
    """Opens the desk, runs the action, closes it; ends the process with the right code and a sentence on failure."""
    surroundings: Surroundings = context.find_object(Surroundings)  # type: ignore[assignment]  # the root command set it

    async def opened() -> T:
        settings = ready_settings()
        async with surroundings.open_desk(settings) as desk:
            return await action(desk)

    try:
        return asyncio_run(opened())
    except SettingsError as error:
        refuse(error.faults)
    except Failure as failure:
        fail(failure.text)


def ready_settings() -> Settings:
    """Settings with every key and token, those made just now being shown this once. Raises `SettingsError`.

    A command prints its own results: of the log only warnings, unless the level asks for more than usual.
    """
    generated = generate(load())
    settings = generated.settings
    logs.configure(settings.log_format, "warning" if settings.log_level == "info" else settings.log_level)
    for name, token in generated.shown.items():
        say(f"{name}={token}  (made now and shown once; kept in {settings.data_dir})")
    return settings


def asyncio_run(story: Coroutine[Any, Any, T]) -> T:
    """Runs one story to its end; ctrl-C cancels it first, so that everything is handed back."""
    return asyncio.run(story)


def refuse(faults: Sequence[Fault]) -> NoReturn:
    """Ends with 2 after one list of everything that is wrong with the settings."""
    complain("The settings are not usable:", faults)
    raise typer.Exit(USAGE)


def fail(text: str, code: int = FAILED) -> NoReturn:
    """Ends with `code` after the sentence."""
    say(text)
    raise typer.Exit(code)


def complain(title: str, faults: Sequence[Fault]) -> None:
    """One line for each fault, on standard error."""
    say(title)
    for fault in faults:
        say(f"  - {fault.sentence}")


def say(text: str) -> None:
    """A line for people, on standard error, so that standard output holds results only."""
    print(text, file=sys.stderr)


def write(text: str) -> None:
    """A result as it is, on standard output."""
    print(text)


def write_json(value: Any) -> None:
    """A result as JSON, times in ISO 8601, on standard output."""
    write(json.dumps(value, default=_plain, indent=2, ensure_ascii=False))


def write_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """A listing: a table of the columns, or all keys of every row as JSON; `empty` is said when there is none."""
    if as_json:
        write_json(list(rows))
    elif not rows:
        say(empty)
    else:
        write_table(columns, [[row.get(column) for column in columns] for row in rows])


def write_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table for people; cells are shown as they are, never read as markup."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*[_cell(value) for value in row])
    _console().print(table)


def write_findings(findings: Sequence[Finding]) -> None:
    """Findings with what to change, for people."""
    for finding in findings:
        line = Text(f"{finding.severity}: ", style=_COLORS[str(finding.severity)])
        place = f"{finding.field}: " if finding.field else ""
        _console().print(line.append(f"{place}{finding.text} {finding.mend}", style="default"), soft_wrap=True)


def print_text(text: Text) -> None:
    """One coloured line of a result, on standard output."""
    _console().print(text)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error, where that is a terminal; what it gives is called once for each thing that is done."""
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    with bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def run_until_done(story: Coroutine[Any, Any, T]) -> T:
    """Runs a process's story; ends with 2 when its settings are not usable, with 1 when it could not start."""
    try:
        return asyncio_run(story)
    except SettingsError as error:
        refuse(error.faults)
    except (Failure, OSError, RuntimeError) as error:
        fail(str(error))


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH_CHARS, highlight=False, soft_wrap=False)


def _cell(value: Any) -> Text:
    if value is None:
        return Text("-")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, datetime):
        return Text(f"{value:%Y-%m-%d %H:%M:%S}Z")
    if isinstance(value, dict | list | tuple):
        return Text(json.dumps(value, default=_plain, ensure_ascii=False))
    return Text(str(value), style=_COLORS.get(str(value), ""))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return list(value) if isinstance(value, set | frozenset | tuple) else str(value)
