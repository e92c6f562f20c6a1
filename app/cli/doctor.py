"""`broker doctor`: a table of pass, warn and fail, with the mend."""

from typing import Any

import typer

from app.cli.console import FAILED, USAGE, AsJson, Surroundings, asyncio_run, ready_settings, write_json, write_table
from app.core.model.failure import Failure
from app.services.doctor import Check
from app.settings import SettingsError, environment, load, warnings


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check settings, database, keys, clock, SMTP and every connection."""
    surroundings: Surroundings = context.find_object(Surroundings)  # type: ignore[assignment]  # the root command set it
    checks = _settings_checks()
    if not any(check.state == "fail" for check in checks):
        checks += asyncio_run(_examined(surroundings))
    if as_json:
        write_json(checks)
    else:
        write_table(("check", "state", "what", "mend"), [(c.name, c.state, c.text, c.mend or None) for c in checks])
    failed = {check.name for check in checks if check.state == "fail"}
    if failed:
        raise typer.Exit(USAGE if "settings" in failed else FAILED)


def _settings_checks() -> list[Check]:
    try:
        settings = load()
    except SettingsError as error:
        return [Check("settings", "fail", fault.sentence, fault.mend) for fault in error.faults]
    warned = [Check("settings", "warn", fault.sentence, fault.mend) for fault in warnings(environment())]
    kind = "its own PostgreSQL" if settings.is_embedded else "the PostgreSQL of BROKER_DATABASE_URL"
    return [Check("settings", "pass", f"readable; the broker uses {kind}"), *warned]


async def _examined(surroundings: Surroundings) -> list[Check]:
    try:
        async with surroundings.open_desk(ready_settings()) as desk:
            return list(await _examine(desk))
    except SettingsError as error:
        return [Check("settings", "fail", fault.sentence, fault.mend) for fault in error.faults]
    except Failure as failure:
        return [Check("database", "fail", failure.text, "Check BROKER_DATABASE_URL, and that the server runs.")]


async def _examine(desk: Any) -> Any:
    return await desk.doctor.examine()
