"""Scripts that are looked up instead of run."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.core.model.document import Document
from app.core.model.script import Broke, Ran, ScriptCall, ScriptOutcome


@dataclass
class FakeScripts:
    """`Scripts`: what each program gives, by its text; `asked` are the documents and elements that were seen."""

    given: dict[str, ScriptOutcome] = field(default_factory=dict)
    asked: list[tuple[Document, Document | None]] = field(default_factory=list)

    async def check(self, script: str) -> Broke | None:
        given = self.given.get(script)
        return given if isinstance(given, Broke) else None

    async def run(self, document: Document, calls: Sequence[ScriptCall]) -> Sequence[ScriptOutcome]:
        self.asked += [(document, call.item) for call in calls]
        return [self.given.get(call.script, Ran(call.script)) for call in calls]


@asynccontextmanager
async def no_scripts() -> AsyncIterator[FakeScripts]:
    """A jail for files without custom actions."""
    yield FakeScripts()
