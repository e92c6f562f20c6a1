"""`broker serve`, `worker`, `migrate`, `simulate`: the processes.

What only some of them need (the wiring with its drivers and frameworks) is imported by those: it takes seconds.
"""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.adapters.system import logs
from app.cli.console import fail, refuse, run_until_done, say
from app.settings import Settings, SettingsError, load


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8080,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Web only.")] = False,
) -> None:
    """Run the web side, with a worker in the same process unless --no-worker."""
    from app import bootstrap

    settings = _settings()
    run_until_done(bootstrap.serve(settings, host=host, port=port, with_worker=not no_worker))


def worker(
    health_port: Annotated[int, typer.Option(help="Serve /livez, /readyz, /health and /metrics here; 0: do not.")] = 0,
    health_host: Annotated[str, typer.Option(help="The address for them.")] = "127.0.0.1",
) -> None:
    """Run a worker only; any number of them, on any machine."""
    from app import bootstrap

    settings = _settings()
    run_until_done(bootstrap.work(settings, health_host=health_host, health_port=health_port))


def migrate() -> None:
    """Bring the database to the newest schema."""
    from app import bootstrap

    settings = _settings()
    say(run_until_done(bootstrap.migrate(settings)))


def simulate(
    system: Annotated[str, typer.Argument(help="autotask or field-nation.")],
    port: Annotated[int, typer.Option(help="The port to listen on.")],
    seed: Annotated[Path | None, typer.Option(help="A JSON file with what the simulator knows at first.")] = None,
) -> None:
    """Run a simulator of one vendor on its own, on this machine only."""
    places = {"autotask": "app.simulators.autotask.app", "field-nation": "app.simulators.field_nation.app"}
    if system not in places:
        fail(f"{system!r} is neither autotask nor field-nation.", 2)
    known: Any = None
    if seed is not None:
        try:
            known = json.loads(seed.read_text())
        except (OSError, ValueError) as error:
            fail(f"{seed}: {error}", 2)
    asyncio.run(_simulate(places[system], port, known))


async def _simulate(place: str, port: int, seed: Any) -> None:
    """By import string: nothing of the broker imports the simulators."""
    import uvicorn

    application = uvicorn.importer.import_from_string(f"{place}:create_app")(seed)
    config = uvicorn.Config(application, host="127.0.0.1", port=port, log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()


def _settings() -> Settings:
    try:
        settings = load()
    except SettingsError as error:
        refuse(error.faults)
    logs.configure(settings.log_format, settings.log_level)
    return settings
