"""Bytes to text: ids are ASCII, so only encodings that are not ASCII-compatible have to be recognised."""

import codecs

# UTF-32's little-endian mark begins with UTF-16's, so it is tried first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_text(body: bytes) -> str:
    """The body as text without its byte order mark: by its mark, by its zero bytes, as UTF-8, else as Latin-1.

    A declared charset is not looked at: senders declare `utf-16` in XML that they send as UTF-8, and every other
    charset in use spells ids the same way. Never raises.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    if body[1:2] == b"\x00":
        return body.decode("utf-16-le", errors="replace")
    if body[:1] == b"\x00":
        return body.decode("utf-16-be", errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")
