"""A push by hand is a trigger with a person's options; the person is told of the files, which nobody triggered."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.core.model.connection import Connection
from app.core.model.intake import Source
from app.core.model.job import JobKind, Option
from app.services.by_hand import ByHand, Pushed
from tests.fakes.clock import HandClock
from tests.services.imports.import_kit import Bench
from tests.services.imports.test_pairs_and_people import FakeConnections, FakeInbox

FILES_JOB = {
    "id": 900, "kind": "push_files", "key": "50", "resting": False, "due_at": None, "code": "", "text": "",
    "last_pass_at": None,
}  # fmt: skip
RUN = {"outcome": "written", "code": "", "text": ""}
NOON = HandClock().now()
PUSH_JOB = {**FILES_JOB, "id": 800, "kind": "push_work_order", "state": "idle", "last_pass_at": NOON}


class FilesJobs:
    """The files' job of work order 50: listed once its push has ended, done when it was looked at often enough."""

    def __init__(self, looks: int = 3, **job: Any) -> None:
        self.looks = looks
        self.row = {**FILES_JOB, "state": "queued", "runs": [RUN], **job}

    async def jobs(self, *, connection: str, state: str, limit: int) -> list[dict[str, Any]]:
        rows = [PUSH_JOB, self.row, {**self.row, "id": 901, "key": "51", "resting": True}, {**self.row, "key": "77"}]
        return [row for row in rows if (row["state"] == "idle") == (state == "idle")]

    async def job(self, id: int) -> dict[str, Any]:
        self.looks -= id == self.row["id"]
        return self.row if self.looks > 0 or self.row["due_at"] else {**self.row, "state": "idle"}


def with_files(*, enabled: bool = True) -> Connection:
    connection = Bench().connection
    attachments = connection.file.attachments.model_copy(update={"enabled": enabled})
    return replace(connection, file=connection.file.model_copy(update={"attachments": attachments}))


async def pushed(jobs: Any, *orders: int, enabled: bool = True, clock: HandClock | None = None) -> list[Pushed]:
    inbox: Any = FakeInbox()
    by_hand = ByHand(inbox, jobs, FakeConnections(), clock or HandClock())  # type: ignore[arg-type]  # small fakes
    return await by_hand.push(with_files(enabled=enabled), orders, Option.RETRY)


async def test_a_push_carries_the_options_and_each_work_order_once() -> None:
    inbox: Any = FakeInbox()
    by_hand = ByHand(inbox, FilesJobs(), FakeConnections(), HandClock())  # type: ignore[arg-type]  # small fakes
    ended = await by_hand.push(with_files(enabled=False), [51, 50, 51], Option.RETRY, Option.DELETE)
    (delivery,) = inbox.deliveries
    assert delivery.source is Source.PERSON
    assert [(one.kind, one.key, one.options) for one in delivery.wanted] == [
        (JobKind.PUSH_WORK_ORDER, "51", ("retry", "delete")),
        (JobKind.PUSH_WORK_ORDER, "50", ("retry", "delete")),
    ]
    assert [(one.order.named, one.order.result, one.files) for one in ended] == [
        ("51", "written", None),
        ("50", "written", None),
    ]


async def test_the_files_of_a_work_order_are_waited_for() -> None:
    first, second = await pushed(FilesJobs(), 50, 51)
    assert [part.result for part in first.parts] == ["written", "written"]
    assert second.files is None


async def test_files_that_were_sent_before_anybody_looked_are_shown_too() -> None:
    (one,) = await pushed(FilesJobs(state="idle", last_pass_at=NOON + timedelta(seconds=1)), 50)
    assert [part.result for part in one.parts] == ["written", "written"]
    (earlier,) = await pushed(FilesJobs(state="idle", last_pass_at=NOON - timedelta(seconds=1)), 50)
    assert earlier.files is None


async def test_files_that_are_put_off_are_said_to_follow() -> None:
    clock = HandClock()
    jobs = FilesJobs(due_at=clock.now() + timedelta(minutes=40), code="limit_reached", text="Used up.")
    (one,) = await pushed(jobs, 50, clock=clock)
    assert one.files is not None
    assert (one.files.result, one.files.code) == ("waiting", "limit_reached")


async def test_thousands_of_work_orders_are_raised_in_parts() -> None:
    inbox: Any = FakeInbox()
    by_hand = ByHand(inbox, FilesJobs(), FakeConnections(), HandClock())  # type: ignore[arg-type]  # small fakes
    ended = await by_hand.push(with_files(enabled=False), range(1, 451))
    assert [len(delivery.wanted) for delivery in inbox.deliveries] == [200, 200, 50]
    assert [one.order.named for one in ended] == [str(order) for order in range(1, 451)]


async def test_a_sweep_is_one_trigger_for_everything() -> None:
    inbox: Any = FakeInbox()
    by_hand = ByHand(inbox, FilesJobs(), FakeConnections(), HandClock())  # type: ignore[arg-type]  # small fakes
    ended = await by_hand.sweep(Bench().connection)
    (wanted,) = inbox.deliveries[0].wanted
    assert (wanted.kind, wanted.key, ended.named, ended.result) == (JobKind.SWEEP, "all", "sweep", "written")
