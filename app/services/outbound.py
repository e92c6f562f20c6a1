"""The outbound mapping of a connection, brought together with what its database says about itself."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.core.mapping.apply_outbound import apply_outbound
from app.core.mapping.compile import NeedCatalogs
from app.core.mapping.compile_outbound import compile_outbound
from app.core.mapping.dialects import load_rules
from app.core.mapping.engine import Mapped
from app.core.mapping.outbound import CompiledOutbound, CompiledPart
from app.core.mapping.relations import NeedCatalog
from app.core.mapping.rules import Rule
from app.core.mapping.scripted import NO_OUTCOMES, OrderOutcomes
from app.core.model.catalog import EntityCatalog
from app.core.model.connection import ConnectionFile
from app.core.model.document import Document
from app.core.planning.ticket.fields import TwoWay
from app.core.planning.ticket.lengths import lengths_with
from app.core.planning.ticket.two_way import two_way_fields
from app.ports.fields import FieldSource
from app.services.inbound import InboundMapping

_COMPLETE = "5"
"""The ticket status that every database seen calls Complete (Autotask developer help, tickets)."""


@dataclass(frozen=True, slots=True)
class OutboundMapping:
    """`entity` are the records that work orders are paired with, `completing` the status ids that close one,
    `lengths` those of text fields by entity."""

    compiled: CompiledOutbound
    entity: str
    completing: frozenset[str]
    two_way: Mapping[str, TwoWay]
    lengths: Mapping[str, Mapping[str, int]]
    zone: ZoneInfo

    @property
    def ticket_fields(self) -> tuple[str, ...]:
        """Fields of the paired record that some rule writes."""
        return tuple(field.text for field in self.compiled.ticket.fields)

    def apply(
        self, kind: str, order: Document, item: Document | None, record: str, ran: OrderOutcomes = NO_OUTCOMES
    ) -> Mapped:
        """What the rules of one kind make of the work order's document and one of its items; `ran` is what the scripts
        made of them."""
        part: CompiledPart = getattr(self.compiled, kind)
        return apply_outbound(part, order, item, record, self.zone, ran.of(kind, item))


async def outbound_mapping(file: ConnectionFile, inbound: InboundMapping, fields: FieldSource) -> OutboundMapping:
    """Compiles the file's outbound rules; fetches just the catalogues of what they write to."""
    loaded, _ = load_rules(file.mappings.outbound, "outbound")

    async def fetch(need: NeedCatalog) -> EntityCatalog:
        return await fields.catalog(need.entity, user_fields=need.user_fields)

    entity = file.autotask.entity
    compiled = await outbound_against(loaded, fetch, entity)
    parts = (compiled.ticket, compiled.time_entries, compiled.expense_items, compiled.charges, compiled.notes)
    lengths = lengths_with((part.entity, field.text, field.meta.length) for part in parts for field in part.fields)
    completing = frozenset(inbound.excluded) | ({_COMPLETE} if entity == "Tickets" else frozenset())
    both = two_way_fields(inbound.compiled, compiled)
    return OutboundMapping(compiled, entity, completing, both, lengths, ZoneInfo(file.time_zone))


async def outbound_against(
    rules: Sequence[Rule], fetch: Callable[[NeedCatalog], Awaitable[EntityCatalog]], root: str
) -> CompiledOutbound:
    """The rules compiled with just the catalogues that they write to, fetched as they are found to be needed."""
    known: dict[NeedCatalog, EntityCatalog] = {}
    while isinstance(compiled := compile_outbound(rules, known.get, root), NeedCatalogs):
        for need in compiled.needs:
            known[need] = await fetch(need)
    return compiled
