"""Versions of a connection: every file that was applied, what each changed, and the way back to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.core.model.connection import Connection, ConnectionFile
from app.core.model.failure import Rejected
from app.ports.connections import StoredVersion, Versions
from app.services.connections import ApplyReport, ConnectionService
from app.services.differences import Change, differences


@dataclass(frozen=True, slots=True)
class VersionDifference:
    """What version `number` changed against `against`; 0 stands for none before it."""

    name: str
    number: int
    against: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class VersionService:
    """What an operator does with the versions of a connection. Secrets are in none of them."""

    store: Versions
    connections: ConnectionService

    async def list(self, name: str) -> Sequence[dict[str, Any]]:
        """One row for each version, oldest first; `paths_changed` is None where a file cannot be read any more.
        Raises `Rejected` for no such connection."""
        connection, versions = await self._versions(name)
        befores: Sequence[StoredVersion | None] = (None, *versions)
        return [
            {
                "version": one.number,
                "is_active": one.number == connection.version,
                "at": one.at,
                "who": one.who,
                "note": one.note,
                "paths_changed": _count(before, one),
            }
            for before, one in zip(befores, versions, strict=False)
        ]

    async def difference(self, name: str, number: int, against: int | None = None) -> VersionDifference:
        """What the version changed, against the one before it or the one named. Raises `Rejected`."""
        connection, versions = await self._versions(name)
        chosen = _chosen(connection, versions, number)
        earlier = _before(versions, number) if against is None else _chosen(connection, versions, against)
        old = _file(connection, earlier) if earlier else None
        changes = _changes(old, _file(connection, chosen))
        return VersionDifference(name, number, earlier.number if earlier else 0, changes)

    async def revert(self, name: str, *, who: str, to: int | None = None, dry_run: bool = False) -> ApplyReport:
        """Applies the file of that version, or of the one before the active one, as a new version.

        By the same checks as any file: a finding with severity error refuses it. Raises `Rejected` for an unknown
        version, for the active one, and for one that cannot be read any more.
        """
        connection, versions = await self._versions(name)
        if to == connection.version:
            text = f"Version {to} of {name} is the active one: there is nothing to go back to."
            raise Rejected("version_active", text)
        chosen = _before(versions, connection.version) if to is None else _chosen(connection, versions, to)
        if chosen is None:
            raise Rejected("no_earlier_version", f"{name} has one version only: there is none to go back to.")
        file, note = _file(connection, chosen), f"back to version {chosen.number}"
        return await self.connections.apply_again(connection, file, who=who, note=note, dry_run=dry_run)

    async def _versions(self, name: str) -> tuple[Connection, Sequence[StoredVersion]]:
        connection = await self.connections.named(name)
        return connection, await self.store.versions(connection.id)


def _before(versions: Sequence[StoredVersion], number: int) -> StoredVersion | None:
    return next((one for one, later in pairwise(versions) if later.number == number), None)


def _chosen(connection: Connection, versions: Sequence[StoredVersion], number: int) -> StoredVersion:
    found = next((one for one in versions if one.number == number), None)
    if found is None:
        last = versions[-1].number if versions else 0
        listed = f"versions 1 to {last}" if last > 1 else "version 1 only"
        raise Rejected("unknown_version", f"{connection.name} has no version {number}; it has {listed}.")
    return found


def _file(connection: Connection, version: StoredVersion) -> ConnectionFile:
    if version.file is None:
        text = f"Version {version.number} of {connection.name} was stored by an older release and cannot be read."
        raise Rejected("version_not_readable", f"{text} Apply the file itself again.")
    return version.file


def _count(before: StoredVersion | None, version: StoredVersion) -> int | None:
    if version.file is None or (before is not None and before.file is None):
        return None
    return len(_changes(before.file if before else None, version.file))


def _changes(old: ConnectionFile | None, new: ConnectionFile) -> tuple[Change, ...]:
    return differences(old, {}, new, {})
