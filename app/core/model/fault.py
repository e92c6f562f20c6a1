"""Faults: what is wrong with something that a person wrote, and what to write instead."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One complaint about input.

    `where` is the path of the value (`field_nation.grant`) or a variable's name; `what` is the value as written,
    empty when there is none or when it is a secret; `why` completes the sentence; `mend` says what to write;
    `line` is the 1-based line of a file, 0 when not known.
    """

    where: str
    what: str
    why: str
    mend: str
    line: int = 0

    @property
    def sentence(self) -> str:
        """The complaint in one line, for people."""
        place = f"{self.where} (line {self.line})" if self.line else self.where
        said = f"{self.what} {self.why}" if self.what else self.why
        return f"{place}: {said}. {self.mend}."


def nearest(word: str, choices: Iterable[str], cutoff: float = 0.55) -> str:
    """The choice that is spelled most like `word`, or an empty text when none is as near as `cutoff` (0 to 1)."""
    table = {choice.lower(): choice for choice in choices}
    found = difflib.get_close_matches(word.lower(), list(table), n=1, cutoff=cutoff)
    return table[found[0]] if found else ""


def listed(choices: Iterable[str]) -> str:
    """`'a', 'b' or 'c'`."""
    quoted = [f"'{choice}'" for choice in choices]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else "".join(quoted)


def suggestion(word: str, choices: Iterable[str]) -> str:
    """What to write instead of `word`: the nearest choice, or all of them."""
    options = list(choices)
    near = nearest(word, options)
    return f"Perhaps '{near}' was meant" if near else f"Write {listed(options)}"
