"""Time zones without files: all of the zone database is read once, and a zone is made of it when it is asked for."""

from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH, ZoneInfo, available_timezones

from app.core.mapping import dates

_PACKAGE: Final = "tzdata.zoneinfo"
"""The database that the Python package brings, for systems without one (Python documentation, zoneinfo)."""


_ZONES_MADE: Final = 32
"""How many zones are kept ready; one takes up to 100 KB."""


def keep_zones_in_memory() -> None:
    """From here on `dates.read_zone` opens no file: it knows the zones that can be read now."""
    held = dict(_read_all())

    @lru_cache(_ZONES_MADE)
    def zone(name: str) -> ZoneInfo:
        return ZoneInfo.from_file(BytesIO(held[name]), name)

    dates.ZoneInfo = zone  # type: ignore[assignment,attr-defined]  # the one name through which it reaches files


def _read_all() -> Iterator[tuple[str, bytes]]:
    for name in sorted(available_timezones()):
        places = [Path(folder) / name for folder in TZPATH]
        found = next((place for place in places if place.is_file()), None)
        yield name, found.read_bytes() if found else resources.files(_PACKAGE).joinpath(name).read_bytes()
