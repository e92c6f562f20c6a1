"""Fields that are mapped in both directions: one field of the ticket, one place of the work order."""

from collections.abc import Mapping
from typing import Literal

from app.core.mapping.compiled import CompiledMapping
from app.core.mapping.outbound import CompiledOutbound
from app.core.mapping.paths import Path, System, parse_path
from app.core.mapping.relations import SourcePath
from app.core.planning.targets import STATUS, Target, read_target, show
from app.core.planning.ticket.fields import TwoWay

Owner = Literal["autotask", "field_nation"]


def two_way_fields(inbound: CompiledMapping, outbound: CompiledOutbound) -> Mapping[str, TwoWay]:
    """By the ticket's field: those whose inbound target is the outbound source.

    The status is none of them: each side has statuses of its own, and one only leads to another.
    """
    places = _inbound_places(inbound)
    found: dict[str, TwoWay] = {}
    for rule in outbound.ticket.rules:
        sources = {target for source in rule.sources if (target := _target(source)) is not None}
        for field in rule.fields:
            place = places.get(field.text)
            if place is not None and place[0] in sources:
                owner: Owner = rule.rule.owner or place[1] or "autotask"
                found[field.text] = TwoWay(place[0], show(place[0]), owner)
    return found


def _inbound_places(inbound: CompiledMapping) -> dict[str, tuple[Target, Owner | None]]:
    places: dict[str, tuple[Target, Owner | None]] = {}
    for rule in inbound.rules:
        path = parse_path(rule.target, System.FIELD_NATION)
        target = read_target(path.segments) if isinstance(path, Path) else None
        for source in rule.sources:
            if target not in (None, STATUS) and isinstance(source, SourcePath) and not source.hops:
                places[source.text] = (target, rule.rule.owner)
    return places


def _target(source: object) -> Target | None:
    return read_target(source.segments) if isinstance(source, Path) else None
