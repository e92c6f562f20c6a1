"""Expenses, messages and files: adding, changing and removing them, by the API or by a person."""

from dataclasses import replace
from typing import Any

from app.simulators.field_nation.attachments import read_folder, read_review
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.expenses import read_expense
from app.simulators.field_nation.messages import (
    message_row,
    read_notify,
    read_receiver,
    read_text,
    read_type,
)
from app.simulators.field_nation.part_records import Attachment, Expense, FileBytes, Folder, Message
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.statuses import NAMES
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]


def add_expense(world: World, actor: Actor, order: WorkOrder, body: Json, receipt: FileBytes | None = None) -> Expense:
    """A new expense; no event. Description and amount are required, without a category it is uncategorized."""
    for name in ("description", "amount"):
        if name not in body:
            raise Refusal(400, f"{name} is required.")
    now = world.clock.now()
    blank = Expense(0, 0, "", 0.0, 1, actor.user_id, now, receipt=receipt)
    expense = replace(read_expense({**body, "status": "new"}, actor.company, blank, now), id=world.next_part())
    _keep_expense(order, expense)
    return expense


def edit_expense(world: World, actor: Actor, order: WorkOrder, number: int, body: Json) -> Expense:
    """A changed, approved, denied or reopened expense; no event."""
    expense = read_expense(body, actor.company, _expense(order, number), world.clock.now())
    _keep_expense(order, expense)
    return expense


def remove_expense(order: WorkOrder, number: int) -> None:
    """An expense is gone; no event."""
    _expense(order, number)
    del order.expenses[number]
    order.touch("pay")


def _expense(order: WorkOrder, number: int) -> Expense:
    expense = order.expenses.get(number)
    if expense is None:
        raise Refusal(404, f"Expense {number} was not found.")
    return expense


def _keep_expense(order: WorkOrder, expense: Expense) -> None:
    order.expenses[expense.id] = expense
    order.touch("pay")


def post_message(world: World, actor: Actor, order: WorkOrder, body: Json, otherwise: str) -> Message:
    """A new conversation; fires message_posted. `otherwise` is its type when the body names none."""
    kind, to = read_type(body, otherwise), read_receiver(body)
    if not to and kind == "ASSIGNEDTECH":
        to = order.assignee
    return _say(world, actor, order, read_text(body), "", kind, to, read_notify(body))


def reply(world: World, actor: Actor, order: WorkOrder, number: str, body: Json) -> Message:
    """An answer to a message; an answer to an answer joins the same conversation. Fires message_posted."""
    answered = _message(order, number)
    parent = answered.parent or answered.id
    return _say(world, actor, order, read_text(body), parent, "REPLY", answered.author, ())


def _say(
    world: World,
    actor: Actor,
    order: WorkOrder,
    text: str,
    parent: str,
    kind: str,
    to: int,
    notify: tuple[int, ...],
) -> Message:
    identity, now = str(world.next_part()), world.clock.now()
    message = Message(identity, parent, actor.user_id, to, kind, text, now, NAMES[order.status], notify)
    order.messages[message.id] = message
    order.touch("messages")
    row = message_row(world.view(order), message)
    world.announce(order, "workorder.message_posted", actor.user_id, {"message": row})
    return message


def edit_message(order: WorkOrder, number: str, body: Json) -> None:
    """Other words; a call of the old kit only."""
    order.messages[number] = replace(_message(order, number), text=read_text(body))
    order.touch("messages")


def delete_message(order: WorkOrder, number: str) -> None:
    """A message is gone with its replies; a call of the old kit only."""
    _message(order, number)
    kept = {one.id: one for one in order.messages.values() if number not in (one.id, one.parent)}
    order.messages = kept
    order.touch("messages")


def _message(order: WorkOrder, number: str) -> Message:
    message = order.messages.get(number)
    if message is None:
        raise Refusal(404, f"Message {number} was not found.")
    return message


def add_folder(world: World, order: WorkOrder, body: Json) -> Folder:
    """A custom folder; no event."""
    folder = read_folder(body, world.next_part(), order)
    order.folders[folder.id] = folder
    order.touch("attachments")
    return folder


def add_file(
    world: World, actor: Actor, order: WorkOrder, folder: int, file: FileBytes, *, notes: str, announced: bool
) -> Attachment:
    """A new file; only the provider's are announced."""
    place = order.folders.get(folder)
    if place is None:
        raise Refusal(404, f"Folder {folder} was not found.")
    if sum(one.folder == folder for one in order.attachments.values()) >= place.max_files:
        raise Refusal(400, f"The folder {place.name} is full.")
    _must_fit(world, file)
    made = Attachment(world.next_part(), folder, file, actor.user_id, world.clock.now(), notes)
    order.attachments[made.id] = made
    order.touch("attachments")
    if announced:
        world.announce(order, "workorder.provider_upload", actor.user_id)
    return made


def _must_fit(world: World, file: FileBytes) -> None:
    if not 1 <= file.size <= world.settings.max_file_bytes:
        world.store.drop(file.id)
        raise Refusal(400, "The file is empty or too large.")


def replace_file(world: World, order: WorkOrder, number: int, file: FileBytes) -> Attachment:
    """Other bytes under the same attachment; the old address dies. No event."""
    present = attachment(order, number)
    _must_fit(world, file)
    world.store.drop(present.file.id)
    changed = replace(present, file=file, status="pending", reviewer=0, reviewed_at=None)
    order.attachments[number] = changed
    order.touch("attachments")
    return changed


def review_file(world: World, actor: Actor, order: WorkOrder, number: int, body: Json) -> Attachment:
    """Notes, status or visibility of a file; no event."""
    changed = read_review(body, attachment(order, number), actor.user_id, world.clock.now())
    order.attachments[number] = changed
    order.touch("attachments")
    return changed


def delete_file(world: World, order: WorkOrder, number: int) -> None:
    """A file is gone and its address with it; no event."""
    world.store.drop(attachment(order, number).file.id)
    del order.attachments[number]
    order.touch("attachments")


def attachment(order: WorkOrder, number: int, folder: int | None = None) -> Attachment:
    """A file by its id, in that folder if one is named; raises a 404 refusal."""
    found = order.attachments.get(number)
    if found is None or folder not in (None, found.folder):
        raise Refusal(404, f"Attachment {number} was not found.")
    return found
