"""Scripts: what a custom action is asked for, and what came of it."""

from dataclasses import dataclass
from typing import TypeAlias

from app.core.model.document import Document, Json


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """One evaluation: a Jsonnet program over a document; `item` is the element that is mapped (`$.item`), if any."""

    script: str
    item: Document | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """The value that the program gave, and what it traced on the way."""

    value: Json
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Broke:
    """Why there is no value. `code` is that of the finding: `script_failed` (the program's own error), `script_invalid`
    (it cannot be read), `script_over_limit` (time, memory, input, output or nesting) or `script_crashed`."""

    code: str
    reason: str
    mend: str
    trace: str = ""


ScriptOutcome: TypeAlias = Ran | Broke
