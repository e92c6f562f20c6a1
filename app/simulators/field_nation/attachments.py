"""Folders and files: what a request may say, and how the wire shows them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from app.simulators.field_nation.collection import embedded
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.files import file_url
from app.simulators.field_nation.part_records import Attachment, Folder
from app.simulators.field_nation.pay import metadata
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.view import View
from app.simulators.field_nation.zones import zone_object

Json = dict[str, Any]
STATES = {"PENDING": "pending", "APPROVED": "approved", "DENIED": "denied"}


def read_folder(raw: Json, number: int, order: WorkOrder) -> Folder:
    """A new folder from a body; raises a 400 refusal."""
    name = raw.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Refusal(400, "name is required.")
    task = raw.get("task")
    identity = task.get("id") if isinstance(task, dict) else 0
    if identity and identity not in order.tasks:
        raise Refusal(400, "task.id is no task of this work order.")
    return Folder(number, name, "slot", identity or 0, _limit(raw, "min_files", 0), _limit(raw, "max_files", 999))


def _limit(raw: Json, name: str, otherwise: int) -> int:
    value = raw.get(name, otherwise)
    if type(value) is not int or value < 0:
        raise Refusal(400, f"{name} must be a number.")
    return value


def read_review(raw: Json, present: Attachment, reviewer: int, now: datetime) -> Attachment:
    """`present` with what a body of the file call says; a status is written in capitals and read in small letters."""
    changed = present
    if "notes" in raw:
        changed = replace(changed, notes=_text(raw["notes"], "notes"))
    if "status_description" in raw:
        changed = replace(changed, status_description=_text(raw["status_description"], "status_description"))
    if isinstance(raw.get("show_before_assignment"), bool):
        changed = replace(changed, show_before_assignment=raw["show_before_assignment"])
    if "status" not in raw:
        return changed
    if raw["status"] not in STATES:
        raise Refusal(400, f"status must be one of {', '.join(STATES)}.")
    return replace(changed, status=STATES[raw["status"]], reviewer=reviewer, reviewed_at=now)


def _text(raw: Any, name: str) -> str:
    if not isinstance(raw, str):
        raise Refusal(400, f"{name} must be text.")
    return raw


def file_row(view: View, attachment: Attachment) -> Json:
    """One file of a folder."""
    file = attachment.file
    task = view.order.folders[attachment.folder].task
    return {
        "id": attachment.id,
        "folder_id": attachment.folder,
        "workorder_id": view.order.id,
        "upload_unique_id": "",
        "author": {**view.person(attachment.author), "thumbnail": "", "phone": "", "email": ""},
        "reviewer": view.person(attachment.reviewer),
        "file": {
            "name": file.name,
            "mime": file.mime,
            "size_bytes": file.size,
            "link": file_url(view.files_url, file),
            "thumbnail": "",
            "preview": "",
            "icon": "",
            "type": "file",
            "description": "",
        },
        "created": view.date(attachment.at),
        "time_zone": {name: zone_object(view.zone, attachment.at, view.now)[name] for name in ("name", "short")},
        "notes": attachment.notes,
        "status": attachment.status,
        "status_description": attachment.status_description,
        "reviewed": view.date(attachment.reviewed_at),
        "show_before_assignment": attachment.show_before_assignment,
        "task": {"id": task},
        "expense": {"id": 0},
        "actions": ["edit", "delete"],
    }


def _folder_row(view: View, folder: Folder) -> Json:
    return {
        "id": folder.id,
        "name": folder.name,
        "type": folder.type,
        "task": {"id": folder.task},
        "min_files": folder.min_files,
        "max_files": folder.max_files,
        "min_bytes": 1,
        "max_bytes": view.settings.max_file_bytes,
        "expense": False,
        "actions": ["upload"] if folder.id in (1, 2) else ["edit", "upload", "delete"],
    }


def _files_in(view: View, folder: Folder) -> list[Json]:
    return [file_row(view, one) for one in view.order.attachments.values() if one.folder == folder.id]


def folder_rows(view: View) -> list[Json]:
    """Every folder with every file."""
    rows = []
    for folder in view.order.folders.values():
        files = _files_in(view, folder)
        about = metadata(len(files), 1, max(25, len(files)))
        rows.append({**_folder_row(view, folder), "metadata": about, "results": files})
    return rows


def folder_facts(view: View) -> Json:
    """What the collection says besides its folders."""
    waiting = sum(one.status == "pending" for one in view.order.attachments.values())
    digest = view.order.digest("attachments")
    return {"sum": {"unreviewed": waiting}, "actions": ["upload"], "correlation_id": digest}


def embedded_folders(view: View) -> Json:
    """The collection inside a work order; it is the files of each folder that a switch cuts."""
    folders = view.order.folders.values()
    rows = [{**_folder_row(view, one), **embedded(_files_in(view, one), view.settings)} for one in folders]
    return {"metadata": metadata(len(rows), 1, 25), "results": rows, **folder_facts(view)}
