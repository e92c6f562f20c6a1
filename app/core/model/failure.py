"""Failures, named by what must happen next.

    Failure
    ├── Transient      try again; probe first: is it the vendor or this record?
    ├── DatabaseAway   our own: no vendor is to blame; end what is under way, the next host begins afresh
    ├── Throttled      wait until a time; no attempt is burnt
    ├── Refused        credentials; pause the connection
    ├── Rejected       the vendor says no to this data; the rest goes on
    ├── Gone           the record does not exist any more
    ├── Unknown        sent, and the answer was lost; look before anything else is sent
    ├── NotSent        it is certain that nothing left this process
    └── LeaseLost      the account is hosted by somebody else now; change nothing

Every failure carries a sentence for people (`str(failure)`) and a `detail` for logs. Neither holds a secret.
"""

from datetime import datetime


class Failure(Exception):
    """The root; adapters raise its children only."""

    def __init__(self, text: str, *, detail: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.detail = detail


class Transient(Failure):
    """Network trouble, 502 to 504, or an answer that says nothing about our data."""


class DatabaseAway(Failure):
    """Our own database cannot be used now. It is no `Transient`: nobody probes a vendor because of it, and what was
    being committed may or may not be."""


class Throttled(Failure):
    """A limit of the vendor (or our share of it) is used up until `until` (aware UTC)."""

    def __init__(self, text: str, *, until: datetime, detail: str = "") -> None:
        super().__init__(text, detail=detail)
        self.until = until


class Refused(Failure):
    """The vendor does not accept our credentials, after one renewal or rediscovery."""


class Rejected(Failure):
    """The vendor refuses this data. `code` is stable, `field` is the vendor's field name or empty."""

    def __init__(self, code: str, text: str, *, field: str = "", detail: str = "") -> None:
        super().__init__(text, detail=detail)
        self.code = code
        self.field = field


class Gone(Failure):
    """The record is not there (any more)."""


class Unknown(Failure):
    """A write was sent and its answer was lost: it may or may not have happened."""


class NotSent(Failure):
    """A write was stopped before a byte left: its ledger entry may be closed as void."""


class LeaseLost(Failure):
    """Another host has, or may soon have, this account."""
