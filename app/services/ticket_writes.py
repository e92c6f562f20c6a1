"""Writes to Autotask: the intents of a push in their order, each through the ledger, the status last."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.core.mapping.labels import labels_of
from app.core.model.document import Document, Json
from app.core.model.failure import Gone, Rejected
from app.core.model.finding import Finding, Severity
from app.core.model.intent import Intent, Phase
from app.core.model.ledger import LedgerState
from app.core.model.permit import Opening
from app.core.planning.retry import BLOCKING
from app.core.planning.ticket.fields import FIELDS, STATUS, STATUS_FIELD, not_standing
from app.services.execute import Write
from app.services.expense_reports import ExpenseReports
from app.services.site import Site

_LOOK_AGAIN_S: Final = 1.5
"""Workflow rules run after the write: a status that was put back is tried once more after that long."""

_STALE: Final = frozenset({"autotask_picklist", "autotask_unknown_field", "autotask_too_long", "autotask_required"})
"""Refusals that speak of a field or a value of its list."""

_IMPERSONATED: Final = frozenset({"note", "attachment"})


class TicketWrites:
    """`count` is how many writes were made. What Autotask refuses is said and recorded, and the rest goes on;
    `is_failing` then says that time or money is not in place, `unwritten` names the fields that were not taken, and
    `doubtful` the entities whose fields are not what they were when they were read: the refusal speaks of one.
    """

    def __init__(self, site: Site, owner: str, findings: list[Finding], *, is_failing: bool = False) -> None:
        self._site = site
        self._owner = owner
        self._findings = findings
        self._reports = ExpenseReports(site)
        self._patched: dict[str, Json] = {}
        self.count = 0
        self.is_failing = is_failing
        self.unwritten: set[str] = set()
        self.doubtful: set[str] = set()

    async def carry_out(self, intents: Sequence[Intent]) -> None:
        """Makes the writes in the order given, then reads back what was written to the ticket itself."""
        for intent in intents:
            if intent.phase is Phase.STATUS and self._must_withhold(intent):
                self.unwritten.add(STATUS_FIELD)
            else:
                await self.make(intent)
        await self._read_back(intents)

    def _must_withhold(self, intent: Intent) -> bool:
        """A status that closes the ticket waits until time and money are in place."""
        if not self.is_failing or str(intent.after.get(STATUS_FIELD)) not in self._site.outbound.completing:
            return False
        status = self._shown(STATUS_FIELD, intent.after.get(STATUS_FIELD))
        text = f"The status {status} waits: time or money of this work order is not in place."
        mend = "Mend what the other findings of this work order name; the status follows by itself."
        self._findings.append(Finding("status_withheld", Severity.WARNING, self._owner, text, mend, STATUS_FIELD))
        return True

    async def make(self, intent: Intent, data: str = "") -> int:
        """Makes one write; the record's id, or 0 when it was refused. `data` is the content of a file, base64."""
        try:
            id = await self._made(intent, data)
        except Rejected as failure:
            self._refused(intent, failure)
            return 0
        except Gone as failure:
            if intent.verb == "delete":
                raise AssertionError("a delete of what is gone is done") from failure
            await self._vanished(intent, failure)
            return 0
        self.count += 1
        return id

    async def _made(self, intent: Intent, data: str) -> int:
        if intent.kind == "expense_item" and intent.verb == "create":
            return await self._reports.add(intent, self._put)
        try:
            return await self._put(intent, data)
        except Rejected as failure:
            partly = _without(intent, failure.field)
            if partly is None:
                raise
            left_out = {name: intent.after[name] for name in intent.after.keys() - partly.after.keys()}
            self._refused(replace(intent, after=left_out), failure)
            return await self._put(partly)

    async def _put(self, intent: Intent, data: str = "") -> int:
        tickets = self._site.vendors.tickets
        write = Write(self._site, self._owner, intent, intent.attempted)
        match intent.verb:
            case "create":
                body = {**intent.body, "data": data} if data else intent.body
                who = self._site.connection.file.autotask.impersonate if intent.kind in _IMPERSONATED else None

                async def create(opening: Opening) -> int:
                    return await tickets.create(intent.entity, body, opening, intent.parent, as_resource=who)

                id = await write.make(create)
                await write.done(str(id))
                return id
            case "delete":
                await self._delete(write, intent)
                return intent.record
            case _:
                await write.make(lambda opening: tickets.patch(intent.entity, intent.body, opening, intent.parent))
                state = LedgerState.DELETED if intent.verb == "zero" else LedgerState.WRITTEN
                await write.done(str(intent.record), state)
                if intent.kind in (FIELDS, STATUS):
                    self._patched |= dict(intent.after)
                return intent.record

    async def _delete(self, write: Write, intent: Intent) -> None:
        """A record that is gone already is deleted."""

        async def delete(opening: Opening) -> None:
            try:
                await self._site.vendors.tickets.delete(intent.entity, intent.record, opening, intent.parent)
            except Gone:
                return

        await write.make(delete)
        await write.done(str(intent.record), LedgerState.DELETED)

    def _refused(self, intent: Intent, failure: Rejected) -> None:
        is_blocked = failure.code in BLOCKING
        if failure.code in _STALE:
            self.doubtful.add(intent.entity)
        self.is_failing = self.is_failing or intent.phase in (Phase.TIME, Phase.MONEY)
        if intent.kind in (FIELDS, STATUS):
            self.unwritten |= set(intent.after)
        mend = (
            "Reopen it in Autotask; it is tried again daily, and by `broker sync`."
            if is_blocked
            else "Change the value, its mapping or the right, then `broker sync`."
        )
        severity = Severity.WARNING if is_blocked else Severity.ERROR
        field = intent.kind if intent.kind in (FIELDS, STATUS) else f"{intent.kind}/{intent.key}"
        code = "item_blocked" if is_blocked else "item_rejected"
        said = f"{intent.reason.partition(':')[0]}, and it was not written ({failure.code}): {failure.text}"
        self._findings.append(Finding(code, severity, self._owner, said, mend, field))

    async def _vanished(self, intent: Intent, failure: Gone) -> None:
        """Somebody deleted the record in Autotask: a person says whether it should be made again."""
        note = f"{failure.text} Its fact stands at Field Nation and changed."
        again = Write(self._site, self._owner, intent, intent.attempted)
        await again.open()
        await again.close(LedgerState.QUARANTINED, note=note)
        mend = "`broker ledger resolve --none` makes it anew, `--remote ID` names another record."
        self._findings.append(
            Finding("record_gone", Severity.ERROR, self._owner, note, mend, f"{intent.kind}/{intent.key}")
        )

    async def _read_back(self, intents: Sequence[Intent]) -> None:
        """One read for everything that was written to the ticket itself: a 200 is no proof, since rules of the
        database may put a status back and fields may be ignored."""
        if not self._patched:
            return
        missing = await self._not_taken(intents, self._patched)
        status = next((one for one in intents if one.kind == STATUS), None)
        if status is not None and STATUS_FIELD in missing:
            await self._again(status)
            missing.pop(STATUS_FIELD)
        for name, standing in sorted(missing.items()):
            held, sent = self._shown(name, standing), self._shown(name, self._patched[name])
            text = f"Autotask answered 200 but holds {held} in {name} instead of {sent}."
            mend = "Check the field's rights and rules in Autotask."
            self._findings.append(Finding("value_not_taken", Severity.WARNING, self._owner, text, mend, name))

    def _shown(self, name: str, value: Json) -> str:
        """A value of the ticket's field, with its label where it is an id in a picklist."""
        outbound = self._site.outbound
        return labels_of(outbound.compiled).quoted(outbound.entity, name, value)

    async def _not_taken(self, intents: Sequence[Intent], after: Mapping[str, Json]) -> dict[str, Json]:
        about = next(one for one in intents if one.kind in (FIELDS, STATUS))
        return not_standing(await self._read(about), after)

    async def _read(self, about: Intent) -> Document:
        return await self._site.vendors.tickets.get(about.entity, about.record) or {}

    async def _again(self, status: Intent) -> None:
        await self._site.clock.sleep(_LOOK_AGAIN_S)
        write = Write(self._site, self._owner, status, status.attempted)
        tickets = self._site.vendors.tickets
        try:
            await write.make(lambda opening: tickets.patch(status.entity, status.body, opening, status.parent))
        except Rejected as failure:
            self._refused(status, failure)
            return
        self.count += 1
        standing = not_standing(await self._read(status), status.after)
        if not standing:
            await write.done(str(status.record))
            return
        wanted, held = (self._shown(STATUS_FIELD, one[STATUS_FIELD]) for one in (status.after, standing))
        note = f"Autotask took the status {wanted} twice and holds {held}: a workflow rule puts it back."
        await write.close(LedgerState.REJECTED, note=note)
        mend = "Change the rule in Autotask or the status mapping, then `broker sync`."
        self._findings.append(Finding("status_undone", Severity.ERROR, self._owner, note, mend, STATUS))


def _without(intent: Intent, field: str) -> Intent | None:
    """The rest of an update of several fields when one of them is refused by name."""
    if intent.kind != FIELDS or len(intent.after) < 2:
        return None
    refused = next((name for name in intent.after if name.rpartition(".")[2].lower() == field.lower()), None)
    if refused is None:
        return None
    after = {name: value for name, value in intent.after.items() if name != refused}
    own = [
        row for row in _rows(intent.body.get("userDefinedFields")) if f"userDefinedFields.{row.get('name')}" in after
    ]
    body = {name: value for name, value in intent.body.items() if name == "id" or name in after}
    owed: Json = [refused]
    attempted = {**intent.attempted, "values": after, "fields": sorted(after), "owed": owed}
    return replace(intent, body={**body, "userDefinedFields": own} if own else body, after=after, attempted=attempted)


def _rows(value: Json) -> list[Mapping[str, Json]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
