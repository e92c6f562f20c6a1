"""Text to shape: JSON, XML and form bodies become one kind of value that the namer walks.

A shape is a `Record` (pairs in order, keys may repeat), a list, a text, a bool or None. Numbers stay the text they
were written as, so that no size and no fraction is lost or costly.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import errors

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_DEPTH = 64

Shape: TypeAlias = Union[bool, str, "list[Shape]", "Record", None]


@dataclass(frozen=True, slots=True)
class Record:
    """An object, an element or a form: pairs in the order they came."""

    pairs: tuple[tuple[str, Shape], ...]

    def get(self, key: str) -> Shape:
        """The first value under the key in any capitalisation, or None."""
        return next((value for name, value in self.pairs if name.lower() == key), None)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A body that is not what it looks like: a stable code and a sentence with the place of the fault."""

    code: str
    detail: str


# A text is swallowed whole, also one that is never closed, so that the scan stays linear.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_XML_DECLARATION = re.compile(r"\A<\?xml\b[^>]*\?>")


def read_json(text: str, *, is_strict: bool = False) -> Shape | Malformed:
    """The shape of a JSON text. Depth is measured before parsing: the parser itself would recurse.

    `NaN` and the infinities, which are no JSON though many writers know them, are texts unless `is_strict`.
    """
    if _is_too_deep(text):
        return Malformed("too_deep", f"The JSON is nested deeper than {MAX_DEPTH} levels; send a flat object or list.")
    try:
        shape: Shape = json.loads(
            text,
            object_pairs_hook=_record,
            parse_int=str,
            parse_float=str,
            parse_constant=_no_number if is_strict else str,
        )
    except _NoNumber as error:
        return Malformed("malformed_json", f"The body looks like JSON but is not: {error} is no JSON number.")
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return Malformed("malformed_json", f"The body looks like JSON but is not: {error.msg} at {place}.")
    return shape


def _record(pairs: Iterable[tuple[str, Shape]]) -> Record:
    return Record(tuple(pairs))


class _NoNumber(Exception):
    """`NaN`, `Infinity` or `-Infinity` where JSON is taken at its word."""


def _no_number(name: str) -> Shape:
    raise _NoNumber(name)


def _is_too_deep(text: str) -> bool:
    depth = 0
    for match in _BRACKETS.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif match[0] in "]}":
            depth -= 1
    return False


def read_xml(text: str) -> Shape | Malformed:
    """The shape of an XML text: attributes and child elements are pairs. No DTD, no entities of its own.

    The declaration is dropped first: the text is decoded already, and what it declares is often untrue.
    """
    try:
        # A lone surrogate cannot be encoded; it is no part of an id.
        root = fromstring(_XML_DECLARATION.sub("", text).encode("utf-8", errors="replace"), forbid_dtd=True)
    except DefusedXmlException:
        return Malformed("xml_dtd", "The XML brings a DTD or entities; send the elements alone.")
    except ParseError as error:
        # The parser's own text may quote the body at any length; its code and place do not.
        fault = errors.messages.get(error.code, "not well-formed")
        place = f"line {error.position[0]}, column {error.position[1]}"
        return Malformed("malformed_xml", f"The body looks like XML but is not: {fault} at {place}.")
    except ValueError:
        return Malformed("malformed_xml", "The body looks like XML but is not.")
    if _xml_depth_exceeds(root):
        return Malformed("too_deep", f"The XML is nested deeper than {MAX_DEPTH} levels; send a flat element.")
    return Record(tuple(_pairs_of(root)))


def _xml_depth_exceeds(root: Element) -> bool:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True


def _pairs_of(element: Element) -> list[tuple[str, Shape]]:
    """An element as pairs under its own name: its text, when it has one and no children, and what it holds."""
    name = _local(element.tag)
    held = [(_local(key), value) for key, value in element.attrib.items()]
    inner: list[tuple[str, Shape]] = [*held]
    for child in element:
        inner.extend(_pairs_of(child))
    pairs: list[tuple[str, Shape]] = []
    text = (element.text or "").strip()
    if text and not len(element):
        pairs.append((name, text))
    if inner:
        pairs.append((name, Record(tuple(inner))))
    return pairs


def _local(name: object) -> str:
    """The name without its namespace."""
    return str(name).rpartition("}")[2]


def read_form(text: str) -> Record:
    """Name-value pairs, joined by `&` or one to a line (a form never holds a bare line end inside a value)."""
    return read_pairs(parse_qsl("&".join(text.splitlines()), keep_blank_values=True))


def read_pairs(pairs: Sequence[tuple[str, str]]) -> Record:
    """Decoded pairs, such as query parameters, without the trigger token."""
    return Record(tuple((key.strip(), value) for key, value in pairs if key.strip().lower() != "client_token"))
