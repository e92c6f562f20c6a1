"""Writes to one work order: the plan's intents in order, then one repair of what the vendor dropped."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from app.core.model.document import Document
from app.core.model.failure import Rejected
from app.core.model.finding import Finding
from app.core.model.ids import TicketId, WorkOrderId
from app.core.model.intent import Intent, Phase, Plan
from app.core.model.ledger import LedgerState
from app.core.model.link import Known, Link, LinkOrigin, NewLink
from app.core.model.permit import Opening
from app.core.planning.desired import Desired, Wish
from app.core.planning.repairs import mark_wish, not_taken, plan_repairs
from app.core.planning.retry import rejected
from app.core.planning.rules import create_key
from app.core.planning.targets import internal_field, show
from app.core.planning.to_work_order import known_after_create, known_after_update
from app.services.execute import Write
from app.services.look import company_of, id_of
from app.services.site import Site


class WorkOrderWrites:
    """`count` is how many writes were made; findings about them are added to the list given.

    What the vendor refuses is said, and the rest goes on; but a status is then left alone, since it would announce
    what is not there. `refused` is the first refusal.
    """

    def __init__(self, site: Site, owner: str, findings: list[Finding]) -> None:
        self._site = site
        self._owner = owner
        self._findings = findings
        self.count = 0
        self.refused: Rejected | None = None

    async def create(self, ticket_id: TicketId, number: str, plan: Plan, desired: Desired) -> Link:
        """Creates the work order, links it, repairs it, then moves it to its status; the link."""
        site = self._site
        intent, *moves = plan.intents
        mark = desired.values.get("incident_id")
        attempted = {"values": intent.after, "sources": plan.sources, "mark": mark, "status": bool(desired.status)}
        write = Write(site, self._owner, intent, attempted)
        order = await write.make(lambda opening: site.vendors.work_orders.create(intent.body, opening))
        new = NewLink(ticket_id, number, id_of(order), LinkOrigin.IMPORT)
        link = await write.link(new, known_after_create(desired, order))
        self.count += 1
        await self._learn(order)
        mark_too = mark_wish(desired, order)
        wishes = (*desired.wishes, mark_too) if mark_too else desired.wishes
        order = await self._repair(link.work_order_id, wishes, wishes, order)
        order = await self._act(link.work_order_id, moves, order)
        if not self.refused:
            await site.links.know(site.hosted, link, known_after_update(link.known, desired, order, plan))
        return link

    async def link_found(self, ticket_id: TicketId, number: str, hits: Sequence[Document]) -> tuple[Link | None, str]:
        """Links the one hit without writing anything; more than one is quarantined, with the reason."""
        site = self._site
        key, version = create_key(ticket_id), site.connection.version
        permit = await site.ledger.open(site.hosted, site.connection.id, key, "find", "", {}, version=version)
        if len(hits) == 1:
            new = NewLink(ticket_id, number, id_of(hits[0]), LinkOrigin.FOUND)
            return await site.ledger.close_created(site.hosted, permit.entry_id, new, Known(), note="found"), ""
        doubt = f"Work orders {', '.join(str(id_of(hit)) for hit in hits)} all carry the number {number}."
        await site.ledger.close(site.hosted, permit.entry_id, LedgerState.QUARANTINED, note=doubt)
        return None, doubt

    async def update(self, id: WorkOrderId, plan: Plan, desired: Desired, order: Document) -> Document:
        """Carries the plan out; the work order as it stands afterwards."""
        changed: set[str] = set()
        for intent in plan.intents:
            if intent.phase is Phase.UPDATE:
                order = await self._change(id, intent, order, has_parts=_has_parts(intent))
                changed |= set(intent.after)
            elif intent.phase is Phase.REPAIR:
                order = await self._change(id, intent, order)
                changed |= set(intent.after)
        if changed and not self.refused:
            asked = [wish for wish in desired.wishes if show(wish.target) in changed]
            order = await self._repair(id, asked, desired.wishes, order)
        return await self._act(id, [intent for intent in plan.intents if intent.phase is Phase.STATUS], order)

    async def _repair(
        self, id: WorkOrderId, wishes: Sequence[Wish], every: Sequence[Wish], order: Document
    ) -> Document:
        for intent in plan_repairs(f"work_order:{id}", wishes, order, every):
            order = await self._change(id, intent, order)
        if not self.refused:
            self._findings.extend(not_taken(wishes, order, self._owner))
        return order

    async def _change(self, id: WorkOrderId, intent: Intent, order: Document, *, has_parts: bool = False) -> Document:
        """The work order after the change, or as it was when it was refused; one that has parts is then tried in
        parts by the repair that follows."""
        try:
            return await self._changed(id, intent, order)
        except Rejected as failure:
            if not has_parts:
                self._findings.extend(rejected(failure, self._owner).findings)
                self.refused = self.refused or failure
            return order

    async def _changed(self, id: WorkOrderId, intent: Intent, order: Document) -> Document:
        write = Write(self._site, self._owner, intent, {"values": intent.after, "before": intent.before})
        orders = self._site.vendors.work_orders
        body: dict[str, Any] = dict(intent.body)
        match intent.kind:
            case "work_order_schedule":
                schedule = await write.make(lambda opening: orders.set_schedule(id, body, opening))
                after: Document = {**order, "schedule": schedule}
            case "work_order_custom_field":
                field_id, value = int(intent.key), body["value"]
                after = await write.make(lambda opening: orders.set_custom_field(id, field_id, value, opening))
            case _:
                after = await write.make(lambda opening: orders.update(id, body, opening))
        await write.done(str(id))
        self.count += 1
        return after

    async def _act(self, id: WorkOrderId, moves: Sequence[Intent], order: Document) -> Document:
        for move in moves if not self.refused else ():
            write = Write(self._site, self._owner, move, {"before": move.before})
            await write.make(partial(self._carry_out, id, move))
            await write.done(str(id))
            self.count += 1
        return order

    async def _carry_out(self, id: WorkOrderId, move: Intent, opening: Opening) -> None:
        reason = str(move.body.get("reason", ""))
        await self._site.vendors.work_orders.act(id, move.verb, opening, reason)

    async def _learn(self, order: Document) -> None:
        site, internal = self._site, internal_field(order)
        if internal:
            site.internal_field_id = internal[0]
        company = company_of(order)
        if company and not site.connection.field_nation_company:
            await site.pin_company(company)


def _has_parts(intent: Intent) -> bool:
    """Whether calls of their own exist for parts of an update, so that one refused part need not stop the others."""
    sections = {name.partition(".")[0] for name in intent.after}
    return bool(sections & {"schedule", "custom_fields"}) and len(intent.after) > 1
