"""Scripts: programs that customers write, run where they can harm nobody."""

from collections.abc import Sequence
from typing import Protocol

from app.core.model.document import Document
from app.core.model.script import Broke, ScriptCall, ScriptOutcome


class Scripts(Protocol):
    """The scripts of one connection. Nothing that a script does is raised: it is an outcome."""

    async def check(self, script: str) -> Broke | None:
        """What is wrong with the program before it ever runs (it cannot be read, it is too large), or None."""

    async def run(self, document: Document, calls: Sequence[ScriptCall]) -> Sequence[ScriptOutcome]:
        """One outcome for each call, in order. `document` is `$.input` in all of them."""
