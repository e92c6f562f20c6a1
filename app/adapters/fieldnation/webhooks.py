"""Field Nation's webhook API (v3) as the port for webhooks."""

from collections.abc import Mapping, Sequence

from app.adapters.fieldnation import wire
from app.adapters.fieldnation.answers import unclear
from app.adapters.fieldnation.documents import count_of
from app.adapters.fieldnation.session import FieldNationSession
from app.adapters.fieldnation.wire import Call
from app.core.model.document import Document, Json
from app.core.model.failure import Gone, Rejected
from app.core.model.permit import Opening
from app.ports.events import NewWebhook, Webhook


class FieldNationEvents:
    """`WorkOrderEvents` over the management API; answers are envelopes with `metadata` and `result`."""

    def __init__(self, session: FieldNationSession) -> None:
        self._session = session

    async def webhooks(self) -> Sequence[Webhook]:
        """Pages are read until the counted total is reached, or until one brings nothing new."""
        found: dict[str, Webhook] = {}
        number = 1
        while True:
            call = wire.list_webhooks(number)
            answer = await self._session.call(call)
            known = len(found)
            found |= {webhook.id: webhook for webhook in _webhooks(call, answer)}
            total = count_of(answer, "total")
            if len(found) == known or (total is not None and len(found) >= total):
                return list(found.values())
            number += 1

    async def add_webhook(self, new: NewWebhook, permit: Opening) -> Webhook:
        body: dict[str, Json] = {
            "url": new.url,
            "method": "post",
            "status": "active",
            "events": list(new.events),
            "secret": new.secret,
        }
        if new.notification_email:
            body["notificationEmail"] = new.notification_email
        call = wire.create_webhook(body)
        return _webhook(call, (await self._session.call(call, permit)).get("result"))

    async def change_webhook(self, id: str, changes: Document, permit: Opening) -> Webhook:
        call = wire.change_webhook(id, changes)
        return _webhook(call, (await self._named(id, call, permit)).get("result"))

    async def remove_webhook(self, id: str, permit: Opening) -> None:
        await self._named(id, wire.delete_webhook(id), permit)

    async def _named(self, id: str, call: Call, permit: Opening) -> Document:
        try:
            return await self._session.call(call, permit)
        except Rejected as error:
            if error.code != "not_found":
                raise
            raise Gone(f"Field Nation knows no webhook {id}.", detail=error.detail) from error


def _webhooks(call: Call, answer: Document) -> Sequence[Webhook]:
    rows = answer.get("result")
    if not isinstance(rows, list | tuple):
        raise unclear(call, "Field Nation answered the list of webhooks without one.")
    return [_webhook(call, row) for row in rows]


def _webhook(call: Call, row: Json) -> Webhook:
    id = row.get("webhookId") if isinstance(row, Mapping) else None
    if not isinstance(row, Mapping) or not isinstance(id, str) or not id:
        raise unclear(call, f"Field Nation answered {call.endpoint} without a webhook.")
    events = row.get("events")
    named = tuple(one for one in events if isinstance(one, str)) if isinstance(events, list | tuple) else ()
    return Webhook(id, _text(row, "url"), _text(row, "method"), _text(row, "status"), named)


def _text(row: Document, key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""
