"""Kept catalogues in a dictionary."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.model.ids import ConnectionId
from app.ports.fields import KeptCatalog


@dataclass
class FakeFields:
    """`KeptFields`; `versions` counts the changes of each connection."""

    kept: dict[ConnectionId, dict[str, KeptCatalog]] = field(default_factory=dict)
    versions: dict[ConnectionId, int] = field(default_factory=dict)

    async def load(self, connection: ConnectionId) -> Sequence[KeptCatalog]:
        return list(self.kept.get(connection, {}).values())

    async def keep(self, connection: ConnectionId, catalogs: Sequence[KeptCatalog], *, changed: bool) -> None:
        self.kept.setdefault(connection, {}).update({one.catalog.entity: one for one in catalogs})
        self.versions[connection] = self.versions.get(connection, 0) + changed
