"""Vendors: the two systems of one connection, opened with its credentials."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from app.core.model.connection import ConnectionFile
from app.ports.definitions import Definitions
from app.ports.events import WorkOrderEvents
from app.ports.files import Files
from app.ports.hosting import Hosted
from app.ports.parts import WorkOrderParts
from app.ports.tickets import TicketCatalog, TicketSystem
from app.ports.work_orders import WorkOrderSystem


@dataclass(frozen=True, slots=True)
class VendorPair:
    tickets: TicketSystem
    catalog: TicketCatalog
    work_orders: WorkOrderSystem
    parts: WorkOrderParts
    events: WorkOrderEvents
    files: Files
    definitions: Definitions


class Vendors(Protocol):
    def open(
        self, file: ConnectionFile, secrets: Mapping[str, str], *, scope: str, hosted: Hosted | None
    ) -> AbstractAsyncContextManager[VendorPair]:
        """Opens both systems. `secrets` are plain, by field name (`autotask.secret`).

        With `hosted` the pair spends and persists the account's budgets; without, it is a person's command: it uses
        the spare lane of every vendor limit and persists nothing. `scope` names the connection in budgets and logs.
        """


class Sealer(Protocol):
    """Encrypts credentials at rest, bound to the connection and the field they belong to."""

    def seal(self, connection: str, field: str, text: str) -> str:
        """The sealed text; it opens for the same connection and field only."""

    def open(self, connection: str, field: str, sealed: str) -> str:
        """The plain text. Raises `ValueError` when no key opens it."""
