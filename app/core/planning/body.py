"""Bodies: wishes put into the vendor's request object, whole sections at a time.

An update of one address line sends the whole location, since the vendor replaces what it is given section by section.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app.core.model.document import Document
from app.core.planning.desired import Wish
from app.core.planning.targets import WINDOW_END, WINDOW_START, Target, put_value, value_at

_WHOLE_SECTIONS = frozenset({"location", "schedule", "contacts", "pay", "types_of_work"})


def body_of(wishes: Iterable[Wish]) -> dict[str, Any]:
    """The request body that asks for all wishes, with what the vendor demands beside them."""
    body: dict[str, Any] = {}
    for wish in wishes:
        put_value(body, wish.target, "" if wish.value is None else wish.value)
    _complete_location(body)
    _complete_window(body)
    return body


def _complete_location(body: dict[str, Any]) -> None:
    """Without `mode: custom` the vendor drops an address; country is a two-letter code."""
    if "location" in body:
        body["location"].setdefault("mode", "custom")
        body["location"].setdefault("country", "US")


def _complete_window(body: dict[str, Any]) -> None:
    window = body.get("schedule", {}).get("service_window")
    if window is not None:
        window.setdefault("mode", "between" if "end" in window else "exact")


def with_siblings(changed: Iterable[Wish], every: Iterable[Wish], work_order: Document) -> tuple[Wish, ...]:
    """The changed wishes, and for each section among them its other mapped places as they stand at the work order."""
    chosen: dict[Target, Wish] = {wish.target: wish for wish in changed}
    sections = {target[0] for target in chosen if target[0] in _WHOLE_SECTIONS}
    for wish in every:
        if wish.target[0] in sections and wish.target not in chosen:
            standing = value_at(work_order, wish.target)
            value = wish.value if standing is None or wish.owner == "derived" else standing
            chosen[wish.target] = Wish(wish.target, value, {}, False, wish.owner)
    return _ordered_window(chosen, {wish.target: wish for wish in every})


def _ordered_window(chosen: Mapping[Target, Wish], wanted: Mapping[Target, Wish]) -> tuple[Wish, ...]:
    """Where a time that only stands there would end the visit before it starts, both times are as mapped."""
    start, end = chosen.get(WINDOW_START), chosen.get(WINDOW_END)
    if start and end and str(start.value) >= str(end.value):
        mapped = {WINDOW_START: wanted.get(WINDOW_START, start), WINDOW_END: wanted.get(WINDOW_END, end)}
        return tuple({**chosen, **mapped}.values())
    return tuple(chosen.values())
