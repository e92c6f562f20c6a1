"""A file of pairs: both sides are read in few calls, and a bad row never costs a good one its pair."""

from collections.abc import Sequence
from typing import Any

from app.core.model.ids import ConnectionId, LinkId, TicketId, WorkOrderId
from app.core.model.link import Link, LinkOrigin
from app.services.pair_file import PairRow
from app.services.pair_import import PairImport, PairResult
from tests.fakes.vendors import a_pair
from tests.services.imports.import_kit import ACME, Bench


class FakePersonsLinks:
    """Joins everything, but for the tickets that it is told to refuse."""

    def __init__(self, refused: Sequence[int] = ()) -> None:
        self.added: list[tuple[int, str, int]] = []
        self.refused = refused

    async def add_many(self, connection: ConnectionId, pairs: Sequence[tuple[int, str, int]]) -> Sequence[str]:
        self.added += [pair for pair in pairs if pair[0] not in self.refused]
        return ["Somebody was faster." if pair[0] in self.refused else "" for pair in pairs]


class Desk:
    """Tickets 7 to 10 and work orders 50 to 53; `standing` are pairs that are active already."""

    def __init__(self, *standing: tuple[int, int], refused: Sequence[int] = (), more: int = 0) -> None:
        self.bench = Bench()
        for number in range(4 + more):
            self.bench.ticket(7 + number)
            self.bench.orders.orders[50 + number] = {"id": 50 + number, "title": "w"}
        self.links: Any = FakePersonsLinks(refused)
        self.standing = [a_link(*pair) for pair in standing]

    async def run(self, *pairs: tuple[int | str, int], dry_run: bool = False) -> list[PairResult]:
        rows = [PairRow(line, "acme", str(ticket), str(order)) for line, (ticket, order) in enumerate(pairs, start=2)]
        pair = a_pair(self.bench.tickets, self.bench.orders)
        return await PairImport(self.bench.connection, pair, self.links, self.standing).run(rows, dry_run=dry_run)


def a_link(ticket: int, order: int) -> Link:
    return Link(LinkId(1), ACME, TicketId(ticket), "", WorkOrderId(order), True, LinkOrigin.PERSON)


async def test_tickets_are_joined_by_id_and_by_number() -> None:
    desk = Desk()
    results = await desk.run((7, 50), ("t20260304.0008", 51))
    assert [result.state for result in results] == ["linked", "linked"]
    assert desk.links.added == [(7, "T20260304.0007", 50), (8, "T20260304.0008", 51)]


async def test_a_side_that_is_not_there_fails_its_own_row_only() -> None:
    desk = Desk()
    results = await desk.run((99, 50), (8, 99), (7, 50))
    assert [result.state for result in results] == ["failed", "failed", "linked"]
    assert "no ticket 99" in results[0].text
    assert "no work order 99" in results[1].text


async def test_a_side_that_has_a_partner_is_not_given_another() -> None:
    desk = Desk((7, 50))
    results = await desk.run((7, 50), (7, 51), (8, 50), (9, 52), (10, 52), (9, 52))
    assert [result.state for result in results] == ["already", "failed", "failed", "linked", "failed", "already"]
    assert "`broker link remove acme 7` ends that" in results[1].text
    assert "Line 5 pairs ticket 9 with work order 52" in results[4].text
    assert desk.links.added == [(9, "T20260304.0009", 52)]


async def test_a_dry_run_joins_nothing_and_says_the_same() -> None:
    desk = Desk()
    assert [result.state for result in await desk.run((7, 50), (8, 50), dry_run=True)] == ["ready", "failed"]
    assert desk.links.added == []


async def test_a_pair_that_somebody_made_meanwhile_fails_with_its_reason() -> None:
    results = await Desk(refused=[7]).run((7, 50), (8, 51))
    assert [(result.state, result.text) for result in results] == [("failed", "Somebody was faster."), ("linked", "")]


async def test_many_rows_cost_few_calls() -> None:
    desk = Desk(more=600)
    results = await desk.run(*((7 + number, 50 + number) for number in range(600)))
    assert {result.state for result in results} == {"linked"}
    assert [(field, count) for _, field, count in desk.bench.tickets.queries] == [("id", 500), ("id", 100)]
    assert desk.bench.orders.lists == 1
