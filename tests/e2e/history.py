"""Histories: what people do at one work order, drawn by lot, and what must stand at its ticket when they are done."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal

from tests.e2e.kit import COMPLETE, DISPATCH
from tests.e2e.push_kit import WORK_DONE, Site

DAY = "2026-11-03"
MOST_DROPPED = 2
"""So many items of one sort may vanish: more at once would wait for a person."""


@dataclass(slots=True)
class Expected:
    """What the ticket must hold; items by the mark that their record carries. `entries` are first and last minute of
    the day, `files` name and bytes."""

    entries: dict[str, tuple[int, int]] = field(default_factory=dict)
    charges: dict[str, Decimal] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, int]] = field(default_factory=dict)
    resolution: str = ""
    status: int = DISPATCH

    @property
    def creates(self) -> int:
        """How many records that are."""
        return len(self.entries) + len(self.charges) + len(self.notes) + len(self.files)

    @property
    def changes(self) -> int:
        """How many writes the ticket itself needs when everything is known before the first: fields, then status."""
        return bool(self.resolution) + (self.status != DISPATCH)


@dataclass(slots=True)
class _Expense:
    amount: Decimal
    status: str = "new"


class History:
    """People at work at one site. `is_seen_between`: the broker may look while they are at it, so they do nothing whose
    traces depend on whether it looked."""

    def __init__(self, site: Site, seed: int, *, is_seen_between: bool) -> None:
        self.site = site
        self.chance = random.Random(seed)
        self.expected = Expected()
        self.done: list[str] = []
        self._is_seen_between = is_seen_between
        self._expenses: dict[str, _Expense] = {}
        self._said: list[str] = []
        self._dropped: dict[str, int] = {}
        self._on_site: tuple[int, int] | None = None
        self._phase = "assigned"

    async def go_on(self, acts: int) -> None:
        """So many acts; one that is not possible now is a message instead."""
        for _ in range(acts):
            act = self.chance.choice(_ACTS)
            self.done.append(act.__name__)
            if not await act(self):
                await self.say()

    async def last_word(self) -> str:
        """A message, which is announced after everything else; its id."""
        return await self._says("post_message", "That was all.")

    async def visit(self) -> bool:
        """Somebody checks in and out."""
        if self._phase != "assigned" or self._on_site is not None:
            return False
        first, last = self._window()
        made = await self.site.act("check_in", at=_time(first))
        await self.site.act("check_out", at=_time(last), time_log=made["time_log"])
        self.expected.entries[str(made["time_log"])] = (first, last)
        return True

    async def arrive(self) -> bool:
        """Somebody checks in and stays."""
        if self._phase != "assigned" or self._on_site is not None:
            return False
        first, _ = self._window()
        self._on_site = (await self.site.act("check_in", at=_time(first)))["time_log"], first
        return True

    async def leave(self) -> bool:
        """Whoever stayed leaves."""
        if self._phase != "assigned" or self._on_site is None:
            return False
        log, first = self._on_site
        last = first + self.chance.randint(1, 60)
        await self.site.act("check_out", at=_time(last), time_log=log)
        self.expected.entries[str(log)], self._on_site = (first, last), None
        return True

    async def enter_time(self) -> bool:
        """The buyer adds a time log by hand, which nobody announces."""
        first, last = self._window()
        made = await self.site.act("add_time_log", **{"in": _time(first), "out": _time(last)})
        self.expected.entries[str(made["time_log"])] = (first, last)
        return True

    async def correct_time(self) -> bool:
        """The buyer corrects a time log."""
        log = self._one_of(self.expected.entries)
        if log is None:
            return False
        first, last = self._window()
        await self.site.act("edit_time_log", time_log=int(log), **{"in": _time(first), "out": _time(last)})
        self.expected.entries[log] = (first, last)
        return True

    async def drop_time(self) -> bool:
        """The buyer deletes a time log."""
        log = self._one_of(self.expected.entries)
        if log is None or not self._may_drop("item"):
            return False
        await self.site.act("delete_time_log", time_log=int(log))
        del self.expected.entries[log]
        return True

    async def spend(self) -> bool:
        """The provider asks for money."""
        amount = self._amount()
        made = await self.site.act("add_expense", amount=str(amount), description=f"Parking {amount}")
        self._expenses[str(made["expense"])] = _Expense(amount)
        return True

    async def judge(self) -> bool:
        """The buyer approves an expense, or denies it."""
        id = self._one_of(self._expenses)
        if id is None:
            return False
        expense = self._expenses[id]
        denied = expense.status == "approved" or (expense.status == "new" and self.chance.random() < 0.3)
        expense.status = "disapproved" if denied else "approved"
        await self.site.act("deny_expense" if denied else "approve_expense", expense=int(id))
        self._note_charge(id)
        return True

    async def reopen(self) -> bool:
        """The buyer takes an approval back; what was written until then stays, so nobody may have looked."""
        id = self._one_of(self._expenses)
        if id is None or self._is_seen_between:
            return False
        self._expenses[id].status = "new"
        await self.site.act("reopen_expense", expense=int(id))
        self._note_charge(id)
        return True

    async def correct_money(self) -> bool:
        """The buyer changes an amount."""
        id = self._one_of(self._expenses)
        if id is None:
            return False
        self._expenses[id].amount = self._amount()
        await self.site.act("edit_expense", expense=int(id), amount=str(self._expenses[id].amount))
        self._note_charge(id)
        return True

    async def drop_money(self) -> bool:
        """The buyer removes an expense."""
        id = self._one_of(self._expenses)
        if id is None or not self._may_drop("item"):
            return False
        await self.site.act("remove_expense", expense=int(id))
        del self._expenses[id]
        self.expected.charges.pop(id, None)
        return True

    async def say(self) -> bool:
        """The provider writes."""
        await self._says("post_message", f"Message {self.chance.randint(1, 9)} from the site.")
        return True

    async def answer(self) -> bool:
        """The provider answers a message."""
        if not self._said:
            return False
        await self._says("reply", "As you say.", message_id=self.chance.choice(self._said))
        return True

    async def tell_provider(self) -> bool:
        """The buyer writes to the provider: nothing for the ticket."""
        await self.site.act("post_message", by="buyer", message="Please be on time.")
        return True

    async def upload(self) -> bool:
        """The provider hands in a file."""
        length = self.chance.randint(1, 3000)
        name = f"photo-{length}.jpg"
        made = await self.site.act("upload", name=name, text="x" * length)
        self.expected.files[f"{made['folder']}/{made['attachment']}"] = (name, length)
        return True

    async def replace(self) -> bool:
        """Somebody puts another file in the place of one."""
        key = self._one_of(self.expected.files)
        if key is None:
            return False
        name, length = self.expected.files[key][0], self.chance.randint(3001, 6000)
        await self.site.act("replace_file", attachment=int(key.partition("/")[2]), name=name, text="y" * length)
        self.expected.files[key] = (name, length)
        return True

    async def drop_file(self) -> bool:
        """Somebody deletes a file."""
        key = self._one_of(self.expected.files)
        if key is None or not self._may_drop("file"):
            return False
        await self.site.act("delete_file", attachment=int(key.partition("/")[2]))
        del self.expected.files[key]
        return True

    async def conclude(self) -> bool:
        """The buyer writes what was done."""
        self.expected.resolution = f"Replaced part {self.chance.randint(1, 99)}."
        await self.site.act("closing_notes", closing_notes=self.expected.resolution)
        return True

    async def move_on(self) -> bool:
        """The work order goes on to its next status, or back to the work where that leaves no trace."""
        if self._phase == "approved" or self._on_site is not None:
            return False
        if self._phase == "work_done" and not self._is_seen_between and self.chance.random() < 0.3:
            action, self._phase, self.expected.status = "incomplete", "assigned", DISPATCH
        elif self._phase == "work_done":
            action, self._phase, self.expected.status = "approve", "approved", COMPLETE
        else:
            action, self._phase, self.expected.status = "complete", "work_done", WORK_DONE
        await self.site.act(action)
        return True

    async def tell_where(self) -> bool:
        """The provider says how far he is: nothing for the ticket."""
        if self._phase != "assigned":
            return False
        await self.site.act(self.chance.choice(("on_my_way", "confirm", "delayed")))
        return True

    async def _says(self, action: str, text: str, **more: str) -> str:
        id = str((await self.site.act(action, message=text, **more))["message"])
        self._said.append(id)
        self.expected.notes[id] = text
        return id

    def _note_charge(self, id: str) -> None:
        expense = self._expenses[id]
        if expense.status == "approved":
            self.expected.charges[id] = expense.amount
        else:
            self.expected.charges.pop(id, None)

    def _may_drop(self, sort: str) -> bool:
        self._dropped[sort] = self._dropped.get(sort, 0) + 1
        return self._dropped[sort] <= MOST_DROPPED

    def _one_of(self, items: dict[str, object] | dict[str, _Expense]) -> str | None:
        return self.chance.choice(list(items)) if items else None

    def _window(self) -> tuple[int, int]:
        """Minutes of the day in UTC, within one local day of the customer."""
        first = self.chance.randint(14 * 60, 20 * 60)
        return first, first + self.chance.randint(1, 180)

    def _amount(self) -> Decimal:
        return Decimal(self.chance.randint(100, 99_999)) / 100


_ACTS: tuple[Callable[[History], Awaitable[bool]], ...] = (
    *(History.visit, History.visit, History.arrive, History.leave, History.enter_time, History.correct_time),
    *(History.drop_time, History.spend, History.spend, History.judge, History.judge, History.judge, History.reopen),
    *(History.correct_money, History.drop_money, History.say, History.answer, History.tell_provider),
    *(History.upload, History.upload, History.replace, History.drop_file, History.conclude, History.move_on),
    *(History.move_on, History.tell_where),
)


def _time(minute: int) -> str:
    return f"{DAY}T{minute // 60:02}:{minute % 60:02}:00"
