"""What people start themselves: imports by hand, pairs made by hand; and what they are told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core.model.connection import Connection, Pause
from app.core.model.failure import Gone, Rejected, Transient
from app.core.model.ids import ConnectionId, JobId
from app.core.model.intake import Accepted, Delivery, Source
from app.core.model.job import JobKind
from app.services.alert import Alerts
from app.services.by_hand import ByHand
from app.services.pairs import Pairs
from tests.fakes.clock import HandClock
from tests.fakes.vendors import a_pair
from tests.services.imports.import_kit import Bench
from tests.worker.worker_kit import FakeDesk


class FakeInbox:
    """Accepts everything; each receipt is settled once it was asked for twice."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.asked = 0

    async def accept(self, delivery: Delivery) -> Sequence[Accepted]:
        self.deliveries.append(delivery)
        return [Accepted(one.named, JobId(index), index, False) for index, one in enumerate(delivery.wanted)]

    async def outcome(self, connection: ConnectionId, receipts: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        self.asked += 1
        return dict.fromkeys(receipts[: self.asked], ("written", "", ""))


class FakeJobs:
    """Every job is as it is told."""

    def __init__(self, **job: Any) -> None:
        self.row = {"state": "running", "due_at": None, "code": "", "text": "", **job}

    async def job(self, id: int) -> dict[str, Any]:
        return self.row


class FakeConnections:
    def __init__(self, pause: Pause | None = None) -> None:
        self.pause = pause

    async def named(self, name: str) -> Connection:
        return replace(Bench().connection, pause=self.pause)


def by_hand(jobs: Any = None, connections: Any = None) -> tuple[FakeInbox, ByHand]:
    inbox: Any = FakeInbox()
    return inbox, ByHand(inbox, jobs or FakeJobs(), connections or FakeConnections(), HandClock())


class Silence(FakeInbox):
    """Accepts everything; nothing ever ends."""

    async def outcome(self, connection: ConnectionId, receipts: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        return {}


async def test_a_person_is_told_that_the_connection_is_paused_instead_of_waiting_for_ever() -> None:
    pause = Pause("vendor_down", HandClock().now(), False, None)
    inbox: Any = Silence()
    manual = ByHand(inbox, FakeJobs(), FakeConnections(pause), HandClock())  # type: ignore[arg-type]  # small fakes
    connection = Bench().connection
    (ended,) = await manual.wait(connection, await manual.tickets(connection, ["7"], new=False))
    assert (ended.result, ended.code) == ("waiting", "vendor_down")


async def test_a_person_is_told_when_a_job_is_put_off_for_longer_than_anybody_waits() -> None:
    clock = HandClock()
    jobs = FakeJobs(state="queued", due_at=clock.now() + timedelta(minutes=40), code="limit_reached", text="Used up.")
    manual = ByHand(Silence(), jobs, FakeConnections(), clock)  # type: ignore[arg-type]  # small fakes
    connection = Bench().connection
    (ended,) = await manual.wait(connection, await manual.tickets(connection, ["7"], new=False))
    assert (ended.result, ended.code) == ("waiting", "limit_reached")
    assert ended.text.startswith("Used up. It is due again at ")


async def test_a_person_s_import_is_a_trigger_like_any_other_by_id_or_number() -> None:
    inbox, manual = by_hand()
    await manual.tickets(Bench().connection, ["7", "T20260304.0008", "7"], new=True)
    (delivery,) = inbox.deliveries
    assert delivery.source is Source.PERSON
    assert [(one.kind, one.key, one.options) for one in delivery.wanted] == [
        (JobKind.IMPORT_TICKET, "7", ("new",)),
        (JobKind.RESOLVE_NUMBER, "T20260304.0008", ("new",)),
    ]


async def test_what_is_neither_an_id_nor_a_number_is_said_before_anything_is_accepted() -> None:
    inbox, manual = by_hand()
    with pytest.raises(Rejected, match="neither a ticket id nor a number"):
        await manual.tickets(Bench().connection, ["7", "printer"], new=False)
    assert inbox.deliveries == []


async def test_a_person_waits_until_each_named_ticket_has_ended_in_the_order_they_were_named() -> None:
    _, manual = by_hand()
    connection = Bench().connection
    accepted = await manual.tickets(connection, ["9", "8", "7"], new=False)
    assert [(one.named, one.result) for one in await manual.wait(connection, accepted)] == [
        ("9", "written"),
        ("8", "written"),
        ("7", "written"),
    ]


class FakePersonsLinks:
    def __init__(self) -> None:
        self.added: list[tuple[int, str, int]] = []

    async def add(self, connection: ConnectionId, ticket_id: int, ticket_number: str, work_order_id: int) -> None:
        self.added.append((ticket_id, ticket_number, work_order_id))

    async def remove(self, connection: ConnectionId, ticket_id: int) -> bool:
        return True


async def joined(ticket: str, order: int) -> tuple[FakePersonsLinks, str]:
    bench, links = Bench(), FakePersonsLinks()
    bench.ticket(7)
    bench.orders.orders[50] = {"id": 50, "title": "By hand"}

    async def get(entity: str, id: int) -> Any:
        return next((one for one in bench.tickets.records[entity] if one["id"] == id), None)

    bench.tickets.get = get
    pair = a_pair(bench.tickets, bench.orders)
    return links, await Pairs(links).add(bench.connection, pair, ticket, order)


@pytest.mark.parametrize("named", ["7", "T20260304.0007"])
async def test_a_pair_made_by_hand_names_both_titles_so_that_a_slip_is_seen(named: str) -> None:
    links, said = await joined(named, 50)
    assert links.added == [(7, "T20260304.0007", 50)]
    assert "'Printer'" in said
    assert "'By hand'" in said


@pytest.mark.parametrize(("named", "order"), [("99", 50), ("T20260304.0099", 50), ("printer", 50), ("7", 51)])
async def test_a_pair_with_a_side_that_is_not_there_is_not_made(named: str, order: int) -> None:
    with pytest.raises((Rejected, Gone)):
        await joined(named, order)


async def test_an_alert_stands_as_a_finding_even_when_its_mail_cannot_be_sent() -> None:
    class NoMail:
        async def send(self, to: Sequence[str], subject: str, text: str) -> None:
            raise Transient("no mail server")

    desk = FakeDesk()
    alerts = Alerts(desk, NoMail())  # type: ignore[arg-type]  # as much of them as is asked
    await alerts.paused(Bench().connection, "vendor_down", "Autotask does not answer.")
    assert desk.open == {"vendor_down": "connection"}
    await alerts.resumed(Bench().connection)
    assert desk.open == {}
