"""The child: answers frames on its pipes, one evaluation after the other, until its input ends or a limit ends it.

Started by `process` in an isolated interpreter; everything is imported and read before the lock-down. What remains for
each call is the evaluation itself, in a fresh state of the interpreter, with the parsing of the program, of the
document, and of the library where the program names it: the binding has no compiled form that could be kept.
"""

import json
import os
import re
import signal
from importlib import resources
from typing import Final

from app.adapters.system.jsonnet.frames import (
    DIGEST_BYTES,
    FAULT,
    FINE,
    FORGET,
    HEADER,
    INPUT,
    LEARN,
    PROGRAM,
    READY,
    RUN,
    TOO_MUCH,
    VALUE,
    frame,
)
from app.adapters.system.jsonnet.limits import CALL_S, DATA_NESTING, KIB, MAX_CALL_DEPTH, OUTPUT_BYTES
from app.adapters.system.jsonnet.lockdown import lock_down
from app.adapters.system.jsonnet.natives import natives
from app.adapters.system.jsonnet.zones import keep_zones_in_memory

_LIBRARY: Final = "$.util"
_STDIN, _STDOUT = 0, 1
_HALF_FAULT_CHARS: Final = 4 * KIB
_FAILED: Final = 70

# The program stands on the first line, so that its lines are those of the messages; in brackets and with a line of its
# own behind it, so that a comment at its end hides nothing; inside the object, so that `$` is the object. The
# documented examples say pay.expense where the vendor says pay.expenses, and begin with workorder. or not (Field Nation
# help, custom actions); both other spellings are hidden, so that they cost nothing and are not printed.
_BEFORE: Final = "std.manifestJsonMinified({ result:: ("
_AFTER: Final = """
), util:: import '$.util', item:: std.parseJson(std.extVar('item')), input::
  local input = std.parseJson(std.extVar('input'));
  local pay = std.get(input, 'pay');
  local spelled = if std.isObject(pay) && 'expenses' in pay && !('expense' in pay)
    then input { pay+: { expense:: pay.expenses } } else input;
  if std.isObject(spelled) && !('workorder' in spelled) then spelled { workorder:: spelled } else spelled,
}.result)"""
_TEXTS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_UNREAD: Final = "function(never) "
"""Before a program, makes Jsonnet read all of it and run nothing."""


class Evaluator:
    """Programs by digest, the document, and the binding that runs one on the other."""

    def __init__(self) -> None:
        # Only the child may import the binding: it can be crashed, and it holds the interpreter's lock.
        from rjsonnet import evaluate_snippet

        self._evaluate = evaluate_snippet
        self._natives = natives()
        self._library = resources.files(__package__ or "").joinpath("library.libsonnet").read_text("utf-8")
        self._programs: dict[bytes, str] = {}
        self._input = "null"

    def warm_up(self) -> None:
        """Goes once through everything that imports, reads or fills something on its first use; without the timer."""
        self._learn(b"", "$.util.date_convert('2024-01-01', '', 'YYYY', 'UTC', 'Asia/Tokyo')")
        if self._run(self._programs.pop(b""), "null") != frame(VALUE, b'"2024"'):
            raise RuntimeError("the helpers of scripts do not work")

    def answer(self, kind: bytes, payload: bytes) -> bytes | None:
        """The frame that answers a frame, if one is expected. The kernel ends this process when that takes too long,
        whoever holds what lock."""
        signal.setitimer(signal.ITIMER_REAL, CALL_S)
        try:
            return self._answer(kind, payload[:DIGEST_BYTES], payload)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _answer(self, kind: bytes, digest: bytes, payload: bytes) -> bytes | None:
        if kind == LEARN:
            return self._learn(digest, payload[DIGEST_BYTES:].decode())
        if kind == RUN:
            return self._run(self._programs[digest], payload[DIGEST_BYTES:].decode())
        if kind == INPUT:
            self._input = payload.decode()
        elif kind == FORGET:
            self._programs.clear()
        return None

    def _learn(self, digest: bytes, program: str) -> bytes:
        """Reads the program without running it; Jsonnet then misses the argument, which is as good as fine."""
        try:
            self._evaluated(_UNREAD + program, "null")
        except RuntimeError as error:
            if str(error).startswith("syntax error"):
                return _fault(error)
        self._programs[digest] = f"{_BEFORE}{program}{_AFTER}"
        return frame(FINE)

    def _run(self, program: str, item: str) -> bytes:
        try:
            made: str = json.loads(self._evaluated(program, item))
        except RuntimeError as error:
            return _fault(error)
        value = made.encode()
        if len(value) > OUTPUT_BYTES:
            return frame(TOO_MUCH, b"output")
        if _depth(value) > DATA_NESTING:
            return frame(TOO_MUCH, b"nesting")
        try:
            json.loads(value)
        except ValueError:  # Jsonnet prints a power that is beyond its numbers as `inf`
            return frame(FAULT, b"the result holds a number that is too large")
        return frame(VALUE, value)

    def _evaluated(self, program: str, item: str) -> str:
        return self._evaluate(
            PROGRAM,
            program,
            max_stack=MAX_CALL_DEPTH,
            ext_vars={"input": self._input, "item": item},
            import_callback=self._import,
            native_callbacks=self._natives,
        )

    def _import(self, _folder: str, name: str) -> tuple[str, str]:
        """The only thing there is to import; without a callback the binding would read files."""
        if name != _LIBRARY:
            raise ValueError("a script cannot import; what it may use is $.input, $.item, $.util and std")
        return _LIBRARY, self._library


def main() -> None:
    """Serves the pipes. Whatever is not an error of Jsonnet's ends the process: its state is not to be trusted."""
    keep_zones_in_memory()
    evaluator = Evaluator()
    evaluator.warm_up()
    _send(frame(READY, " ".join(lock_down()).encode()))
    try:
        while header := _read(HEADER.size):
            kind, size = HEADER.unpack(header)
            answer = evaluator.answer(kind, _read(size))
            if answer is not None:
                _send(answer)
    except BaseException as error:  # the binding's panics are no Exception, and nothing may run after one
        os.write(2, f"\n{type(error).__name__}: {error}\n".encode("utf-8", "replace")[:KIB])
        os._exit(_FAILED)
    os._exit(0)


def _depth(value: bytes) -> int:
    """How deep JSON nests."""
    depth = deepest = 0
    for byte in _TEXTS.sub(b"", value):
        depth += (byte in b"[{") - (byte in b"]}")
        deepest = max(deepest, depth)
    return deepest


def _fault(error: RuntimeError) -> bytes:
    """The complaint; of a long one, the start, and the end with its places."""
    text = str(error)
    if len(text) > 2 * _HALF_FAULT_CHARS:
        text = f"{text[:_HALF_FAULT_CHARS]}\n{text[-_HALF_FAULT_CHARS:]}"
    return frame(FAULT, text.encode("utf-8", "replace"))


def _read(size: int) -> bytes:
    """Exactly that much of the input, or nothing when it has ended."""
    pieces = []
    while size and (piece := os.read(_STDIN, size)):
        pieces.append(piece)
        size -= len(piece)
    return b"" if size else b"".join(pieces)


def _send(answer: bytes) -> None:
    while answer:
        answer = answer[os.write(_STDOUT, answer) :]
