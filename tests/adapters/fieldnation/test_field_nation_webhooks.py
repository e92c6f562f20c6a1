"""The webhook API against a server that answers as each test says."""

from typing import Any

import pytest

from app.adapters.fieldnation.session import FieldNationSession
from app.adapters.fieldnation.webhooks import FieldNationEvents
from app.core.model.failure import Failure, Gone, Rejected, Throttled, Transient, Unknown
from app.core.model.permit import Opening
from app.ports.events import NewWebhook, Webhook

SECRET = "01999f51-0000-4000-8000-000000000001"
NEW = NewWebhook("https://broker.example/e/1", ("workorder.created", "workorder.routed"), SECRET, "ops@acme.example")
COMPANY = {"metadata": {"total": 1, "pages": 1}, "results": [{"id": 7, "company": {"id": 7001}}]}


@pytest.fixture
def events(session: FieldNationSession) -> FieldNationEvents:
    return FieldNationEvents(session)


def shown(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "webhookId": f"hook-{number}",
        "url": "https://broker.example/e/1",
        "method": "post",
        "status": "active",
        "events": ["workorder.created"],
        **more,
    }


def one(number: int) -> Webhook:
    return Webhook(f"hook-{number}", "https://broker.example/e/1", "post", "active", ("workorder.created",))


def envelope(result: Any, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"timestamp": "2026-03-01T12:00:00Z", **metadata}, "result": result}


def errors(status: int, text: str) -> tuple[int, Any]:
    return status, {"metadata": {"path": "/x"}, "errors": [{"code": status, "message": text}], "result": {}}


def but_company(reply: Any) -> Any:
    """Answers the webhook API with the reply, and everything else like a healthy vendor."""
    return lambda seen: reply if seen.path.startswith("/api/v1/") else (200, COMPANY)


async def test_webhooks_are_asked_for_with_a_bearer_token_and_without_their_secrets(
    events: FieldNationEvents, vendor: Any
) -> None:
    vendor.answer = lambda _: (200, envelope([shown(1)], count=1, total=1))
    assert await events.webhooks() == [one(1)]
    call = vendor.calls[0]
    assert (call.method, call.path, call.headers["authorization"]) == ("GET", "/api/v1/webhooks", "Bearer token-1")
    assert "access_token" not in call.query
    assert "secret" not in call.query["fields"]


@pytest.mark.parametrize("counts", [{"total": 5}, {}])
async def test_every_page_of_the_webhooks_is_read(events: FieldNationEvents, vendor: Any, counts: Any) -> None:
    def answer(seen: Any) -> tuple[int, Any]:
        start = (int(seen.query["page"]) - 1) * 2
        return 200, envelope([shown(number) for number in range(1, 6)][start : start + 2], **counts)

    vendor.answer = answer
    assert [webhook.id for webhook in await events.webhooks()] == [f"hook-{number}" for number in range(1, 6)]


async def test_a_vendor_that_gives_the_same_webhooks_for_ever_is_not_followed_for_ever(
    events: FieldNationEvents, vendor: Any
) -> None:
    vendor.answer = lambda _: (200, envelope([shown(1)]))
    assert await events.webhooks() == [one(1)]
    assert len(vendor.calls) == 2


async def test_a_new_webhook_is_active_and_posts(events: FieldNationEvents, vendor: Any, permit: Opening) -> None:
    vendor.answer = lambda _: (200, envelope(shown(3)))
    assert await events.add_webhook(NEW, permit) == one(3)
    assert vendor.calls[0].method == "POST"
    assert vendor.calls[0].json == {
        "url": NEW.url,
        "method": "post",
        "status": "active",
        "events": ["workorder.created", "workorder.routed"],
        "secret": SECRET,
        "notificationEmail": "ops@acme.example",
    }


async def test_nobody_is_notified_unless_somebody_is_named(
    events: FieldNationEvents, vendor: Any, permit: Opening
) -> None:
    vendor.answer = lambda _: (200, envelope(shown(3)))
    await events.add_webhook(NewWebhook(NEW.url, NEW.events, SECRET), permit)
    assert "notificationEmail" not in vendor.calls[0].json


async def test_a_change_sends_what_it_names_and_a_removal_deletes(
    events: FieldNationEvents, vendor: Any, permit: Opening
) -> None:
    vendor.answer = lambda _: (200, envelope(shown(3, status="inactive")))
    changed = await events.change_webhook("hook-3", {"status": "inactive"}, permit)
    await events.remove_webhook("hook-3", permit)
    assert changed.status == "inactive"
    assert [(seen.method, seen.path) for seen in vendor.calls] == [
        ("PUT", "/api/v1/webhooks/hook-3"),
        ("DELETE", "/api/v1/webhooks/hook-3"),
    ]
    assert vendor.calls[0].json == {"status": "inactive"}


async def test_a_webhook_that_is_not_there_is_gone(events: FieldNationEvents, vendor: Any, permit: Opening) -> None:
    vendor.answer = but_company(errors(404, "Webhook not found"))
    for call in (
        events.change_webhook("hook-9", {"status": "active"}, permit),
        events.remove_webhook("hook-9", permit),
    ):
        with pytest.raises(Gone, match="hook-9"):
            await call


async def test_a_refused_webhook_is_rejected_with_the_vendors_words_and_without_its_secret(
    events: FieldNationEvents, vendor: Any, permit: Opening
) -> None:
    vendor.answer = lambda _: errors(400, f"secret must be a UUID, {SECRET} is none")
    with pytest.raises(Rejected, match="must be a UUID") as caught:
        await events.add_webhook(NEW, permit)
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.detail} {NEW!r}"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_webhook_api_that_is_closed_to_the_user_is_a_missing_right(
    events: FieldNationEvents, vendor: Any, permit: Opening, status: int
) -> None:
    vendor.answer = but_company(errors(status, "Forbidden"))
    for call in (events.webhooks(), events.add_webhook(NEW, permit)):
        with pytest.raises(Rejected) as caught:
            await call
        assert caught.value.code == "permission"


async def test_an_expired_token_is_renewed_for_webhooks_too(events: FieldNationEvents, vendor: Any) -> None:
    vendor.answer = lambda seen: (
        errors(401, "expired") if seen.token == "Bearer token-1" else (200, envelope([shown(1)], total=1))
    )
    assert await events.webhooks() == [one(1)]


@pytest.mark.parametrize(
    ("reply", "reading", "writing"),
    [
        ((503, {}), Transient, Unknown),
        ((200, {"result": {}}), Transient, Unknown),
        ((200, {"result": [{"id": 1}]}), Transient, Unknown),
        ((200, b"<html>"), Transient, Unknown),
        ((429, {}, {"Retry-After": "5"}), Throttled, Throttled),
    ],
)
async def test_an_unclear_answer_of_the_webhook_api_is_no_webhook(
    events: FieldNationEvents,
    vendor: Any,
    permit: Opening,
    reply: Any,
    reading: type[Failure],
    writing: type[Failure],
) -> None:
    vendor.answer = lambda _: reply
    with pytest.raises(reading):
        await events.webhooks()
    with pytest.raises(writing):
        await events.add_webhook(NEW, permit)
