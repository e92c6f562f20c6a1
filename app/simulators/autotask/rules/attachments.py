"""Attachments: content in base64, size, type by extension, and the byte window of five minutes."""

import base64
import binascii
import mimetypes
from pathlib import PurePosixPath

from app.simulators.autotask.drafts import Draft, Rule
from app.simulators.autotask.errors import ApiError, missing

# Kinds of parents as AttachmentInfo numbers them (seen in production; those of expenses and projects are our choice).
_PARENTS = {
    "TicketAttachments": ("ticketID", 4),
    "TicketNoteAttachments": ("ticketNoteID", 23),
    "TimeEntryAttachments": ("timeEntryID", 18),
    "ExpenseItemAttachments": ("expenseItemID", 20),
    "ExpenseReportAttachments": ("expenseReportID", 20),
    "TaskAttachments": ("taskID", 4),
    "TaskNoteAttachments": ("taskNoteID", 23),
    "ProjectAttachments": ("projectID", 5),
}
# Attachments of notes and time also belong to the ticket or task: a query for it lists them too.
_VIA = {
    "TicketNoteAttachments": ("TicketNotes", "ticketID"),
    "TimeEntryAttachments": ("TimeEntries", "ticketID"),
    "TaskNoteAttachments": ("TaskNotes", "taskID"),
}


def _create(draft: Draft) -> None:
    parent_field, parent_type = _PARENTS[draft.entity]
    draft.values |= {"parentID": draft.get(parent_field), "parentType": parent_type}
    draft.values["isTaskAttachment"] = draft.entity == "TaskAttachments"
    draft.values |= {"attachDate": draft.now_at, "creatorType": 1, "attachedByResourceID": draft.actor.resource_id}
    if draft.entity in _VIA:
        holder, owner_field = _VIA[draft.entity]
        parent = draft.db.find(holder, draft.get(parent_field))
        draft.values[owner_field] = parent.get(owner_field) if parent is not None else None
    if draft.get("attachmentType") == "FILE_ATTACHMENT":
        _take_file(draft)
    else:
        draft.values |= {"data": None, "fileSize": 0.0, "contentType": ""}


def _take_file(draft: Draft) -> None:
    if not draft.get("data"):
        raise ApiError(missing("data"))
    try:
        content = base64.b64decode(draft.get("data"), validate=True)
    except (binascii.Error, ValueError):
        raise ApiError("The input is not a valid Base-64 string.") from None
    if len(content) > draft.switches.attachment_max_bytes:
        raise ApiError(f"The attachment exceeds the maximum size of {draft.switches.attachment_max_bytes} bytes.")
    extension = PurePosixPath(draft.get("fullPath")).suffix.lower().lstrip(".")
    allowed = {suffix.lower().lstrip(".") for suffix in draft.switches.attachment_extensions}
    if allowed and extension not in allowed:
        raise ApiError(f"The file type {extension or '(none)'} is not allowed.")
    as_sent = draft.switches.attachment_window_counts_base64
    _spend_window(draft, len(draft.get("data")) if as_sent else len(content))
    guessed, _ = mimetypes.guess_type(draft.get("fullPath"))
    draft.values |= {"fileSize": float(len(content)), "contentType": guessed or "application/octet-stream"}


def _spend_window(draft: Draft, size_bytes: int) -> None:
    # Autotask developer help, attachments: 10,000,000 bytes in 5 minutes, then no uploads for 5 minutes.
    db, now_s, window_s = draft.db, draft.steady_s, draft.switches.attachment_window_s
    refusal = ApiError("The attachment upload limit of 10000000 bytes in 5 minutes has been exceeded.")
    if now_s < db.uploads_blocked_until_s:
        raise refusal
    while db.uploads and db.uploads[0][0] <= now_s - window_s:
        db.uploads.popleft()
    if sum(size for _, size in db.uploads) + size_bytes > draft.switches.attachment_window_bytes:
        db.uploads_blocked_until_s = now_s + window_s
        raise refusal
    db.uploads.append((now_s, size_bytes))


ATTACHMENTS = Rule(create=_create, optional=frozenset({"data"}))
