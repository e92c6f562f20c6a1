"""From what a child answered, or died of, to what a person is told."""

import re
import signal
from typing import Final

from app.adapters.system.jsonnet.frames import PROGRAM
from app.adapters.system.jsonnet.limits import (
    CALL_S,
    DATA_NESTING,
    INPUT_BYTES,
    KIB,
    MAX_CALL_DEPTH,
    MEMORY_BYTES,
    MIB,
    OUTPUT_BYTES,
    PROGRAM_BYTES,
    PROGRAM_NESTING,
    REASON_CHARS,
    TRACE_BYTES,
)
from app.core.model.script import Broke

_FAILED, _INVALID, _OVER, _CRASHED = "script_failed", "script_invalid", "script_over_limit", "script_crashed"

_PLACE: Final = re.compile(rf"^ +{re.escape(PROGRAM)}:(\d+)", re.MULTILINE)
_STACK: Final = re.compile(r"^ {4}(?:\S+:\d+[:\d-]*(?:: |$)|\S.* (?:evaluation|manifestification|call)$)", re.MULTILINE)
_TRACED: Final = re.compile(rf"^TRACE: {re.escape(PROGRAM)}:(\d+) ", re.MULTILINE)
_LAST_WORDS: Final = re.compile(
    r"^(?:memory allocation of \d+ bytes failed|thread '.*' panicked at |MemoryError|PanicException).*",
    re.MULTILINE | re.DOTALL,
)
_OUT_OF_MEMORY: Final = re.compile(r"memory allocation of|MemoryError|capacity overflow|data\.is_null|OutOfMemory")


def faulty(text: str, lines: int, trace: str) -> Broke:
    """The program's own error, of which Jsonnet says `text`; the program has that many lines."""
    if text.startswith("stack overflow"):
        reason = f"{_at(text, lines)}calls are nested deeper than {MAX_CALL_DEPTH}"
        return Broke(_OVER, reason, "End the recursion earlier; std.foldl and comprehensions need none.", trace)
    message = text[: found.start()] if (found := _STACK.search(text)) else text
    for prefix in ("runtime error: ", "import_callback error: ValueError: "):
        message = message.removeprefix(prefix)
    code, mend = (_INVALID, "Correct the program at that place.")
    if not text.startswith("syntax error"):
        code, mend = (_FAILED, "Correct the program, or guard the value, as $.util.lookup_field does.")
    return Broke(code, f"{_at(text, lines)}{_plain(message)}", mend, trace)


def dead(exit_code: int | None, traced: bytes) -> Broke:
    """Why the child is gone; `exit_code` as in `ChildDied`, `traced` what it left on standard error."""
    trace, last_words = _said(traced)
    if exit_code in (None, -signal.SIGALRM):
        return Broke(_OVER, f"it took longer than {CALL_S:g} s", "Loop over less data.", trace)
    if _OUT_OF_MEMORY.search(last_words):
        reason = f"it needs more than {MEMORY_BYTES // MIB} MiB of memory"
        return Broke(_OVER, reason, "Build smaller texts and lists.", trace)
    if len(traced) >= TRACE_BYTES:
        return Broke(_OVER, f"it traces more than {TRACE_BYTES // KIB} KiB", "Trace less.", trace)
    how = "its process could not go on" if exit_code is None or exit_code >= 0 else _signal_name(-exit_code)
    mend = "Look for endless recursion, deep nesting or very long chains of values, and simplify them."
    return Broke(_CRASHED, f"it ended the process that ran it ({how})", mend, trace)


def not_started(why: object) -> Broke:
    """There is no child at all."""
    mend = "Ask whoever runs the broker: its process must be able to start another, and rjsonnet be installed."
    return Broke(_CRASHED, _plain(f"the process for scripts could not be started ({why})"), mend)


def too_much_input(reason: str) -> Broke:
    """The document cannot be given to a script."""
    mend = f"Scripts see documents of up to {INPUT_BYTES // KIB} KiB and {DATA_NESTING} levels; use another action."
    return Broke(_OVER, reason, mend)


def too_much_output(limit: str, trace: str) -> Broke:
    """The result is too much; `limit` is `output` or `nesting`."""
    if limit == "nesting":
        return Broke(_OVER, f"its result is nested deeper than {DATA_NESTING}", "Return a flatter value.", trace)
    reason = f"its result is larger than {OUTPUT_BYTES // KIB} KiB"
    return Broke(_OVER, reason, "Return only what the target needs.", trace)


def too_large_program() -> Broke:
    """The program is too long to be looked at."""
    return Broke(_OVER, f"the program is larger than {PROGRAM_BYTES // KIB} KiB", "Shorten it.")


def too_deep_program() -> Broke:
    """The program nests too deep to be looked at."""
    mend = "Use fewer brackets, signs, if, local and function inside one another."
    return Broke(_OVER, f"the program is nested deeper than {PROGRAM_NESTING}", mend)


def dies_again() -> Broke:
    """The program ended its child so often in this run that it is not tried again in it."""
    reason = "it went over a limit or crashed several times in this run, so that the rest of its calls were left out"
    return Broke(_OVER, reason, "Correct the program first; the other findings of this run say what it did.")


def readable(traced: bytes) -> str:
    """What the program traced, each text with its line."""
    return _said(traced)[0]


def _said(traced: bytes) -> tuple[str, str]:
    """What the program traced, and what the binding said when it fell."""
    text = traced.decode("utf-8", "replace").replace("\0", "\ufffd")
    fell = _LAST_WORDS.search(text)
    said = text[: fell.start()] if fell else text
    return _TRACED.sub(r"line \1: ", said).rstrip("\n"), fell[0] if fell else ""


def _at(text: str, lines: int) -> str:
    """The innermost place in the customer's text; what surrounds it comes after its last line."""
    places = (int(found[1]) for found in _PLACE.finditer(text))
    line = next((line for line in places if line <= lines), None)
    return "" if line is None else f"line {line}: "


def _plain(text: str) -> str:
    """On one line, without control characters, cut."""
    words = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * REASON_CHARS]).split())
    return words if len(words) <= REASON_CHARS else f"{words[:REASON_CHARS]}…"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
