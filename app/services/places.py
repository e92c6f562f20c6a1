"""Places: which ticket or task the items of a pair go to."""

from collections.abc import Awaitable, Callable

from app.core.model.connection import ConnectionFile
from app.core.planning.ticket.place import Place
from app.ports.tickets import Filter, TicketSystem


class Places:
    """The place of each paired record; what has to be asked for is asked once."""

    def __init__(self, tickets: TicketSystem, file: ConnectionFile) -> None:
        self._tickets = tickets
        self._file = file
        self._known: dict[int, Place] = {}

    async def of(self, record: int) -> Place:
        """Where items of the pair with that record go. One without a place says why."""
        kinds: dict[str, Callable[[int], Awaitable[Place]]] = {
            "ServiceCall": self._of_call,
            "Project": self._of_project,
        }
        find = kinds.get(self._file.autotask.service_object)
        if find is None:
            return Place("Tickets", record)
        if record not in self._known or not self._known[record].id:
            self._known[record] = await find(record)
        return self._known[record]

    async def _of_call(self, call: int) -> Place:
        asked: Filter = [{"op": "eq", "field": "serviceCallID", "value": call}]
        rows = [row async for row in self._tickets.query("ServiceCallTickets", asked, ("id", "ticketID"))]
        tickets = sorted({int(str(row["ticketID"])) for row in rows if row.get("ticketID") is not None})
        if len(tickets) == 1:
            return Place("Tickets", tickets[0])
        named = f"has {len(tickets)} tickets ({', '.join(map(str, tickets))})" if tickets else "has no ticket"
        return Place("Tickets", 0, f"service call {call} {named}, so there is no one ticket to send it to")

    async def _of_project(self, project: int) -> Place:
        task = self._file.time_entries.task_id
        if task is not None:
            return Place("Tasks", task)
        return Place("Tasks", 0, f"nobody says which task of project {project} it belongs to; set time_entries.task_id")
