"""Requests to Field Nation REST v2 as values. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from decimal import Decimal
from urllib.parse import quote

from app.core.model.document import Document, Json
from app.core.model.failure import Rejected
from app.core.model.ids import WorkOrderId
from app.ports.parts import PartName

API_PATH = "/api/rest/v2"
WEBHOOKS_PATH = "/api/v1/webhooks"
TOKEN_PATH = "/authentication/api/oauth/token"
# Field Nation REST guide: pages of about 100 at most; a smaller cap is followed by reading on.
PER_PAGE = 100
# What a webhook is asked for: all but its secret, which the vendor would show on every read.
_WEBHOOK_FIELDS = "id,webhookId,events,url,method,status"


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `endpoint` is its name in counts; `order` the work order that its path names, `is_part` a part of it.

    `field` is the vendor's name of the only field that the call writes, if there is one. `root` is the API that `path`
    belongs to. `secret` stands in the body and must stand in no failure. `is_bare_list` says that the answer is no
    object but a list, which is all there is.
    """

    method: str
    path: str
    endpoint: str
    params: Mapping[str, str] = dataclass_field(default_factory=dict)
    body: Json | None = None
    order: WorkOrderId | None = None
    is_part: bool = False
    field: str = ""
    root: str = API_PATH
    secret: str = dataclass_field(default="", repr=False)
    is_bare_list: bool = False

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


def read_order(id: WorkOrderId, columns: Iterable[str] = ()) -> Call:
    """The whole work order, or the named sections of it."""
    return _of_order("GET", id, params=_columns(columns))


def list_orders(columns: Iterable[str], page: int, *, newest_first: bool = True, per_page: int = PER_PAGE) -> Call:
    """One page of every work order that the vendor lists, by id.

    Field Nation REST guide, lists: filters, columns and sort are remembered for each user and list, and applied to
    calls that leave them out; so `list` and `sticky=false` go with every call. Without `columns` rows are stubs.
    """
    params = {
        "list": "workorders_all",
        "sticky": "false",
        "columns": ",".join(dict.fromkeys(("id", *columns))),
        "per_page": str(per_page),
        "page": str(page),
        "sort": "id",
        "order": "desc" if newest_first else "asc",
    }
    return Call("GET", "/workorders", "GET /workorders", params)


def probe_company() -> Call:
    """The cheapest list: one row with the company it belongs to."""
    return list_orders(("company",), 1, per_page=1)


def read_part(id: WorkOrderId, name: PartName, page: int) -> Call:
    """One page of a list that belongs to a work order; the vendor may know no pages and answer with all of it."""
    return _of_order("GET", id, name, params={"per_page": str(PER_PAGE), "page": str(page)})


def create_order(body: Document) -> Call:
    return Call("POST", "/workorders", "POST /workorders", body=body)


def update_order(id: WorkOrderId, body: Document) -> Call:
    return _of_order("PUT", id, body=body)


def put_schedule(id: WorkOrderId, body: Document) -> Call:
    return _of_order("PUT", id, "schedule", body=body, field="schedule")


def put_custom_field(id: WorkOrderId, field_id: int, value: Json) -> Call:
    """Field Nation REST v2 schema: the value of a custom field is always text, and empty when there is none."""
    text = custom_field_text(value, field_id)
    return _of_order(
        "PUT", id, f"custom_fields/{field_id}", "custom_fields/{id}", body={"value": text}, field=str(field_id)
    )


def custom_field_text(value: Json, field_id: int = 0) -> str:
    """The text by which a custom field takes the value. Raises `Rejected` for a list or an object."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else str(value)
    if isinstance(value, int | float):
        return str(value)
    text = f"Custom field {field_id} takes a text, not a list or an object; map one value of it."
    raise Rejected("custom_field_value", text, field=str(field_id))


def action(id: WorkOrderId, name: str, reason: str = "") -> Call:
    """Field Nation REST guide, workflow: a status is reached by a call of its own, never written."""
    if name == "publish":
        return _of_order("POST", id, "publish")
    if name == "unpublish":
        return _of_order("DELETE", id, "publish")
    if name == "approve":
        return _of_order("POST", id, "approve")
    if name == "cancel" and reason:
        return _of_order("DELETE", id, params={"cancel_reason": reason})
    if name == "cancel":
        raise Rejected("cancel_reason", "Field Nation wants a reason to cancel; set settings.cancel_reason.")
    raise Rejected("unknown_action", f"{name!r} is no action of a work order; publish, unpublish, cancel, approve are.")


def list_webhooks(page: int) -> Call:
    """One page of the company's webhooks, oldest first."""
    params = {
        "page": str(page),
        "perPage": str(PER_PAGE),
        "sortBy": "id",
        "sortDirection": "ASC",
        "fields": _WEBHOOK_FIELDS,
    }
    return _of_webhooks("GET", params=params)


def create_webhook(body: Document) -> Call:
    return _of_webhooks("POST", body=body)


def change_webhook(id: str, changes: Document) -> Call:
    """Only what is named changes; `events` replaces the whole list."""
    return _of_webhooks("PUT", id, body=changes)


def delete_webhook(id: str) -> Call:
    return _of_webhooks("DELETE", id)


def _of_webhooks(
    method: str, id: str = "", *, params: Mapping[str, str] | None = None, body: Document | None = None
) -> Call:
    path, shown = (f"/{quote(id, safe='')}", "/{id}") if id else ("", "")
    secret = str((body or {}).get("secret") or "")
    return Call(method, path, f"{method} /webhooks{shown}", params or {}, body, root=WEBHOOKS_PATH, secret=secret)


def _of_order(
    method: str,
    id: WorkOrderId,
    part: str = "",
    shown: str = "",
    *,
    params: Mapping[str, str] | None = None,
    body: Json | None = None,
    field: str = "",
) -> Call:
    path, endpoint = f"/workorders/{int(id)}", "/workorders/{id}"
    if part:
        path, endpoint = f"{path}/{part}", f"{endpoint}/{shown or part}"
    return Call(method, path, f"{method} {endpoint}", params or {}, body, order=id, is_part=bool(part), field=field)


def _columns(columns: Iterable[str]) -> Mapping[str, str]:
    joined = ",".join(dict.fromkeys(columns))
    return {"columns": joined} if joined else {}
