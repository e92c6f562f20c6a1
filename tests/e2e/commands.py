"""The command line against a kit's database and simulators, with everything that it printed."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from typer.testing import CliRunner

from app.cli import build
from tests.e2e.kit import Kit


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended: its exit code, its results, and what it said to the person."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The results as JSON."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The results as JSON, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


async def broker(kit: Kit, *arguments: object, **variables: str) -> Said:
    """Runs `broker ...` in a thread of this process, with the environment of the kit's broker."""
    words = [str(one) for one in arguments]
    environment = kit.environment() | {"BROKER_PUBLIC_URL": kit.web} | variables
    with _own_logging():
        result = await asyncio.to_thread(CliRunner().invoke, build(), words, env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


@contextmanager
def _own_logging() -> Iterator[None]:
    """A command sets up the log of its process; here that is everybody's."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        yield
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
