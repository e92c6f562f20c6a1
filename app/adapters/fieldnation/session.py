"""Calls to Field Nation with the one token of a connection, and what a denial really means."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from app.adapters.fieldnation import wire
from app.adapters.fieldnation.answers import complaint_of, decipher, failure_of, is_denial, is_token_refusal
from app.adapters.fieldnation.auth import AccessTokens, Grant
from app.adapters.fieldnation.documents import id_of
from app.adapters.fieldnation.listing import Page, read_page
from app.adapters.fieldnation.wire import API_PATH, Call
from app.adapters.http.gates import Gate
from app.adapters.http.message import HttpAnswer, HttpRequest
from app.adapters.http.sender import Sender
from app.core.model.document import Document
from app.core.model.failure import Failure, Gone, NotSent, Rejected, Throttled, Transient
from app.core.model.ids import WorkOrderId
from app.core.model.permit import Opening
from app.ports.clock import Clock

_TIMEOUT_S = 60.0


class MinuteLimit(Gate, Protocol):
    """The calls of a minute."""

    def block_until(self, until: datetime) -> None:
        """The vendor said to wait: nothing goes before that."""


class FieldNationSession:
    """Sends the calls of one connection. `limit` is passed by every call; token calls are not metered by it.

    `token_in` says how the token travels to REST v2: Field Nation REST guide: as the query parameter `access_token`;
    its webhook API takes it as a Bearer header only. `calls` counts what was sent, by endpoint.
    """

    def __init__(
        self,
        sender: Sender,
        clock: Clock,
        base_url: str,
        grant: Grant,
        limit: MinuteLimit | None = None,
        *,
        token_in: Literal["query", "header"] = "query",
    ) -> None:
        self._sender = sender
        self._clock = clock
        self._url = base_url.rstrip("/")
        self._tokens = AccessTokens(sender, clock, base_url, grant)
        self._limit = limit
        self._token_in = token_in
        self._counts: Counter[str] = Counter()

    @property
    def calls(self) -> Mapping[str, int]:
        """Calls sent so far, by endpoint, such as `GET /workorders/{id}` or `token`."""
        return {**self._counts, "token": self._tokens.calls}

    def retry_credentials(self) -> None:
        """Ends the silence after a refusal: the next call asks for a token again."""
        self._tokens.retry_credentials()

    async def probe(self) -> int:
        """0 when the company has no work order yet: the list is the one call that every buyer may make."""
        return await self._probe(may_renew=True)

    async def _probe(self, *, may_renew: bool) -> int:
        call = wire.probe_company()
        answer = await self._exchange(call, may_renew=may_renew)
        if is_token_refusal(answer):
            raise self._tokens.give_up(self._tokens.hide(complaint_of(answer).text))
        return _company_of(read_page(call, self._read(call, answer)))

    async def call(self, call: Call, permit: Opening | None = None) -> Document:
        """The JSON object of a good answer, as it came. Every write wants a permit."""
        try:
            answer = await self._exchange(call, permit)
        except Transient as error:
            if not call.is_write:
                raise
            # The sender says itself what became of a write; what is left is trouble with the token.
            raise _kept_back(error) from error
        if is_denial(answer):
            raise await self._why_denied(call, answer)
        return self._read(call, answer)

    def _read(self, call: Call, answer: HttpAnswer) -> Document:
        try:
            return decipher(call, answer, self._clock.now())
        except Throttled as throttled:
            if self._limit is not None:
                self._limit.block_until(throttled.until)
            raise self._hidden(throttled, call) from None
        except Failure as failure:
            raise self._hidden(failure, call) from None

    async def _exchange(self, call: Call, permit: Opening | None = None, *, may_renew: bool = True) -> HttpAnswer:
        """The answer; when the token was refused, the answer to a second try with a new one."""
        token = await self._tokens.current()
        answer = await self._send(call, token, permit)
        if not may_renew or not is_token_refusal(answer):
            return answer
        return await self._send(call, await self._tokens.after_refusal(token), permit)

    async def _send(self, call: Call, token: str, permit: Opening | None) -> HttpAnswer:
        self._counts[call.endpoint] += 1
        params, headers = dict(call.params), {}
        if self._token_in == "query" and call.root == API_PATH:
            params["access_token"] = token
        else:
            headers["Authorization"] = f"Bearer {token}"
        request = HttpRequest(
            call.method,
            self._url + call.root + call.path,
            headers,
            params or None,
            json=call.body,
            timeout_s=_TIMEOUT_S,
        )
        return await self._sender.send(request, permit=permit, gates=() if self._limit is None else (self._limit,))

    async def _why_denied(self, call: Call, answer: HttpAnswer) -> Failure:
        """Field Nation REST guide, errors: a 401 can mean the token or an unknown work order, a 404 the order or a
        part of it. The neutral probe tells the token apart, a look at the order the part."""
        try:
            await self._check_token(was_renewed=is_token_refusal(answer))
            if call.order is None or (call.is_part and await self._is_there(call.order)):
                return self._rejection(call, answer)
        except Transient as error:
            return _kept_back(error) if call.is_write else error
        return Gone(f"Field Nation knows no work order {call.order}.", detail=self._said(call, answer))

    async def _check_token(self, *, was_renewed: bool) -> None:
        """Raises `Refused` when the token is not accepted for a neutral call either, and what else is wrong with it."""
        try:
            await self._probe(may_renew=not was_renewed)
        except Rejected as error:
            # Who may not list is known all the same.
            if error.code != "permission":
                raise

    async def _is_there(self, id: WorkOrderId) -> bool:
        call = wire.read_order(id, ("id",))
        answer = await self._send(call, await self._tokens.current(), None)
        if is_denial(answer):
            return False
        self._read(call, answer)
        return True

    def _rejection(self, call: Call, answer: HttpAnswer) -> Failure:
        failure = failure_of(call, answer, self._clock.now())
        if answer.status in (400, 401):
            text = f"Field Nation says the API user has no permission for {call.endpoint}."
            failure = Rejected("permission", text, field=call.field, detail=self._said(call, answer))
        return self._hidden(failure, call)

    def _said(self, call: Call, answer: HttpAnswer) -> str:
        return self._hide(f"{call.endpoint}: HTTP {answer.status}: {complaint_of(answer).text}", call)

    def _hidden(self, failure: Failure, call: Call) -> Failure:
        failure.text = self._hide(failure.text, call)
        failure.detail = self._hide(failure.detail, call)
        failure.args = (failure.text,)
        return failure

    def _hide(self, text: str, call: Call) -> str:
        return self._tokens.hide(text.replace(call.secret, "[hidden]") if call.secret else text)


def _kept_back(error: Transient) -> NotSent:
    """For a write that was refused, or that waited for a token: it did not happen, and why cannot be found out now."""
    return NotSent(error.text, detail=error.detail)


def _company_of(page: Page) -> int:
    company = page.rows[0].get("company") if page.rows else None
    return id_of(company) if isinstance(company, Mapping) else 0
