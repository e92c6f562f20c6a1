"""`broker connection versions`, `revert`: every file that was applied, and the way back to one."""

import os
import pwd
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.cli.console import (
    FAILED,
    AsJson,
    fail,
    operate,
    say,
    write,
    write_findings,
    write_json,
    write_rows,
    write_table,
)
from app.services.connections import ApplyReport
from app.services.differences import Change

Name = Annotated[str, typer.Argument(help="The connection's name.")]
_LISTED = ("version", "is_active", "at", "who", "note", "paths_changed")


def person() -> str:
    """Who types the commands, as the operating system knows them."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def versions(
    context: typer.Context,
    name: Name,
    show: Annotated[int | None, typer.Option("--show", help="What this version changed.")] = None,
    against: Annotated[int | None, typer.Option("--against", help="With --show: compared with this version.")] = None,
    as_json: AsJson = False,
) -> None:
    """List every version that was applied; with --show, what one changed against the one before it."""
    if against is not None and show is None:
        fail("Give --show with --against.", 2)
    if show is not None:
        _show_version(context, name, show, against, as_json=as_json)
        return

    async def rows(desk: Any) -> Any:
        return await desk.mappings.versions.list(name)

    write_rows(operate(context, rows), _LISTED, as_json=as_json, empty="")


def revert(
    context: typer.Context,
    name: Name,
    to: Annotated[int | None, typer.Option("--to", help="This version; else the one before the active one.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare and validate, store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Apply an earlier version again, as a new one; secrets and the trigger token stay as they are."""

    async def reverted(desk: Any) -> ApplyReport:
        report: ApplyReport = await desk.mappings.versions.revert(name, who=person(), to=to, dry_run=dry_run)
        return report

    report = operate(context, reverted)
    if as_json:
        write_json(report)
    else:
        show_report(report)
    if not report.is_sound:
        raise typer.Exit(FAILED)


def show_report(report: ApplyReport) -> None:
    """What applying a file did, for people."""
    done = {"created": "would be created", "changed": "would be changed"} if report.is_dry_run else {}
    write(f"{report.name}: {done.get(report.verb, report.verb)}")
    show_changes(report.changes)
    write_findings(report.findings)


def show_changes(changes: Sequence[Change]) -> None:
    """The changed paths, a mapping rule in one line."""
    if changes:
        write_table(("path", "before", "after"), [change.words for change in changes])


def _show_version(context: typer.Context, name: str, number: int, against: int | None, *, as_json: bool) -> None:
    async def compared(desk: Any) -> Any:
        return await desk.mappings.versions.difference(name, number, against)

    found = operate(context, compared)
    if as_json:
        write_json({"name": name, "version": number, "against": found.against or None, "changes": found.changes})
        return
    write(f"{name}: version {number} against {f'version {found.against}' if found.against else 'nothing before it'}")
    show_changes(found.changes)
    if not found.changes:
        say("They are the same.")
