"""Walking through a list whose rows come and go while it is read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.adapters.fieldnation.answers import unclear
from app.adapters.fieldnation.documents import count_of, id_of, rows_of
from app.adapters.fieldnation.wire import Call
from app.core.model.document import Document

RowKey: TypeAlias = Callable[[Document], int | str]
"""What a row is known by; 0 or empty when it says nothing usable."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its rows, and what its metadata says of the whole (None when it says nothing usable)."""

    rows: Sequence[Document]
    total: int | None
    pages: int | None


def read_page(call: Call, body: Document, key: RowKey = id_of) -> Page:
    """The page of a list answer. Raises `Transient` when it is no collection or a row has no id."""
    rows = rows_of(body)
    if rows is None or not all(key(row) for row in rows):
        raise unclear(call, "Field Nation answered a list without rows, or with rows without an id.")
    # Small collections were seen to count pages and rows per page as 0.
    return Page(rows, count_of(body, "total"), count_of(body, "pages") or None)


class Walk:
    """Which page comes next, and which of its rows are new.

    Sorted by id, a row that appears only moves others to later pages: it shows them twice. A row that leaves moves
    others to pages already read: it hides them. So when the total sank on the way, or fewer rows were seen than the
    total says, the list is walked once more. One that sinks again meanwhile is not believed to be whole.
    """

    def __init__(self, key: RowKey = id_of) -> None:
        self.next_page: int | None = 1
        self._key = key
        self._seen: set[int | str] = set()
        self._previous: list[int | str] = []
        self._total: int | None = None
        self._has_sunk = False
        self._is_second = False

    @property
    def is_complete(self) -> bool:
        """Whether every page was read and as many rows were seen as the vendor counted to the end."""
        return self.next_page is None and not self._has_sunk and len(self._seen) == self._total

    def take(self, page: Page) -> Iterator[Document]:
        """The rows of the page that were not seen before."""
        new = {self._key(row): row for row in page.rows if self._key(row) not in self._seen}
        self._seen.update(new)
        self._note_total(page.total)
        ids = [self._key(row) for row in page.rows]
        self._turn(page, is_repeated=ids == self._previous)
        self._previous = ids
        return iter(new.values())

    def _note_total(self, total: int | None) -> None:
        if total is None:
            return
        if self._total is not None and total < self._total:
            self._has_sunk = True
        self._total = total

    def _turn(self, page: Page, *, is_repeated: bool) -> None:
        number = self.next_page or 1
        # Without a number of pages the list ends where nothing is missing, or where a page is given twice.
        is_all = is_repeated or (page.total is not None and len(self._seen) >= page.total)
        is_last = not page.rows or (is_all if page.pages is None else number >= page.pages)
        if not is_last:
            self.next_page = number + 1
        elif number > 1 and not self._is_second and (self._has_sunk or len(self._seen) < (self._total or 0)):
            self._is_second, self._has_sunk = True, False
            self._total, self._previous = None, []
            self.next_page = 1
        else:
            self.next_page = None
