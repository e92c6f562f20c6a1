"""Ids are types, so that a ticket's id is never passed where a work order's is wanted."""

from typing import NewType

ConnectionId = NewType("ConnectionId", int)
AccountId = NewType("AccountId", int)
JobId = NewType("JobId", int)
LedgerId = NewType("LedgerId", int)
LinkId = NewType("LinkId", int)
FindingId = NewType("FindingId", int)
WorkerId = NewType("WorkerId", str)
TicketId = NewType("TicketId", int)
WorkOrderId = NewType("WorkOrderId", int)
Epoch = NewType("Epoch", int)
