"""`broker connection ...`: connections as files, like `kubectl apply`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.adapters.system import connection_file
from app.cli import versions
from app.cli.console import (
    FAILED,
    AsJson,
    complain,
    fail,
    operate,
    say,
    write,
    write_findings,
    write_json,
    write_rows,
    write_table,
)
from app.core.model.connection import ConnectionFile
from app.core.model.fault import Fault
from app.services.connections import ApplyReport, TestReport
from app.services.webhook_reports import WebhookReport
from app.settings import environment

app = typer.Typer(help="Customers: one Autotask database joined to one Field Nation company.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The connection's name.")]
_BY = "command line"
_LISTED = ("name", "state", "version", "autotask_ci", "field_nation_company", "inbound_rules", "outbound_rules", "mode")

app.command()(versions.versions)
app.command()(versions.revert)


@app.command()
def apply(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Connection files; several connections per file are fine.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare and validate, store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the difference, validate against the live systems, store."""
    wanted = _loaded(files)

    async def apply_all(desk: Any) -> list[ApplyReport]:
        return [await desk.connections.apply(file, who=versions.person(), dry_run=dry_run) for file in wanted]

    reports = operate(context, apply_all)
    if as_json:
        write_json(reports)
    else:
        for report in reports:
            versions.show_report(report)
    if not all(report.is_sound for report in reports):
        raise typer.Exit(FAILED)


@app.command("list")
def list_connections(
    context: typer.Context,
    archived: Annotated[bool, typer.Option("--archived", help="Those that were deleted, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List connections."""

    async def rows(desk: Any) -> Any:
        return await desk.connections.list(archived=archived)

    empty = "There is no connection. Make one with: broker connection apply FILE"
    write_rows(operate(context, rows), _LISTED, as_json=as_json, empty=empty)


@app.command()
def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Show everything about one; of a secret only whether it is set."""

    async def row(desk: Any) -> Any:
        return await desk.connections.show(name)

    shown = operate(context, row)
    if as_json:
        write_json(shown)
        return
    facts = [(key, value) for key, value in shown.items() if key != "file"]
    write_table(("key", "value"), facts)
    write("")
    write(connection_file.dump(shown["file"]).rstrip())


@app.command()
def export(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Print the connection as a file, with ${...} where its secrets stand."""

    async def document(desk: Any) -> Any:
        return await desk.connections.export(name)

    exported = operate(context, document)
    if as_json:
        write_json(exported)
    else:
        write(connection_file.dump(exported).rstrip())


@app.command()
def delete(context: typer.Context, name: Name) -> None:
    """Archive it: tokens revoked, waiting jobs cancelled, the ledger kept."""

    async def archive(desk: Any) -> None:
        await desk.connections.delete(name)

    operate(context, archive)
    say(f"{name} is archived.")


@app.command("test")
def try_out(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Try the credentials, and show needed rights beside granted ones."""

    async def tested(desk: Any) -> TestReport:
        report: TestReport = await desk.connections.test(name)
        return report

    report = operate(context, tested)
    if as_json:
        write_json({"sound": report.is_sound, **_tested_row(report)})
    else:
        _show_test(report)
    if not report.is_sound:
        raise typer.Exit(FAILED)


@app.command("trigger-url")
def trigger_url(
    context: typer.Context,
    name: Name,
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new token; the present one stays live.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the trigger URL, once."""

    async def shown(desk: Any) -> Any:
        return await desk.connections.trigger_url(name, rotate=rotate)

    url = operate(context, shown)
    if as_json:
        write_json({"name": name, "url": url.url, "live_tokens": url.live})
        return
    write(url.url)
    say(f"This is shown once. {url.live} token(s) of {name} are live.")


@app.command("install-webhooks")
def install_webhooks(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Make or mend the webhooks at both vendors; what stands already is left."""

    async def installed(desk: Any) -> WebhookReport:
        report: WebhookReport = await desk.webhooks.install(await desk.named(name))
        return report

    _show_webhooks(operate(context, installed), as_json=as_json)


@app.command("remove-webhooks")
def remove_webhooks(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Delete the webhooks at both vendors; trigger URLs stay as they are."""

    async def removed(desk: Any) -> WebhookReport:
        report: WebhookReport = await desk.webhooks.remove(await desk.named(name))
        return report

    _show_webhooks(operate(context, removed), as_json=as_json)


@app.command()
def pause(context: typer.Context, name: Name) -> None:
    """Stop its work; triggers are still accepted."""

    async def paused(desk: Any) -> None:
        await desk.connections.pause(name, _BY)

    operate(context, paused)
    say(f"{name} is paused until: broker connection resume {name}")


@app.command()
def resume(context: typer.Context, name: Name) -> None:
    """Start its work again."""

    async def resumed(desk: Any) -> None:
        await desk.connections.resume(name, _BY)

    operate(context, resumed)
    say(f"{name} works again.")


def _loaded(files: list[Path]) -> list[ConnectionFile]:
    variables = environment()
    found: list[ConnectionFile] = []
    faults: list[Fault] = []
    for path in files:
        loaded = connection_file.load(path, variables)
        found += loaded.files
        faults += loaded.faults
    names = [file.name for file in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [Fault("name", f"'{name}'", "stands in two of the files", "Give each its own name") for name in twice]
    if faults:
        complain("Nothing was applied:", faults)
        raise typer.Exit(FAILED)
    return found


def _show_webhooks(report: WebhookReport, *, as_json: bool) -> None:
    if as_json:
        rows = [{"system": one.system, "verb": one.verb, "ids": one.ids, "changes": one.changes} for one in report.done]
        write_json({"name": report.name, "webhooks": rows, "findings": report.findings})
    else:
        table = [(one.system, one.verb, ", ".join(one.ids), ", ".join(one.changes)) for one in report.done]
        write_table(("system", "webhook", "ids", "changes"), table)
        write_findings(report.findings)
    if not report.is_sound:
        raise typer.Exit(FAILED)


def _tested_row(report: TestReport) -> dict[str, Any]:
    matrix = [
        {
            "entity": row.entity,
            "right": row.verb,
            "needed": row.is_needed,
            "granted": row.granted,
            "state": row.state,
            "text": row.text,
        }
        for row in report.matrix
    ]
    return {
        "name": report.name,
        "autotask_ci": report.ci or None,
        "field_nation_company": report.company or None,
        "findings": report.findings,
        "permissions": matrix,
    }


def _show_test(report: TestReport) -> None:
    write(f"Autotask database {report.ci or 'not reached'}, Field Nation company {report.company or 'not known'}")
    write_findings(report.findings)
    rows = [
        (row.entity, row.verb, "yes" if row.is_needed else "-", _granted(row.granted), row.state, row.text)
        for row in report.matrix
    ]
    if rows:
        write_table(("entity", "right", "needed", "granted", "state", "in words"), rows)
    if not report.is_sound:
        fail(f"{report.name} cannot work as it is.")


def _granted(granted: bool | None) -> str:
    return {True: "yes", False: "no", None: "?"}[granted]
