"""The scripts of one connection, each run in that connection's own child."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from types import TracebackType
from typing import Final, Self

from app.adapters.system.jsonnet import verdicts
from app.adapters.system.jsonnet.encoding import Encoded, TooMuch, encode
from app.adapters.system.jsonnet.frames import FAULT, FINE, RUN, TOO_MUCH, VALUE, frame
from app.adapters.system.jsonnet.limits import DEATHS_PER_RUN, INPUT_BYTES, KIB, PROGRAM_BYTES, PROGRAM_NESTING
from app.adapters.system.jsonnet.nesting import nesting
from app.adapters.system.jsonnet.process import Child, ChildDied
from app.core.model.document import Document
from app.core.model.script import Broke, Ran, ScriptCall, ScriptOutcome

_PROGRAMS_REMEMBERED: Final = 1000


class JailedScripts:
    """Answers `ports.scripts.Scripts`. The child starts with the first call, is kept, and is replaced after it died.

    Calls wait for one another; other connections have children of their own. A call that is cancelled takes the child
    with it. Must be closed, once and for all: with `aclose`, or by leaving it as a context.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._child: Child | None = None
        self._is_closed = False
        self._programs: dict[str, _Program | Broke] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the child, also one that is at work; the calls that are left are not run."""
        self._is_closed = True
        if self._child is not None:
            self._child.kill()
        async with self._turn:
            await self._drop()

    async def check(self, script: str) -> Broke | None:
        """What is wrong with the program before it ever runs: it is too large or too deep, or cannot be read. An
        unknown name is no such thing: Jsonnet meets it when it runs."""
        program = self._program(script)
        if isinstance(program, Broke):
            return program
        async with self._turn:
            outcome = await self._asked(program, None, None)
        return outcome if isinstance(outcome, Broke) else None

    async def run(self, document: Document, calls: Sequence[ScriptCall]) -> Sequence[ScriptOutcome]:
        """One outcome for each call, in order, whatever the others do."""
        given = encode(document, "$.input")
        if isinstance(given, TooMuch):
            return [verdicts.too_much_input(given.reason) for _ in calls]
        deaths: Counter[str] = Counter()
        outcomes: list[ScriptOutcome] = []
        async with self._turn:
            for call in calls:
                outcomes.append(await self._outcome(given, call, deaths))
        return outcomes

    async def _outcome(self, given: Encoded, call: ScriptCall, deaths: Counter[str]) -> ScriptOutcome:
        program = self._program(call.script)
        if isinstance(program, Broke):
            return program
        if deaths[call.script] >= DEATHS_PER_RUN and not self._is_closed:
            return verdicts.dies_again()
        item = encode(call.item, "$.item")
        if isinstance(item, TooMuch):
            return verdicts.too_much_input(item.reason)
        if len(given.json) + len(item.json) > INPUT_BYTES:
            return verdicts.too_much_input(f"$.input and $.item together are larger than {INPUT_BYTES // KIB} KiB")
        outcome = await self._asked(program, given, item)
        deaths[call.script] += self._child is None
        return outcome

    async def _asked(self, program: "_Program", given: Encoded | None, item: Encoded | None) -> ScriptOutcome:
        """The outcome of the program, or without a document that of reading it; the child is gone if it died of it."""
        try:
            child = await self._living()
        except (ChildDied, OSError) as error:
            return verdicts.not_started(error)
        try:
            kind, payload = await child.learn(program.digest, program.text) or (FINE, b"")
            if kind == FINE and given is not None and item is not None:
                child.show(given.json)
                kind, payload = await child.ask(frame(RUN, program.digest, item.json))
            trace = "\n".join([*_notes(given, item), verdicts.readable(child.trace())]).rstrip("\n")
            return _understood(kind, payload, program.lines, trace)
        except ChildDied as died:
            traced = child.trace()
            await self._drop()
            return verdicts.dead(died.exit_code, traced)
        except BaseException:
            await self._drop()
            raise

    async def _living(self) -> Child:
        if self._is_closed:
            raise ChildDied(0, "the connection was closed")
        if self._child is not None and self._child.is_dead:
            await self._drop()
        if self._child is None:
            self._child = await Child.start()
        return self._child

    async def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.close()

    def _program(self, script: str) -> "_Program | Broke":
        """The program as it is sent, or why it is not; judged once."""
        judged = self._programs.get(script)
        if judged is None:
            if len(self._programs) >= _PROGRAMS_REMEMBERED:
                self._programs.clear()
            judged = self._programs[script] = _judged(script)
        return judged


class _Program:
    """A program that is small and flat enough for the jail."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.digest = hashlib.sha256(text).digest()
        self.lines = text.count(b"\n") + 1


def _judged(script: str) -> _Program | Broke:
    if len(script) > PROGRAM_BYTES:
        return verdicts.too_large_program()
    text = script.encode("utf-8", "replace")  # half of a surrogate pair is no character; Jsonnet gets a question mark
    if len(text) > PROGRAM_BYTES:
        return verdicts.too_large_program()
    return verdicts.too_deep_program() if nesting(script) > PROGRAM_NESTING else _Program(text)


def _understood(kind: bytes, payload: bytes, lines: int, trace: str) -> ScriptOutcome:
    """The child's answer. A child that answers something else is not to be trusted any more."""
    if kind == FAULT:
        return verdicts.faulty(payload.decode("utf-8", "replace"), lines, trace)
    if kind == TOO_MUCH:
        return verdicts.too_much_output(payload.decode("ascii", "replace"), trace)
    if kind == FINE:
        return Ran(None, trace)
    if kind != VALUE:
        raise ChildDied(0)
    try:
        return Ran(json.loads(payload, parse_float=Decimal), trace)
    except (ValueError, ArithmeticError, RecursionError):
        raise ChildDied(0) from None


def _notes(*encoded: Encoded | None) -> list[str]:
    return [f"note: {one.rounded} has more digits than a script can hold" for one in encoded if one and one.rounded]
