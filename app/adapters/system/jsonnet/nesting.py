"""How deep a program nests, judged before anybody parses it: parsers die of depth, and the sentence should be clear.

Not a parser: what it misjudges ends in the jail at the worst, and costs its child.
"""

import re
from typing import Final

# Comments, text blocks and strings end at their end or at that of the program, so that one pass is always enough.
_PIECE: Final = re.compile(
    r"//[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|\|\|\|.*?(?:\n[ \t]*\|\|\||\Z)|@'(?:[^']|'')*(?:'|\Z)|@\"(?:[^\"]|\"\")*(?:\"|\Z)"
    r"|'(?:[^'\\]|\\.)*(?:'|\\?\Z)|\"(?:[^\"\\]|\\.)*(?:\"|\\?\Z)"
    r"|[A-Za-z_]\w*|\d[\w.]*|\S",
    re.DOTALL,
)
_NESTING_WORDS: Final = frozenset({"if", "local", "function", "assert", "error"})
_BEFORE_VALUE: Final = frozenset("([{,;:=+-*/%&|^<>!~") | {"then", "else", "in"} | _NESTING_WORDS
"""After these, and at the start, `-`, `+`, `!` and `~` stand before a value and not between two."""


def nesting(program: str) -> int:
    """The deepest place: open brackets, and the words and signs before them that wait for the end of what follows."""
    deepest, waiting, before = 0, 0, "("
    outside: list[int] = []
    for found in _PIECE.finditer(program):
        piece = found[0]
        if piece.startswith(("//", "/*", "#")):
            continue
        if piece in _NESTING_WORDS or (piece in "+-!~" and before in _BEFORE_VALUE):
            waiting += 1
        elif piece in "([{":
            outside.append(waiting)
            waiting += 1
        elif piece in ")]}":
            waiting = outside.pop() if outside else 0
        elif piece == "," and outside:
            waiting = outside[-1] + 1
        deepest, before = max(deepest, waiting), piece
    return deepest
