"""The entrance of Field Nation's events: `/v1/field-nation/events`."""

from app.core.model.intake import Caller
from app.services.callers import Answer
from app.services.events import EventIntake, RawEvent
from app.web.door import Entrance, Head

EVENT_PATH = "/v1/field-nation/events"
BODY_LIMIT_BYTES = 8 * 1024 * 1024
# Field Nation webhooks v3: the sender gives up after 30 seconds. The token's look-up has 5 of them, the body 15.
ANSWER_TIMEOUT_S = 5.0


def event_entrance(intake: EventIntake) -> Entrance:
    """For Field Nation's webhooks, which name work orders."""

    async def accept(caller: Caller, head: Head, body: bytes) -> Answer:
        return await intake.accept(caller, RawEvent(body, head.fields))

    return Entrance(
        path=EVENT_PATH,
        methods=("POST", "PUT"),
        thing="event",
        named="work_order",
        limit_bytes=BODY_LIMIT_BYTES,
        answer_timeout_s=ANSWER_TIMEOUT_S,
        identify=intake.identify,
        accept=accept,
    )
