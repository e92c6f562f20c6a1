"""Frames: how parent and child speak. One byte for the kind, four for the length, then that many bytes."""

import struct
from typing import Final

HEADER: Final = struct.Struct(">cI")
DIGEST_BYTES: Final = 32

PROGRAM: Final = "script"
"""What Jsonnet's messages call the customer's program."""

# To the child.
LEARN: Final = b"L"  # digest and text of a program; answered by FINE or FAULT
INPUT: Final = b"I"  # the JSON of $.input until the next one; not answered
RUN: Final = b"R"  # digest of a program that was learnt, and the JSON of $.item; answered by VALUE, FAULT or TOO_MUCH
FORGET: Final = b"F"  # all programs; not answered

# From the child.
READY: Final = b"r"  # once, locked down; the names of the locks that hold, separated by spaces
FINE: Final = b"f"  # the program can be read
VALUE: Final = b"v"  # the JSON of the result
FAULT: Final = b"e"  # Jsonnet's complaint, a text
TOO_MUCH: Final = b"m"  # which limit of the result was crossed: `output` or `nesting`


def frame(kind: bytes, *payload: bytes) -> bytes:
    """The frame as it is sent."""
    body = b"".join(payload)
    return HEADER.pack(kind, len(body)) + body
