"""Lists of what hangs on a work order: embedded in it, perhaps cut, and on their own with pages."""

from collections.abc import Mapping
from typing import Any

from app.simulators.field_nation.pay import metadata
from app.simulators.field_nation.settings import Settings

Json = dict[str, Any]


def embedded(rows: list[Json], settings: Settings) -> Json:
    """`metadata` and `results` inside a work order, cut and lying about it as the switches say.

    Whether the vendor shows every row there is not published; by default it does.
    """
    shown = rows if settings.embedded_rows is None else rows[: settings.embedded_rows]
    total = len(shown) if settings.embedded_total_lies else len(rows)
    size = settings.embedded_per_page
    if size and len(shown) < total:
        return {"metadata": metadata(total, 1, max(1, len(shown))), "results": shown}
    return {"metadata": metadata(total, 1, size and max(size, len(shown))), "results": shown}


def page_of(rows: list[Json], query: Mapping[str, str], settings: Settings) -> Json:
    """`metadata` and `results` of the asked page; 25 rows unless `per_page` says otherwise."""
    page = _whole_number(query.get("page"), 1)
    size = min(settings.sublist_per_page_cap, _whole_number(query.get("per_page"), 25))
    first = (page - 1) * size
    shown = [] if settings.sublist_drops_pages and page > 1 else rows[first : first + size]
    total = max(0, len(rows) - (page - 1)) if settings.sublist_total_sinks else len(rows)
    return {"metadata": metadata(total, page, size), "results": shown}


def _whole_number(text: str | None, otherwise: int) -> int:
    return max(1, int(text)) if text is not None and text.isascii() and text.isdigit() else otherwise
