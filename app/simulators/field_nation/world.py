"""Everything that this server remembers, and the one place that announces what happened."""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.simulators.field_nation.calls import Calls
from app.simulators.field_nation.clock import Clock
from app.simulators.field_nation.companies import Company, read_company
from app.simulators.field_nation.delivery import Courier
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.events import event_body
from app.simulators.field_nation.faults import Faults
from app.simulators.field_nation.file_faults import FileHost
from app.simulators.field_nation.files import Store
from app.simulators.field_nation.limits import Limits
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.settings import Settings
from app.simulators.field_nation.statuses import Status
from app.simulators.field_nation.tokens import Tokens
from app.simulators.field_nation.view import View, view_of
from app.simulators.field_nation.webhooks import Registry
from app.simulators.field_nation.wire import whole

Json = dict[str, Any]
FIRST_WORK_ORDER = 70001
FIRST_PART = 300001


@dataclass(frozen=True)
class Actor:
    """Who does something: a user of a company, by the API or with the mouse."""

    company: Company
    user_id: int


class World:
    """The state of one simulator."""

    def __init__(self, seed: Json) -> None:
        self.clock = Clock()
        self.settings = Settings()
        self.companies: dict[int, Company] = {}
        self.faults = Faults()
        self.registry = Registry()
        self.courier = Courier(self.registry, lambda: self.settings, self.clock)
        self.seeds: list[Json] = []
        self.own_url = ""
        self._forget()
        self.sow(seed)

    def _forget(self) -> None:
        self.calls = Calls()
        self.limits = Limits()
        self.tokens = Tokens()
        self.sticky: dict[tuple[int, str, str], dict[str, str]] = {}
        self._orders: dict[int, dict[int, WorkOrder]] = {number: {} for number in self.companies}
        self._numbers = itertools.count(FIRST_WORK_ORDER)
        self.part_numbers = itertools.count(FIRST_PART)
        self.store = Store()
        self.file_host = FileHost()

    def sow(self, seed: Json) -> None:
        """Add the companies of a seed (one with a known id is replaced) and turn its switches."""
        companies = [read_company(raw) for raw in seed.get("companies", [])]
        wrong = self.settings.patch(seed.get("settings") or {})
        if wrong:
            raise Refusal(400, "; ".join(wrong))
        for company in companies:
            self.companies[company.id] = company
            self._orders[company.id] = {}
        self.seeds.append(seed)

    async def reset(self) -> None:
        """Forget all that happened; companies and switches stand again as they were seeded."""
        self.faults.release()
        await self.courier.close()
        in_flight = self.calls.in_flight
        self.settings, self.companies = Settings(), {}
        self.faults, self.registry = Faults(), Registry()
        self.courier = Courier(self.registry, lambda: self.settings, self.clock)
        self._forget()
        self.calls.in_flight = in_flight
        seeds, self.seeds = self.seeds, []
        for seed in seeds:
            self.sow(seed)

    def reset_calls(self) -> None:
        """Forget counts and journals; calls in flight stay in flight."""
        self.calls = Calls(in_flight=self.calls.in_flight)
        self.file_host.journal.clear()

    def company(self, company_id: int) -> Company:
        """A company by id; raises a 404 refusal."""
        if company_id not in self.companies:
            raise Refusal(404, f"There is no company {company_id}.")
        return self.companies[company_id]

    def orders_of(self, company_id: int) -> list[WorkOrder]:
        """The company's work orders, oldest first."""
        return list(self._orders.get(company_id, {}).values())

    def next_number(self) -> int:
        """The id of the next work order."""
        return next(self._numbers)

    def keep(self, order: WorkOrder) -> None:
        """Make a new work order part of the truth."""
        self._orders[order.company_id][order.id] = order

    def order(self, company: Company, number: int) -> WorkOrder:
        """A work order of the company; another company's is as unknown as one that never was."""
        found = self._orders[company.id].get(number)
        hidden = found is not None and found.status is Status.DELETED
        answer = self.settings.deleted_work_order_answer
        if found is not None and not (hidden and answer != "object"):
            return found
        # Field Nation developer portal: an unknown id gives 404, in older text 401.
        status = "401" if hidden and answer == "401" else self.settings.unknown_work_order_answer
        raise Refusal(int(status), f"Work order {number} was not found.")

    def view(self, order: WorkOrder) -> View:
        """What is needed to render this order now."""
        files_url = self.settings.file_base_url or self.own_url
        return view_of(order, self.companies[order.company_id], self.settings, self.clock.now(), files_url)

    def next_part(self) -> int:
        """The id of the next time log, expense, message, file, folder, task or problem."""
        return next(self.part_numbers)

    def is_listed(self, order: WorkOrder, now: datetime) -> bool:
        """Whether lists know of the order yet; a switch makes them lag behind."""
        return order.created_at + timedelta(seconds=self.settings.list_lag_s) <= now

    def announce(self, order: WorkOrder, name: str, user_id: int | None, params: Json | None = None) -> None:
        """Tell every active webhook that listens; events of inactive ones are gone for good."""
        happened_at = self.clock.now()

        def body() -> bytes:
            shown = whole(self.view(order))
            return event_body(name, params or {}, shown, user_id, happened_at, self.settings)

        for webhook in self.registry.listening(order.company_id, name):
            self.courier.send(webhook, name, order.id, body)
