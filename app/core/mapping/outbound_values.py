"""Values for Autotask's fields: whatever a rule made, in the type that the field has on the wire."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final, TypeAlias

from app.core.mapping.date_formats import DateFormat
from app.core.mapping.dates import AUTOTASK_UTC, DAY, BadDate, print_instant, read_instant
from app.core.mapping.outbound import TargetField
from app.core.mapping.picklists import label_of, listed
from app.core.mapping.values import as_number, as_text, nearest, show
from app.core.model.catalog import Field, PickValue
from app.core.model.document import Json

WHOLE: Final = {"byte": 2**8, "short": 2**15, "integer": 2**31, "long": 2**63}
REAL: Final = frozenset({"double", "decimal"})

# A double keeps 15 digits before the point exactly; no amount or number of hours comes near.
_MOST_BEFORE_POINT: Final = 15
_MOST_DIGITS: Final = 30
_DAY_ALONE: Final = re.compile(r"\s*\d{4}-\d{2}-\d{2}\s*", re.ASCII)
_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a value cannot be written to the field, and the mend."""

    reason: str
    mend: str


@dataclass(frozen=True, slots=True)
class Blank:
    """The value says nothing in this type: there is nothing to write."""


Fitted: TypeAlias = Json | Blank | Unfit


def fit(value: Json, target: TargetField, zone: tzinfo = UTC, *, is_copied: bool = False) -> Fitted:
    """The value in the field's type: whole numbers, exact decimals, true and false, text, `YYYY-MM-DDTHH:MM:SSZ`.

    A label of a picklist becomes its id; one that is neither label nor id is given on as a number of the right type.
    User-defined fields are texts on the wire, whatever their type. `zone` is for times that come without one, and for
    the day of an instant that was copied (`is_copied`) to a field without a time. Never raises.
    """
    if value is None:
        return Blank()
    if isinstance(value, str) and not value.strip() and _is_typed(target.meta):
        return Blank()
    pick = pick_of(value, target.meta)
    meant = pick.value if pick else value
    made = _day(meant, zone, is_copied) if target.is_day else _by_type(meant, target.meta.type.lower(), zone)
    if isinstance(made, Unfit) and target.meta.values:
        return Unfit(f"{show(value)} is not in the list", _choice(value, target.meta))
    return made if isinstance(made, Blank | Unfit) or not target.is_user_field else as_text(made)


def fit_written(value: Json, target: TargetField) -> Fitted:
    """As `fit`, for a value that a person wrote into a rule: a picklist's must be one of the active ones."""
    made = fit(value, target)
    if isinstance(made, Blank | Unfit) or not target.meta.values:
        return made
    pick = pick_of(value, target.meta)
    if pick is not None and pick.is_active:
        return made
    what = f"{label_of(pick)} is inactive" if pick else f"{show(value)} is not in the list"
    return Unfit(what, _choice(value, target.meta))


def pick_of(value: Json, field: Field) -> PickValue | None:
    """The picklist value that a number, a text of its digits, or a label in any capitals stands for."""
    text = (as_text(value) or "").strip() if not isinstance(value, bool) else ""
    by_id = next((pick for pick in field.values if text and pick.value == text), None)
    if by_id or not isinstance(value, str):
        return by_id
    hits = [pick for pick in field.values if text and pick.label.strip().casefold() == text.casefold()]
    return next(iter(sorted(hits, key=lambda pick: not pick.is_active)), None)


def may_hold(format: DateFormat, target: TargetField) -> bool:
    """Whether a date printed in the format can be written to the field."""
    printed = print_instant(datetime(2001, 11, 12, 13, 14, 15, tzinfo=UTC), format)
    return not isinstance(printed, BadDate) and not isinstance(fit(printed, target), Unfit)


def _is_typed(field: Field) -> bool:
    type = field.type.lower()
    return type in WHOLE or type in REAL or type in ("boolean", "datetime") or bool(field.values)


def _by_type(value: Json, type: str, zone: tzinfo) -> Fitted:
    if type in WHOLE:
        return _whole(value, WHOLE[type])
    if type in REAL:
        return _real(value)
    if type == "boolean":
        truth = _TRUTHS.get(str(as_text(value)).strip().lower())
        return Unfit(f"{show(value)} is neither true nor false", "Map true or false.") if truth is None else truth
    if type == "datetime":
        return _time(value, zone)
    text = as_text(value)
    return Unfit(f"{show(value)} is not a text", "Name the part of it that is meant.") if text is None else text


def _real(value: Json) -> Fitted:
    number = as_number(value)
    if number is not None and not number:
        return Decimal(0)
    is_long = number is not None and len(number.as_tuple().digits) > _MOST_DIGITS
    if number is None or is_long or not -_MOST_DIGITS < number.adjusted() < _MOST_BEFORE_POINT:
        return Unfit(f"{show(value)} is not a number that fits", "Map a number.")
    return number


def _whole(value: Json, limit: int) -> Fitted:
    number = as_number(value)
    if number is None or number.copy_abs() >= limit or number != int(number):
        return Unfit(f"{show(value)} is not a whole number that fits", "Map a whole number, such as an id.")
    return int(number)


def _time(value: Json, zone: tzinfo) -> Fitted:
    """Texts without a zone are UTC, with both vendors; only a date object may hold nothing but local time."""
    at = read_instant(value, None, zone if isinstance(value, Mapping) else UTC)
    text = print_instant(at, AUTOTASK_UTC) if isinstance(at, datetime) else at
    if isinstance(text, BadDate):
        return Unfit(text.reason, "Map a date, or use date_convert with an input_format.")
    return Blank() if text is None else f"{text}Z"


def _day(value: Json, zone: tzinfo, is_copied: bool) -> Fitted:
    """A day at midnight. What a person wrote or had printed names its day; a copied instant has the day of the zone."""
    has_time = isinstance(value, Mapping) or not _DAY_ALONE.fullmatch(as_text(value) or "")
    at = read_instant(value, None, zone if isinstance(value, Mapping) else UTC)
    day = print_instant(at, DAY, zone if is_copied and has_time else UTC) if isinstance(at, datetime) else at
    if isinstance(day, BadDate):
        return Unfit(day.reason, "Map a date, or use date_convert with an input_format.")
    return Blank() if day is None else f"{day}T00:00:00Z"


def _choice(value: Json, field: Field) -> str:
    """The nearest active value of the picklist, else all of them."""
    active = [pick for pick in field.values if pick.is_active]
    by_label = {pick.label: pick for pick in active}
    hit = nearest(value, by_label) if isinstance(value, str) else ""
    return f"Did you mean {label_of(by_label[hit])}?" if hit else f"Use one of: {listed(active)}."
