"""`broker check`: what is wrong with a connection file, told before anything is applied or written."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from app.adapters.system import connection_file
from app.adapters.system.connection_file import Loaded
from app.cli.console import PROBLEMS, USAGE, AsJson, complain, fail, operate, say, write, write_findings, write_json
from app.core.model.connection import ConnectionFile
from app.core.model.fault import Fault
from app.core.model.finding import Finding, Severity
from app.services.file_check import CheckReport
from app.settings import environment

Subject = Annotated[str, typer.Argument(metavar="FILE-or-NAME", help="A connection file, or a connection's name.")]

_ENDINGS = (".yaml", ".yml")
_TITLES = {
    Severity.ERROR: "Errors: the file is refused until they are mended.",
    Severity.WARNING: "Warnings: it can be applied, and this looks like a mistake.",
    Severity.INFO: "To know:",
}


def check(context: typer.Context, subject: Subject, as_json: AsJson = False) -> None:
    """Validate mappings and settings against both systems; stores and writes nothing. Ends with 3 on errors."""
    path = Path(subject)
    is_file = path.is_file() or path.suffix in _ENDINGS or "/" in subject
    loaded = _loaded(path) if is_file else Loaded()
    if loaded.faults:
        _show_faults(subject, loaded.faults, as_json=as_json)
        raise typer.Exit(PROBLEMS)
    reports = _of_files(context, loaded.files) if is_file else _of_name(context, subject)
    if as_json:
        write_json([_row(name, report) for name, report in reports])
    else:
        for name, report in reports:
            _show(name, report)
    if not all(report.is_sound for _, report in reports):
        raise typer.Exit(PROBLEMS)


def _loaded(path: Path) -> Loaded:
    if not path.is_file():
        fail(f"There is no file {path}.", USAGE)
    return connection_file.load(path, environment())


def _of_files(context: typer.Context, files: Sequence[ConnectionFile]) -> list[tuple[str, CheckReport]]:
    async def checked(desk: Any) -> list[tuple[str, CheckReport]]:
        return [(file.name, await desk.mappings.check(file)) for file in files]

    return operate(context, checked)


def _of_name(context: typer.Context, name: str) -> list[tuple[str, CheckReport]]:
    async def checked(desk: Any) -> list[tuple[str, CheckReport]]:
        return [(name, await desk.mappings.check_named(name))]

    return operate(context, checked)


def _show_faults(subject: str, faults: Sequence[Fault], *, as_json: bool) -> None:
    """Faults of the file itself: nothing else can be looked at before they are mended."""
    if as_json:
        write_json([{"name": subject, "sound": False, "faults": [fault.sentence for fault in faults], "findings": []}])
    else:
        complain(f"{subject} is not a connection file yet:", faults)


def _row(name: str, report: CheckReport) -> dict[str, Any]:
    return {"name": name, "sound": report.is_sound, "faults": [], "findings": report.findings}


def _show(name: str, report: CheckReport) -> None:
    for severity, title in _TITLES.items():
        found: list[Finding] = [one for one in report.findings if one.severity is severity]
        if found:
            write(f"{name}: {title}")
            write_findings(found)
            write("")
    if not report.findings:
        write(f"{name}: nothing to mend.")
    elif report.is_sound:
        say(f"{name} can be applied as it is.")
