"""The inbound mapping of a connection, brought together with what its database says about itself."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.core.mapping.compile import NeedCatalogs, compile_inbound
from app.core.mapping.compiled import CompiledMapping
from app.core.mapping.dialects import load_rules
from app.core.mapping.engine import apply
from app.core.mapping.relations import Hop, NeedCatalog
from app.core.mapping.rules import Rule
from app.core.mapping.scripted import NOT_RUN
from app.core.model.catalog import EntityCatalog
from app.core.model.connection import ConnectionFile
from app.core.model.document import Document
from app.core.model.script import ScriptOutcome
from app.core.planning.desired import Desired, desired_of
from app.core.planning.rules import ImportRules
from app.core.planning.targets import Target
from app.ports.fields import FieldSource


@dataclass(frozen=True, slots=True)
class InboundMapping:
    """`excluded` are the status ids that are left out, each with its label; `owners` says who wins the places of the
    work order that are mapped both ways, wherever that was written."""

    compiled: CompiledMapping
    rules: ImportRules
    excluded: dict[str, str] = field(default_factory=dict)
    owners: Mapping[Target, str] = field(default_factory=dict)

    @property
    def chains(self) -> Sequence[Sequence[Hop]]:
        """The related records that the mapping names."""
        return self.compiled.relations

    def desired(
        self,
        ticket: Document,
        owner: str,
        number: str,
        now: datetime,
        outcomes: Mapping[int, ScriptOutcome] = NOT_RUN,
    ) -> Desired:
        """What the mapping wants of the ticket's work order; `outcomes` are what its scripts made of the ticket."""
        mapped = apply(self.compiled, ticket, owner, outcomes)
        desired = desired_of(mapped.values, record=owner, number=number, now=now, read=mapped.inputs)
        wishes = tuple(replace(wish, owner=self.owners.get(wish.target, wish.owner)) for wish in desired.wishes)
        return replace(desired, wishes=wishes, findings=(*mapped.findings, *desired.findings))

    def excluded_status(self, ticket: Document) -> str:
        """The label of the ticket's status when it is one that is left out, else empty."""
        return self.excluded.get(str(ticket.get("status")), "")


async def inbound_mapping(file: ConnectionFile, fields: FieldSource) -> InboundMapping:
    """Compiles the file's inbound rules; fetches just the catalogues that their sources name."""
    loaded, _ = load_rules(file.mappings.inbound, "inbound")

    async def fetch(need: NeedCatalog) -> EntityCatalog:
        return await fields.catalog(need.entity, user_fields=need.user_fields)

    compiled = await compiled_against(loaded, fetch, file.autotask.entity)
    settings = file.settings
    rules = ImportRules(frozenset(settings.work_order_actions), settings.cancel_reason)
    excluded = await excluded_statuses(settings.excluded_statuses, fields, file.autotask.entity)
    return InboundMapping(compiled, rules, excluded)


async def compiled_against(
    rules: Sequence[Rule], fetch: Callable[[NeedCatalog], Awaitable[EntityCatalog]], root: str
) -> CompiledMapping:
    """The rules compiled with just the catalogues that their sources name, fetched as they are found to be needed."""
    known: dict[NeedCatalog, EntityCatalog] = {}
    while isinstance(compiled := compile_inbound(rules, known.get, root), NeedCatalogs):
        for need in compiled.needs:
            known[need] = await fetch(need)
    return compiled


async def excluded_statuses(named: Sequence[str | int], fields: FieldSource, entity: str) -> dict[str, str]:
    """Ids of the named statuses in this database's own picklist, each with its label; unknown names are left out."""
    if not named:
        return {}
    status = (await fields.catalog(entity)).field("status")
    wanted = {str(name).strip().casefold() for name in named}
    picks = status.values if status else ()
    return {pick.value: pick.label for pick in picks if {pick.value, pick.label.strip().casefold()} & wanted}
