"""Files that a vendor links to."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FileBytes:
    """One file: its bytes, or none of them when it is larger than asked for."""

    data: bytes = field(repr=False)
    is_too_large: bool = False


class Files(Protocol):
    """One file of an account at a time is in memory, from the start of the context to its end."""

    def fetch(self, url: str, *, hosts: frozenset[str], cap_bytes: int) -> AbstractAsyncContextManager[FileBytes]:
        """Downloads a link without any credentials; a context inside another one of the same account waits for ever.

        `hosts` are the hosts that the link and its redirects may name: `host`, `host:port`, or `.host` and `*.host`
        for every host below it. `Rejected` with `file_host_not_allowed`, `file_not_found` or `file_unreadable`;
        `Throttled`; `Transient` for network trouble and for a file that was cut off.
        """
