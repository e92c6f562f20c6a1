"""What the company defined at Field Nation: custom fields, types of work, expense categories, managers."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.adapters.fieldnation.documents import id_of, tidy_document
from app.adapters.fieldnation.listing import Walk, read_page
from app.adapters.fieldnation.session import FieldNationSession
from app.adapters.fieldnation.wire import PER_PAGE, Call
from app.core.mapping.work_order_fields import (
    EXPENSE_CATEGORY,
    EXPENSE_CATEGORY_ID,
    MANAGER,
    TYPE_OF_WORK,
    with_definitions,
)
from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.core.model.document import Document, Json
from app.core.model.failure import Rejected

# Field Nation REST v2 schema, custom fields: the types, in the words that the catalogue of a work order uses.
_TYPES: Final = {
    "text": "string",
    "numeric": "decimal",
    "date": "date",
    "date_time": "datetime",
    "time": "time",
    "predefined": "string",
    "phone": "phone",
}

# Field Nation REST v2, expenses: what an expense has that was added without a category.
_UNCATEGORIZED: Final = "Uncategorized"


class FieldNationDefinitions:
    """`Definitions` over REST v2: four calls where each list is one page, and one for every further page.

    A list that the API user may not see has no live values; the rest is read all the same. A denial that could be
    about the token costs a neutral probe.
    """

    def __init__(self, session: FieldNationSession) -> None:
        self._session = session

    async def definitions(self) -> EntityCatalog:
        fields = [_custom_field(row) for row in await self._rows("/custom-fields") if id_of(row)]
        types_of_work = await self._picks("/types-of-work", "name")
        categories = await self._picks("/company/expenses", "label")
        labels = dict.fromkeys([*(pick.label for pick in categories), _UNCATEGORIZED] if categories else ())
        live = {
            TYPE_OF_WORK: types_of_work,
            EXPENSE_CATEGORY: [PickValue(label, label) for label in labels],
            EXPENSE_CATEGORY_ID: categories,
            MANAGER: [_person(row) for row in await self._rows("/company/managers", is_bare_list=True) if id_of(row)],
        }
        return with_definitions(fields, {path: values for path, values in live.items() if values})

    async def _picks(self, path: str, label: str) -> Sequence[PickValue]:
        rows = [row for row in await self._rows(path) if isinstance(row.get("id"), int) and row.get(label)]
        return [PickValue(_text(row["id"]), _text(row[label])) for row in rows]

    async def _rows(self, path: str, *, is_bare_list: bool = False) -> Sequence[Document]:
        """Every row of the list; none where it is not there or not shown to the API user."""
        walk, rows = Walk(_row_key), list[Document]()
        while (number := walk.next_page) is not None:
            params = {} if is_bare_list else {"per_page": str(PER_PAGE), "page": str(number)}
            call = Call("GET", path, f"GET {path}", params, is_bare_list=is_bare_list)
            try:
                body = await self._session.call(call)
            except Rejected as refusal:
                if refusal.code not in ("permission", "not_found"):
                    raise
                return ()
            rows += [tidy_document(row) for row in walk.take(read_page(call, body, _row_key))]
        return rows


def _row_key(row: Document) -> int | str:
    """Field Nation REST v2 schema: expense categories have a `uid` beside their `id`, and which of them is unique among
    the company's own and the system's is not said; other rows have an `id`. One without either is known by its name."""
    uid = row.get("uid")
    return f"uid:{uid}" if uid else id_of(row) or _text(row.get("label") or row.get("name"))


def _custom_field(row: Document) -> Field:
    """A provider's field is not ours to write, and so not required of us. Whether the API user may edit what the
    vendor keeps for administrators is not known before it is tried."""
    flags, type = _list(row.get("flags")), _text(row.get("type"))
    is_required = "required" in flags or row.get("required") in (1, True)
    is_theirs = row.get("for_tech") in (1, True) or row.get("role") == "assigned_provider"
    options = [_option(one) for one in _list(row.get("options"))]
    return Field(
        name=str(id_of(row)),
        type=_TYPES.get(type, type),
        label=_text(row.get("name")),
        is_required=is_required and not is_theirs,
        is_read_only=is_theirs,
        values=tuple(PickValue(text, text) for text in dict.fromkeys(options) if text),
        is_picklist=type == "predefined",
    )


def _option(value: Json) -> str:
    """The text that the field holds when the option is chosen; its shape is not published."""
    if isinstance(value, Mapping):
        return next((_text(value[key]) for key in ("value", "label", "name") if value.get(key)), "")
    return _text(value)


def _person(row: Document) -> PickValue:
    names = (_text(row.get(key)).strip() for key in ("first_name", "last_name"))
    return PickValue(str(id_of(row)), " ".join(name for name in names if name))


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()


def _text(value: Json) -> str:
    return "" if value is None else str(value)
