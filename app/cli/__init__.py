"""Commands: one module per noun. They read arguments, call one service, and render.

No business is branched on here, no transaction opened, and nothing is printed outside `console`.
"""

from contextlib import AbstractAsyncContextManager
from typing import Any

import typer

from app.cli import connection, fields, jobs, keys, link, records, run, work
from app.cli.backtest import backtest
from app.cli.check import check
from app.cli.console import OpenDesk, Surroundings
from app.cli.demo import demo
from app.cli.doctor import doctor
from app.cli.plan import plan, resync
from app.settings import Settings


def build(open_desk: OpenDesk | None = None) -> typer.Typer:
    """The whole command line. `open_desk` gives the services of a command, those of `bootstrap` unless given."""
    surroundings = Surroundings(open_desk or _operator)
    # Locals of a traceback may hold credentials: typer's own rendering of them is off.
    root = typer.Typer(name="broker", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

    @root.callback()
    def broker(context: typer.Context) -> None:
        """Keeps Autotask PSA tickets and Field Nation work orders in step."""
        context.obj = surroundings

    root.add_typer(connection.app, name="connection")
    root.add_typer(keys.app, name="keys")
    root.add_typer(jobs.app, name="jobs")
    root.add_typer(records.findings, name="findings")
    root.add_typer(records.ledger, name="ledger")
    root.add_typer(link.app, name="link")
    root.command("import")(work.import_tickets)
    connection.app.command("refresh-fields")(fields.refresh_fields)
    for command in (
        demo,
        backtest,
        check,
        doctor,
        fields.fields,
        plan,
        resync,
        work.sync,
        work.baseline,
        work.sweep,
        work.query,
        records.timeline,
        run.serve,
        run.worker,
        run.migrate,
        run.simulate,
    ):
        root.command()(command)
    return root


def _operator(settings: Settings) -> AbstractAsyncContextManager[Any]:
    from app import bootstrap

    return bootstrap.operator(settings)
