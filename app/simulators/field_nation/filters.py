"""The filters of the work order list that are understood; any other `f_` name is ignored without a word."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from app.simulators.field_nation.companies import Company
from app.simulators.field_nation.records import WorkOrder

Test = Callable[[WorkOrder, str, Company], bool]


def _ids(read: Callable[[WorkOrder], Any]) -> Test:
    def test(order: WorkOrder, wanted: str, _: Company) -> bool:
        return str(read(order)) in {part.strip() for part in wanted.split(",")}

    return test


def _words(read: Callable[[WorkOrder], str]) -> Test:
    def test(order: WorkOrder, wanted: str, _: Company) -> bool:
        return read(order).casefold() in {part.strip().casefold() for part in wanted.split(",")}

    return test


def _between(read: Callable[[WorkOrder], datetime | None]) -> Test:
    def test(order: WorkOrder, wanted: str, _: Company) -> bool:
        at = read(order)
        first, last = _days(wanted)
        return at is not None and first <= at.astimezone(UTC).date() <= last

    return test


def _days(text: str) -> tuple[date, date]:
    first, _, last = text.partition(",")
    try:
        start = date.fromisoformat(first[:10])
        return start, date.fromisoformat(last[:10]) if last else start
    except ValueError:
        return date.min, date.max


def _types_of_work(order: WorkOrder, wanted: str, _: Company) -> bool:
    return bool({str(identity) for identity, _primary in order.types_of_work} & set(wanted.split(",")))


def _search(order: WorkOrder, wanted: str, _: Company) -> bool:
    # What the vendor's search looks at is not published: the id, the title and the custom fields are assumed.
    texts = (str(order.id), order.title, *order.custom_fields.values())
    return any(wanted.casefold() in text.casefold() for text in texts)


# Field Nation REST v2, list parameters; two generations of names are in use.
FILTERS: dict[str, Test] = {
    "f_work_order_id": _ids(lambda order: order.id),
    "f_search": _search,
    "f_client": _ids(lambda order: order.client),
    "f_project": _ids(lambda order: order.project),
    "f_manager": _ids(lambda order: order.manager),
    "f_template": _ids(lambda order: order.template),
    "f_templates": _ids(lambda order: order.template),
    "f_type_of_work": _types_of_work,
    "f_assigned_provider": _ids(lambda order: order.assignee),
    "f_created_date": _between(lambda order: order.created_at),
    "f_created": _between(lambda order: order.created_at),
    "f_service_schedule": _between(lambda order: order.schedule.start_at),
    "f_schedule": _between(lambda order: order.schedule.start_at),
    "f_state": _words(lambda order: order.location.state),
    "f_city": _words(lambda order: order.location.city),
    "f_zip": _words(lambda order: order.location.zip),
    "f_postal_code": _words(lambda order: order.location.zip),
    "f_country": _words(lambda order: order.location.country),
    "f_location_ids": _ids(lambda order: order.location.saved_id),
    "f_saved_location": _ids(lambda order: order.location.saved_id),
}


def passes(order: WorkOrder, filters: dict[str, str], company: Company) -> bool:
    """Whether the order meets every filter; an empty filter asks nothing."""
    return all(FILTERS[name](order, wanted, company) for name, wanted in filters.items() if wanted)
