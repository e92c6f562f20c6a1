"""Labels: how a person is shown a value that is an id in a picklist, `Complete (5)`, wherever a text is made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.core.mapping.outbound import CompiledOutbound
from app.core.mapping.paths import USER_FIELDS
from app.core.mapping.picklists import label_of
from app.core.mapping.values import as_text
from app.core.mapping.work_order_names import STATUS_FIELD, STATUS_TARGET
from app.core.model.catalog import EntityCatalog, Field
from app.core.model.document import Json

WORK_ORDER: Final = "work_order"
"""The entity of Field Nation's records in intents."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Picklists by entity (Autotask's name, or `work_order`) and the lower-cased field. What it does not know is shown
    as it is."""

    picklists: Mapping[tuple[str, str], Field] = field(default_factory=dict)

    def of(self, entity: str, name: str, value: Json) -> str:
        """`Complete (5)`, or empty when the field is no picklist, or one that has no such value."""
        known = self._picklist(entity, name)
        text = as_text(value) if known is not None and value not in (None, "") else None
        pick = next((pick for pick in known.values if pick.value == text), None) if known else None
        return label_of(pick) if pick is not None else ""

    def show(self, entity: str, name: str, value: Any) -> Any:
        """The value with its label, else as it is."""
        return self.of(entity, name, value) or value

    def quoted(self, entity: str, name: str, value: Json) -> str:
        """The value with its label, else as it stands in a sentence: texts in quotes."""
        return self.of(entity, name, value) or repr(value)

    def knows(self, entity: str, name: str) -> bool:
        """Whether values of the field have labels."""
        return self._picklist(entity, name) is not None

    def beside(self, catalogs: Iterable[EntityCatalog]) -> "Labels":
        """These, and the picklists of whole catalogues."""
        more = {
            (one.entity, _spelled(name, prefix)): known
            for one in catalogs
            for prefix, fields in (("", one.fields), (f"{USER_FIELDS}.", one.user_fields))
            for name, known in fields.items()
            if known.values
        }
        return Labels({**more, **self.picklists})

    def _picklist(self, entity: str, name: str) -> Field | None:
        return STATUS_FIELD if (entity, name) == _STATUS else self.picklists.get((entity, name.lower()))


_STATUS: Final = (WORK_ORDER, STATUS_TARGET)


def labels_of(compiled: CompiledOutbound) -> Labels:
    """The picklists that some outbound rule writes to."""
    parts = (compiled.ticket, compiled.time_entries, compiled.expense_items, compiled.charges, compiled.notes)
    return Labels(
        {
            (part.entity, target.text.lower()): target.meta
            for part in parts
            for target in part.fields
            if target.meta.values
        }
    )


def _spelled(name: str, prefix: str) -> str:
    return f"{prefix}{name}".lower()
