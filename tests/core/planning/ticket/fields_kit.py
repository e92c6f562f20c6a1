"""A pair in memory: the work order, the ticket, and what import and push know of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.adapters.postgres.documents import dumps, loads
from app.core.mapping.apply_outbound import apply_outbound
from app.core.mapping.compiled import CompiledMapping
from app.core.mapping.digests import digest
from app.core.mapping.labels import labels_of
from app.core.mapping.outbound import CompiledOutbound
from app.core.mapping.work_order_document import work_order_document
from app.core.model.ids import ConnectionId, LinkId, TicketId, WorkOrderId
from app.core.model.intent import Intent
from app.core.model.ledger import EntryKey, LedgerEntry, LedgerState
from app.core.model.link import Examined, Known, Link, LinkOrigin
from app.core.planning.targets import value_at
from app.core.planning.ticket.fields import FieldsNow, FieldsPlan, needs_ticket, plan_fields
from app.core.planning.ticket.items import Ask
from app.core.planning.ticket.two_way import two_way_fields
from app.core.planning.ticket.values import value_of
from app.core.planning.ticket.wishes import digests_of, mapped_wishes
from tests.core.mapping.mapping_kit import compiled as inbound_of
from tests.core.mapping.outbound_kit import compiled, rule
from tests.core.planning.ticket.ticket_kit import NOW, ORDER, OWNER, SECOND_LOOK, entry_of

COMPLETE = "5"

STATUSES = {
    "source": "status",
    "target": "Ticket:Status",
    "action": "status",
    "mappings": [{"compare": "Work Done", "value": "Dispatch to Field"}, {"compare": "Approved", "value": "Complete"}],
}
RESOLUTION = rule("closing_notes", "Resolution")
TITLE = rule("title", "Ticket:Title")
TITLE_IN = {"source": "Title", "target": "title", "action": "sync"}


def a_link(**more: Any) -> Link:
    link = Link(LinkId(1), ConnectionId(1), TicketId(7), "T20260304.0007", WorkOrderId(ORDER), True, LinkOrigin.IMPORT)
    return replace(link, **more)


@dataclass(slots=True)
class Pair:
    """`refused` are fields that Autotask does not take, `undone` those that a rule of it puts back."""

    rules: CompiledOutbound
    inbound: CompiledMapping = field(default_factory=inbound_of)
    order: dict[str, Any] = field(default_factory=dict)
    ticket: dict[str, Any] = field(default_factory=dict)
    link: Link = field(default_factory=a_link)
    entries: dict[str, LedgerEntry] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    made: list[Intent] = field(default_factory=list)
    is_failing: bool = False

    def now(self) -> FieldsNow:
        vendors = {"id": ORDER, "title": "Replace UPS", "status": {"id": 3}, "closing_notes": "", **self.order}
        mapped = apply_outbound(self.rules.ticket, work_order_document(vendors), None, OWNER)
        now = FieldsNow(
            entity="Tickets",
            link=self.link,
            order=vendors,
            wishes=mapped_wishes(mapped),
            read=digests_of(mapped),
            two_way=two_way_fields(self.inbound, self.rules),
            completing=frozenset({COMPLETE}),
            entries=tuple(self.entries.values()),
            is_failing=self.is_failing,
            labels=labels_of(self.rules),
        )
        return replace(now, ticket=dict(self.ticket)) if needs_ticket(now) else now

    def plan(self, **ask: bool) -> FieldsPlan:
        return plan_fields(self.now(), Ask(OWNER, SECOND_LOOK, **ask))

    def push(self, **ask: bool) -> FieldsPlan:
        """Plans, writes, and remembers what is known then."""
        plan = self.plan(**ask)
        for intent in plan.intents:
            self.write(intent)
        targets = {name: value for name, value in plan.known.targets.items() if name not in self.refused}
        known = Known(loads(dumps(plan.known.sources)), loads(dumps(targets)), plan.known.pending)
        self.link = replace(self.link, out=known, examined=Examined(NOW, 3))
        return plan

    def write(self, intent: Intent, *, lost: LedgerState | None = None) -> None:
        self.made.append(intent)
        state = lost or (LedgerState.REJECTED if self.refused & intent.after.keys() else LedgerState.WRITTEN)
        if state is LedgerState.WRITTEN:
            self.ticket.update(intent.after)
        note = "Autotask says no." if state is LedgerState.REJECTED else ""
        key, attempted = EntryKey(OWNER, intent.kind, intent.key), loads(dumps(intent.attempted))
        self.entries[intent.kind] = entry_of(key, "update", state, "7", attempted, note)

    def import_ticket(self, **fields: Any) -> None:
        """The ticket says this now, and an import wrote it to the work order."""
        self.ticket.update(fields)
        for name, both in two_way_fields(self.inbound, self.rules).items():
            self.order[both.shown] = self.ticket[name]
        self._import_knows()

    def see_ticket(self) -> None:
        """An import that found both sides in step."""
        self._import_knows()

    def _import_knows(self) -> None:
        both = two_way_fields(self.inbound, self.rules)
        sources = {name: digest(value_of(self.ticket, name)) for name in both}
        targets = {one.shown: value_at(self.order, one.target) for one in both.values()}
        self.link = replace(self.link, known=Known(sources, targets))


def pair(*rules: Mapping[str, Any], **more: Any) -> Pair:
    return Pair(compiled(*rules), **more)


def both_ways(owner: str = "") -> Pair:
    """A pair whose title is mapped in both directions, in step as an import left it."""
    outbound = {**TITLE, "owner": owner} if owner else TITLE
    made = Pair(compiled(outbound), inbound_of(TITLE_IN), ticket={"title": "Replace UPS"})
    made.import_ticket()
    return made


def written(plan: FieldsPlan) -> list[dict[str, Any]]:
    """The bodies of what is planned, without the id."""
    return [{name: value for name, value in intent.body.items() if name != "id"} for intent in plan.intents]
