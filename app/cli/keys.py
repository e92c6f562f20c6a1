"""`broker keys ...`: the keys that seal stored credentials."""

from typing import Any

import typer

from app.cli.console import FAILED, AsJson, operate, say, write_json
from app.services.connections import Rotation

app = typer.Typer(help="Encryption keys of stored credentials.", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Keeps `rotate` a command of its own name."""


@app.command()
def rotate(context: typer.Context, as_json: AsJson = False) -> None:
    """Seal every stored credential again with the newest key, the first of BROKER_SECRET_KEYS."""

    async def rotated(desk: Any) -> Rotation:
        rotation: Rotation = await desk.connections.rotate_keys()
        return rotation

    rotation = operate(context, rotated)
    if as_json:
        write_json(rotation)
    else:
        say(f"{rotation.resealed} credentials are sealed with the newest key.")
        for text in rotation.not_opened:
            say(f"  - {text}")
    if rotation.not_opened:
        raise typer.Exit(FAILED)
