"""The command: starts the stage, lets the play run with progress, shows the tally."""

import asyncio
import signal
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from app.adapters.system import logs
from app.cli.console import FAILED, PROBLEMS, fail, refuse, say
from app.cli.demo import show
from app.cli.demo.children import pause
from app.cli.demo.customer import COMPANY, set_up
from app.cli.demo.day import Day, evening, morning, second_thoughts
from app.cli.demo.play import Cast, change_one, open_tickets, send_rubbish
from app.cli.demo.stage import PARTS, Stage, check_port, stage
from app.cli.demo.tally import tally
from app.cli.demo.way_back import WayBack, way_back
from app.core.model.failure import Failure
from app.settings import SettingsError

_DONE_TIMEOUT_S = 240.0
_POLL_S = 0.1
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def demo(
    tickets: Annotated[int, typer.Option(help="How many tickets people open.", min=1, max=5000)] = 25,
    port: Annotated[int, typer.Option(help="Where the broker listens; 0 takes a free port.", min=0, max=65535)] = 0,
    exit_: Annotated[bool, typer.Option("--exit", help="End when done: 0 only if every record is right.")] = False,
) -> None:
    """Show the whole product on this machine: simulators, database, web and worker, with nothing to set up."""
    logs.configure("console", "error")
    try:
        faults = asyncio.run(_demo(tickets, port, stays=not exit_))
    except SettingsError as error:
        refuse(error.faults)
    except (Failure, OSError, RuntimeError, TimeoutError) as error:
        fail(f"The demo could not be played: {error or 'something did not answer in time'}", FAILED)
    except (asyncio.CancelledError, KeyboardInterrupt):
        fail("Ended before the demo was over; nothing is left behind.", FAILED)
    if faults:
        raise typer.Exit(PROBLEMS)


async def _demo(tickets: int, port: int, *, stays: bool) -> int:
    check_port(port)
    _end_when_told()
    console = Console(highlight=False)
    show.intro(console)
    cast = Cast()
    progress = show.progress(console)
    progress.start()
    try:
        starting = progress.add_task("database, simulators and broker start", total=PARTS)
        async with stage(port, lambda: progress.advance(starting)) as standing:
            title_before, seconds = await _play(standing, cast, progress, tickets)
            back = await _day(standing, progress)
            result = await tally(standing, cast, title_before, seconds)
            progress.stop()
            show.results(console, cast, result, back)
            if stays:
                show.whereabouts(console, standing, cast)
                await _until_told()
    finally:
        progress.stop()
    return len(result.faults) + len(back.faults)


async def _play(standing: Stage, cast: Cast, progress: Progress, tickets: int) -> tuple[str, float]:
    """Tickets in, and one of them retitled: the title it had, and the seconds until all work orders stood."""
    url = await set_up(standing)
    opening = progress.add_task("people open tickets, each fires a webhook", total=tickets)
    begun_s = time.monotonic()
    async with asyncio.TaskGroup() as both:
        both.create_task(open_tickets(standing, cast, tickets, lambda: progress.advance(opening)))
        both.create_task(_until_settled(standing, progress, "the broker imports them", 0, tickets))
    seconds = time.monotonic() - begun_s
    before = await change_one(standing, cast)
    await send_rubbish(standing, cast, url)
    await _until_settled(standing, progress, "one of them is retitled, and imported again", tickets, 1)
    return before, seconds


async def _day(standing: Stage, progress: Progress) -> WayBack:
    """A whole day on every work order: from the provider's yes to the buyer's approval."""
    links = await standing.desk.records.links(connection="acme")
    day = Day(tuple(sorted(int(row["work_order_id"]) for row in links if row["is_active"])))
    bar = progress.add_task("providers work, buyers change their minds and approve", total=day.steps)
    for part in (morning, second_thoughts, evening):
        await part(standing, day, lambda: progress.advance(bar))
        await _until_at_rest(standing)
    return await way_back(standing, day)


async def _until_at_rest(standing: Stage) -> None:
    """Returns once no event is on its way and no job of ours waits or runs."""
    async with asyncio.timeout(_DONE_TIMEOUT_S):
        while await _is_busy(standing):
            await pause(_POLL_S)


async def _is_busy(standing: Stage) -> bool:
    state = await standing.sim("GET", f"{standing.field_nation}/_sim/state?company={COMPANY}")
    rows = await standing.desk.health.connections()
    waiting = sum(row["counters"]["waiting"] for row in rows if row["name"] == "acme")
    jobs = await standing.desk.jobs.jobs(connection="acme")
    return bool(state["deliveries_under_way"] or waiting or any(row["state"] in ("queued", "running") for row in jobs))


async def _until_settled(standing: Stage, progress: Progress, what: str, already: int, more: int) -> None:
    """Returns once `more` triggers after those `already` settled have their outcome."""
    bar: TaskID = progress.add_task(what, total=more)
    async with asyncio.timeout(_DONE_TIMEOUT_S):
        while True:
            row = next(one for one in await standing.desk.health.connections() if one["name"] == "acme")
            counters = row["counters"]
            settled = counters["received"] - counters["waiting"] - already
            progress.update(bar, completed=max(0, min(settled, more)))
            if settled >= more and not counters["waiting"]:
                return
            await pause(_POLL_S)


def _end_when_told() -> None:
    """Ctrl-C, SIGTERM and a closed terminal end the demo the same way; once is enough."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    told = False

    def end() -> None:
        nonlocal told
        if not told and task is not None:
            told = True
            task.cancel()

    for name in _STOPPING:
        loop.add_signal_handler(name, end)


async def _until_told() -> None:
    task = asyncio.current_task()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        if task is not None:
            task.uncancel()
        say("\nStopping ...")
