"""The truth about what hangs on a work order: visits, money asked for, words, files, tasks, tags, problems."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TimeLog:
    """One visit, times aware in UTC at whole seconds; `out_at` None while somebody is on site."""

    id: int
    in_at: datetime
    out_at: datetime | None
    logged_by: int
    devices: float = 0
    verified: bool = False
    edited: bool = False
    in_verified: bool = False
    out_verified: bool = False
    in_place: tuple[float, float] | None = None
    out_place: tuple[float, float] | None = None

    @property
    def hours(self) -> float:
        """Hours between in and out with 4 places; 0 while it is open."""
        return 0.0 if self.out_at is None else round((self.out_at - self.in_at).total_seconds() / 3600, 4)


@dataclass(frozen=True)
class FileBytes:
    """Stored bytes under an id of the file host. `size` is what the file row says, usually the true length."""

    id: int
    name: str
    mime: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Expense:
    """Money that somebody wants back. `status` is new, approved or disapproved; `category` an id, 0 for none."""

    id: int
    category: int
    description: str
    amount: float
    quantity: float
    author: int
    added_at: datetime
    status: str = "new"
    status_description: str = ""
    approved_at: datetime | None = None
    receipt: FileBytes | None = None


@dataclass(frozen=True)
class Message:
    """One message; `parent` is the id of the message that it answers, "" for the first of a thread."""

    id: str
    parent: str
    author: int
    to: int
    type: str
    text: str
    at: datetime
    status: str
    notify: tuple[int, ...] = ()


@dataclass(frozen=True)
class Attachment:
    """A file in a folder. `status` is pending, approved or denied."""

    id: int
    folder: int
    file: FileBytes
    author: int
    at: datetime
    notes: str = ""
    status: str = "pending"
    status_description: str = ""
    reviewer: int = 0
    reviewed_at: datetime | None = None
    show_before_assignment: bool = False


@dataclass(frozen=True)
class Folder:
    """A place for files; `type` is document for the buyer's own, slot for what providers hand in."""

    id: int
    name: str
    type: str
    task: int = 0
    min_files: int = 0
    max_files: int = 999


@dataclass(frozen=True)
class Task:
    """Something a provider has to do; `type` is a key of the task types."""

    id: int
    type: str
    label: str
    completed_at: datetime | None = None
    completed_by: int = 0
    time_log: int = 0


@dataclass(frozen=True)
class Problem:
    """A reported problem, open until `resolved_at`."""

    id: int
    text: str
    author: int
    at: datetime
    resolved_at: datetime | None = None
    resolved_by: int = 0


def standard_folders() -> dict[int, Folder]:
    """The folders of every work order: Documents has the id 1 everywhere (Field Nation REST v2); 2 is assumed."""
    return {1: Folder(1, "Documents", "document"), 2: Folder(2, "Misc", "slot")}
