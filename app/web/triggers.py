"""The trigger's entrance: `/v1/broker/inbound`."""

from app.core.model.intake import Caller, Source
from app.services.callers import Answer
from app.services.intake import Intake, RawTrigger
from app.web.door import Entrance, Head

TRIGGER_PATH = "/v1/broker/inbound"
BODY_LIMIT_BYTES = 64 * 1024
# Autotask developer help, webhooks: the sender gives up after 10 seconds and counts that as a failure.
ANSWER_TIMEOUT_S = 8.0


def trigger_entrance(intake: Intake) -> Entrance:
    """For webhooks, callouts and people who name tickets."""

    async def accept(caller: Caller, head: Head, body: bytes) -> Answer:
        return await intake.accept(caller, _raw_of(head, body))

    return Entrance(
        path=TRIGGER_PATH,
        methods=("GET", "POST", "PUT"),
        thing="trigger",
        named="ticket",
        limit_bytes=BODY_LIMIT_BYTES,
        answer_timeout_s=ANSWER_TIMEOUT_S,
        identify=intake.identify,
        accept=accept,
    )


def _raw_of(head: Head, body: bytes) -> RawTrigger:
    source = Source.PERSON if head.method == "GET" else Source.CALLOUT
    content_type = head.fields.get("content-type", "")[:200]
    # Autotask developer help, securing webhook payloads: the signature comes in this header.
    return RawTrigger(source, content_type, body, head.query, head.fields.get("x-hook-signature"))
