"""Delivering events: signature, headers, retry ladder, giving up, switching a dead receiver off."""

import asyncio
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import httpx

from app.simulators.field_nation.clock import Clock
from app.simulators.field_nation.settings import Settings
from app.simulators.field_nation.webhooks import Attempt, Registry, Webhook

FIRST_DELAY_S = 10.0
MOST_AT_ONCE = 20


@dataclass
class Parcel:
    """One event on its way to one webhook. `make_body` is asked at the first attempt, later ones resend the bytes."""

    webhook: Webhook
    event_name: str
    work_order_id: int
    make_body: Callable[[], bytes]
    trace_id: str
    delivery_uuid: str
    body: bytes = b""
    attempt: int = 0


def is_retried(status: int) -> bool:
    """Whether an attempt with this answer is tried again; 0 stands for no answer.

    Field Nation webhooks v3: 404 and 410 stop at once; 408, 429 and 5xx are retried; other 4xx are unclear there, and
    are not retried here.
    """
    return status == 0 or status in (408, 429) or status >= 500


def delay_before(attempt: int) -> float:
    """Seconds of the vendor's ladder before this attempt: none before the first, then 10, 20, ... 640."""
    return 0.0 if attempt <= 1 else FIRST_DELAY_S * 2 ** (attempt - 2)


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the hex HMAC-SHA256 of the exact body under the secret as UTF-8 text."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Courier:
    """Carries parcels in the background. `close` must be awaited before the loop ends."""

    def __init__(self, registry: Registry, settings: Callable[[], Settings], clock: Clock) -> None:
        self._registry = registry
        self._settings = settings
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._lines: dict[tuple[str, int], asyncio.Event] = {}
        self._pile: list[Parcel] = []
        self._gathering = False
        self.dropped = 0

    def send(self, webhook: Webhook, event_name: str, work_order_id: int, make_body: Callable[[], bytes]) -> None:
        """Start to deliver one event, as often as the duplicates switch says."""
        settings = self._settings()
        parcel = Parcel(webhook, event_name, work_order_id, make_body, str(uuid.uuid4()), str(uuid.uuid4()))
        if settings.webhook_snapshot == "event":
            parcel.body = make_body()
        if event_name in settings.webhook_drop or "*" in settings.webhook_drop:
            self.dropped += 1
            return
        for _ in range(1 + settings.webhook_duplicates):
            self._dispatch(Parcel(**vars(parcel)))

    def _dispatch(self, parcel: Parcel) -> None:
        settings = self._settings()
        if not settings.webhook_hold and settings.webhook_order == "in_order":
            self._queue(parcel)
            return
        self._pile.append(parcel)
        if not settings.webhook_hold and not self._gathering:
            self._gathering = True
            self.spawn(self._ship())

    async def _ship(self) -> None:
        try:
            await self._clock.sleep(self._settings().webhook_gather_s)
        finally:
            self._gathering = False
        settings = self._settings()
        self.release(settings.webhook_order, settings.webhook_order_seed)

    def _queue(self, parcel: Parcel) -> None:
        """First attempts for one work order at one webhook follow one another; what lags behind blocks nobody."""
        if self._settings().webhook_lag_s.get(parcel.event_name):
            self.spawn(self._carry(parcel, None, asyncio.Event()))
            return
        line = (parcel.webhook.webhook_id, parcel.work_order_id)
        before, done = self._lines.get(line), asyncio.Event()
        self._lines[line] = done
        self.spawn(self._carry(parcel, before, done))

    def release(self, how: str, seed: int, count: int | None = None) -> int:
        """Send held deliveries, the oldest `count` or all, each after the one before; returns how many they were."""
        going = self._pile if count is None else self._pile[:count]
        self._pile = self._pile[len(going) :]
        if how == "reversed":
            going = going[::-1]
        if how == "shuffled":
            going = random.Random(seed).sample(going, len(going))
        before: asyncio.Event | None = None
        for parcel in going:
            done = asyncio.Event()
            self.spawn(self._carry(parcel, before, done))
            before = done
        return len(going)

    def discard(self) -> int:
        """Lose every held delivery; returns how many they were."""
        count, self._pile = len(self._pile), []
        self.dropped += count
        return count

    def held(self, company_id: int) -> list[dict[str, Any]]:
        """The held deliveries of a company, oldest first."""
        mine = [one for one in self._pile if one.webhook.company_id == company_id]
        return [{"event": one.event_name, "work_order": one.work_order_id, "id": one.delivery_uuid} for one in mine]

    def resend(self, attempt: Attempt, webhook: Webhook) -> None:
        """A manual retry: the stored body to the webhook's present address, one attempt."""
        fresh = self._settings().manual_retry_new_uuid
        old_uuid, _, number = attempt.delivery_id.partition(":")
        parcel = Parcel(
            webhook,
            attempt.event_name,
            attempt.work_order_id,
            lambda: attempt.body,
            str(uuid.uuid4()),
            str(uuid.uuid4()) if fresh else old_uuid,
            attempt.body,
            0 if fresh else int(number),
        )
        self.spawn(self._once(parcel))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background until it ends or the server closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def under_way(self) -> int:
        """How many parcels are being carried or wait for their next attempt."""
        return len(self._tasks)

    async def close(self) -> None:
        """Drop everything that is under way and close the connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _carry(self, parcel: Parcel, before: asyncio.Event | None, done: asyncio.Event) -> None:
        try:
            await self._clock.sleep(self._settings().webhook_lag_s.get(parcel.event_name, 0.0))
            if before is not None:
                await before.wait()
            ended = await self._try(parcel)
        finally:
            self._leave_line(parcel, done)
        while not ended:
            await self._clock.sleep(delay_before(parcel.attempt + 1) * self._settings().time_scale)
            ended = await self._try(parcel)

    def _leave_line(self, parcel: Parcel, done: asyncio.Event) -> None:
        done.set()
        line = (parcel.webhook.webhook_id, parcel.work_order_id)
        if self._lines.get(line) is done:
            del self._lines[line]

    async def _try(self, parcel: Parcel) -> bool:
        """One attempt of the ladder; returns whether it was the last one."""
        if parcel.webhook.status != "active":
            return True
        status = await self._attempt(parcel)
        done = 200 <= status < 300
        if not done and is_retried(status) and parcel.attempt <= parcel.webhook.max_retries:
            return False
        self._finish(parcel.webhook, done)
        for _ in range(self._settings().webhook_repeats if done else 0):
            await self._attempt(parcel)
        return True

    async def _once(self, parcel: Parcel) -> None:
        status = await self._attempt(parcel)
        self._finish(parcel.webhook, 200 <= status < 300)

    def _finish(self, webhook: Webhook, done: bool) -> None:
        webhook.succeeded += done
        webhook.failed += not done

    async def _attempt(self, parcel: Parcel) -> int:
        parcel.attempt += 1
        parcel.body = parcel.body or parcel.make_body()
        sent, headers = self._dressed(parcel)
        async with self._places:
            status = await self._post(parcel.webhook, sent, headers)
        self._record(parcel, status, headers)
        self._judge(parcel.webhook, 200 <= status < 300)
        return status

    def _dressed(self, parcel: Parcel) -> tuple[bytes, dict[str, str]]:
        sent, signed = _signed(parcel.webhook.secret, parcel.body, self._settings().webhook_signature)
        headers = {
            "Content-Type": "application/json",
            "X-FN-Webhook-Id": parcel.webhook.webhook_id,
            "X-FN-Delivery-Id": f"{parcel.delivery_uuid}:{parcel.attempt}",
            "X-FN-Event-Trace-Id": parcel.trace_id,
            "X-FN-Request-Timestamp": str(int(self._clock.now().timestamp() * 1000)),
            **parcel.webhook.headers,
        }
        return sent, headers if signed is None else {**headers, "X-FN-Signature": signed}

    async def _post(self, webhook: Webhook, body: bytes, headers: dict[str, str]) -> int:
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, timeout=None)
        timeout = self._settings().webhook_timeout_s
        try:
            request = self._client.request(webhook.method.upper(), webhook.url, content=body, headers=headers)
            answer = await asyncio.wait_for(request, timeout)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            return 0
        return answer.status_code

    def _record(self, parcel: Parcel, status: int, headers: dict[str, str]) -> None:
        webhook = parcel.webhook
        row = Attempt(
            delivery_id=headers["X-FN-Delivery-Id"],
            webhook_id=webhook.webhook_id,
            company_id=webhook.company_id,
            work_order_id=parcel.work_order_id,
            event_name=parcel.event_name,
            status=status,
            number=parcel.attempt,
            created_at=self._clock.now(),
            body=parcel.body,
            request_headers=headers,
        )
        self._registry.attempts.append(row)

    def _judge(self, webhook: Webhook, done: bool) -> None:
        # Field Nation webhooks v3: seven days in a row of failures make a webhook inactive.
        now = self._clock.now()
        if done:
            webhook.failing_since = None
            return
        webhook.failing_since = webhook.failing_since or now
        failing_s = (now - webhook.failing_since).total_seconds()
        if webhook.status == "active" and failing_s >= self._settings().deactivate_after_s > 0:
            self._registry.set_status(webhook, "inactive", now)


def _signed(secret: str, body: bytes, how: str) -> tuple[bytes, str | None]:
    """The body as sent and its signature, spoiled in the way that the switch names."""
    right = signature(secret, body)
    if how == "missing":
        return body, None
    if how == "wrong":
        return body, signature(secret + "x", body)
    if how == "upper_case":
        return body, "sha256=" + right.removeprefix("sha256=").upper()
    if how == "reserialised":
        return json.dumps(json.loads(body), indent=1).encode(), right
    return body, right
