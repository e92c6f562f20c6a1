"""Reading `multipart/form-data`, byte for byte."""

from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import HTTP

_HEADERS = BytesHeaderParser(policy=HTTP)


@dataclass(frozen=True)
class Part:
    """One field of a form; `filename` is None for a plain value."""

    name: str
    filename: str | None
    mime: str
    data: bytes


def read_multipart(content_type: str, body: bytes) -> list[Part]:
    """The parts in order; raises ValueError when the body is not what the header says."""
    about = _HEADERS.parsebytes(b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n")
    boundary = about.get_param("boundary")
    if about.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise ValueError("not multipart/form-data with a boundary")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ValueError("the last boundary is missing")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, found, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    headers = _HEADERS.parsebytes(head + b"\r\n\r\n")
    name = headers.get_param("name", header="content-disposition")
    if not found or not isinstance(name, str):
        raise ValueError("a part without a name")
    filename = headers.get_filename()
    return Part(name, filename, headers.get_content_type() if "content-type" in headers else "", data)
