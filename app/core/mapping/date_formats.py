"""Date formats of the moment.js kind: `YYYY MM DD HH mm ss`, their kin, and literals in [brackets].

Source: Field Nation help, mapping actions (date convert); moment.js documentation, parse and format tokens.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

MAX_FORMAT_CHARS: Final = 120

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Token -> what it accepts when read. A fraction may be of any length up to the seven digits that .NET prints.
_READS: Final[dict[str, str]] = {
    "YYYY": r"(\d{4})",
    "YY": r"(\d{2})",
    "MM": r"(\d{2})",
    "M": r"(\d{1,2})",
    "DD": r"(\d{2})",
    "D": r"(\d{1,2})",
    "HH": r"(\d{2})",
    "H": r"(\d{1,2})",
    "hh": r"(\d{2})",
    "h": r"(\d{1,2})",
    "mm": r"(\d{2})",
    "m": r"(\d{1,2})",
    "ss": r"(\d{2})",
    "s": r"(\d{1,2})",
    "SSS": r"(\d{1,7})",
    "A": r"([AaPp][Mm])",
    "a": r"([AaPp][Mm])",
    "Z": r"([Zz]|[+-]\d{2}:?\d{2})",
    "ZZ": r"([Zz]|[+-]\d{2}:?\d{2})",
    "X": r"([+-]?\d{1,14}(?:\.\d{1,6})?)",
    "x": r"([+-]?\d{1,17})",
}
_PRINTS: Final[dict[str, Callable[[datetime], str]]] = {
    "YYYY": lambda at: f"{at.year:04}",
    "YY": lambda at: f"{at.year % 100:02}",
    "MM": lambda at: f"{at.month:02}",
    "M": lambda at: str(at.month),
    "DD": lambda at: f"{at.day:02}",
    "D": lambda at: str(at.day),
    "HH": lambda at: f"{at.hour:02}",
    "H": lambda at: str(at.hour),
    "hh": lambda at: f"{(at.hour + 11) % 12 + 1:02}",
    "h": lambda at: str((at.hour + 11) % 12 + 1),
    "mm": lambda at: f"{at.minute:02}",
    "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02}",
    "s": lambda at: str(at.second),
    "SSS": lambda at: f"{at.microsecond // 1000:03}",
    "A": lambda at: "AM" if at.hour < 12 else "PM",
    "a": lambda at: "am" if at.hour < 12 else "pm",
    "Z": lambda at: _offset(at, ":"),
    "ZZ": lambda at: _offset(at, ""),
    "X": lambda at: str((at - _EPOCH) // timedelta(seconds=1)),
    "x": lambda at: str((at - _EPOCH) // timedelta(milliseconds=1)),
}
_TOKENS: Final[dict[str, tuple[str, ...]]] = {
    "year": ("YYYY", "YY"),
    "month": ("MM", "M"),
    "day": ("DD", "D"),
    "hour": ("HH", "H", "hh", "h"),
    "minute": ("mm", "m"),
    "second": ("ss", "s"),
    "fraction": ("SSS",),
    "meridiem": ("A", "a"),
    "offset": ("Z", "ZZ"),
    "epoch": ("X", "x"),
}
_UNIT: Final = {token: unit for unit, tokens in _TOKENS.items() for token in tokens}
_TAILS: Final[dict[str, str]] = {
    "day": r"(?:[T ]00:00(?::00(?:\.0{1,7})?)?(?P<offset>[Zz])?)?",
    "minute": r"(?P<offset>[Zz])?",
    "second": r"(?:\.(?P<fraction>\d{1,7}))?(?P<offset>[Zz])?",
    "fraction": r"(?P<offset>[Zz])?",
}
_PIECE = re.compile(r"\[([^\]]*)\]|(([A-Za-z])\3*)|([^A-Za-z\[]+)")


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the format, or (`is_literal`) text that stands for itself."""

    text: str
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A format that was understood."""

    text: str
    tokens: tuple[Token, ...]

    def print(self, at: datetime) -> str:
        """The aware time in this format, in the zone it carries."""
        return "".join(token.text if token.is_literal else _PRINTS[token.text](at) for token in self.tokens)

    def read(self, text: str) -> dict[str, str] | None:
        """What each token holds in a text of exactly this format, by unit; None when the text is not.

        What may follow although the format is silent about it: a fraction and a `Z` after a time, midnight after a
        day. Autotask prints no digit or several of a second, and a time with dates that have none.
        """
        found = re.fullmatch(self._pattern(), text.strip(), re.ASCII)
        if found is None:
            return None
        units = [token.text for token in self.tokens if not token.is_literal]
        read = {_unit(token): held for token, held in zip(units, found.groups(), strict=False)}
        return read | {name: held for name, held in found.groupdict().items() if held is not None}

    def _pattern(self) -> str:
        pattern = "".join(re.escape(token.text) if token.is_literal else _READS[token.text] for token in self.tokens)
        return pattern + _TAILS.get("" if self.tokens[-1].is_literal else _UNIT[self.tokens[-1].text], "")

    @property
    def units(self) -> frozenset[str]:
        """The units that the format speaks of: year, month, day, hour, ..., offset, epoch."""
        return frozenset(_UNIT[token.text] for token in self.tokens if not token.is_literal)


@dataclass(frozen=True, slots=True)
class BadFormat:
    """Why a text is no date format."""

    reason: str


def parse_format(text: str, *, for_reading: bool) -> DateFormat | BadFormat:
    """The format that the text spells. One for reading must say which day it is, and no unit twice."""
    if not text.strip() or len(text) > MAX_FORMAT_CHARS:
        return BadFormat("it is empty" if not text.strip() else f"it is longer than {MAX_FORMAT_CHARS} characters")
    tokens = _tokens(text)
    if isinstance(tokens, BadFormat):
        return tokens
    spoken = [_UNIT[token.text] for token in tokens if not token.is_literal]
    if not spoken:
        return BadFormat("it holds no token such as YYYY or HH")
    if for_reading and "epoch" not in spoken and not {"year", "month", "day"} <= set(spoken):
        return BadFormat("a date cannot be read without year, month and day")
    if for_reading and len(spoken) != len(set(spoken)):
        return BadFormat("it names a unit twice")
    return DateFormat(text, tokens)


def _tokens(text: str) -> tuple[Token, ...] | BadFormat:
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        found = _PIECE.match(text, position)
        if found is None:
            return BadFormat("a bracket is not closed")
        literal, run, _, other = found.groups()
        position = found.end()
        if run is None or run == "T":
            tokens.append(Token(run or other or literal, True))
        elif run in _READS:
            tokens.append(Token(run))
        else:
            return BadFormat(f"`{run}` is no token; write [{run}] for letters that stand for themselves")
    return tuple(tokens)


def _unit(token: str) -> str:
    """As `_UNIT`, with apart what is read differently: two-digit years, hours of the half day, milliseconds."""
    return {"YY": "short_year", "x": "epoch_ms"}.get(token, _UNIT[token])


def _offset(at: datetime, colon: str) -> str:
    minutes = int((at.utcoffset() or timedelta()).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{colon}{abs(minutes) % 60:02}"
