"""Bytes that somebody handed in, and the addresses under which the file host gives them out."""

import hashlib
import mimetypes
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import quote

from app.simulators.field_nation.part_records import FileBytes

PLACE = "/_files"


@dataclass
class Store:
    """Every file's bytes by id. An id is never used twice, so a replaced file has a new address."""

    _bytes: dict[int, bytes] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(90001))

    def keep(self, name: str, data: bytes, *, mime: str = "", size: int | None = None) -> FileBytes:
        """Keep bytes; `size` is what the file row is to say when it is to lie."""
        number = next(self._numbers)
        self._bytes[number] = data
        kind = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return FileBytes(number, name, kind, len(data) if size is None else size, hashlib.sha256(data).hexdigest())

    def get(self, number: int) -> bytes | None:
        """The bytes, or None when there never were any or they were thrown away."""
        return self._bytes.get(number)

    def drop(self, number: int) -> None:
        """Throw bytes away; their address then answers 404."""
        self._bytes.pop(number, None)


def file_url(begins: str, file: FileBytes) -> str:
    """The absolute address of a file; Field Nation calls it `link` and does not say how long it lives."""
    return f"{begins}{PLACE}/{file.id}/{quote(file.name, safe='')}"
