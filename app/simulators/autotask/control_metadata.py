"""What an administrator changes of the forms, under `/_sim/`: user-defined fields, fields, picklists."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.simulators.autotask.control_routes import Handler, body_of, entity_of
from app.simulators.autotask.errors import ApiError
from app.simulators.autotask.picklists import Pick
from app.simulators.autotask.records import Database
from app.simulators.autotask.rules.hooks import refresh_ready
from app.simulators.autotask.user_fields import read_pick, read_pick_changes, read_picks
from app.simulators.autotask.world import World

_UDF_HOOK_FIELDS = "TicketWebhookUdfFields"


class MetadataDesk:
    """Handlers over one world. Metadata, records and refusals follow at once."""

    def __init__(self, world: World) -> None:
        self._world = world

    def table(self) -> list[tuple[str, str, Handler]]:
        udf = "/_sim/udfs/{ci:int}/{entity}"
        picklist = "/_sim/picklists/{ci:int}/{entity}/{field}"
        return [
            ("POST", udf, self.add_udf),
            ("PATCH", udf + "/{name:path}", self.change_udf),
            ("DELETE", udf + "/{name:path}", self.remove_udf),
            ("PATCH", "/_sim/fields/{ci:int}/{entity}/{field}", self.change_field),
            ("PUT", picklist, self.set_picklist),
            ("POST", picklist, self.add_pick),
            ("PATCH", picklist + "/{value:path}", self.change_pick),
            ("DELETE", picklist + "/{value:path}", self.remove_pick),
        ]

    async def add_udf(self, request: Request) -> Response:
        """Define a user-defined field; only `name` is needed."""
        db, entity = self._place(request)
        db.add_udf(entity, await body_of(request))
        return Response(status_code=204)

    async def change_udf(self, request: Request) -> Response:
        """Change what the body names; a new `name` takes the values of all records along."""
        db, entity = self._place(request)
        db.change_udf(entity, request.path_params["name"], await body_of(request))
        return Response(status_code=204)

    async def remove_udf(self, request: Request) -> Response:
        """Remove a field with its values, and from the webhooks that listened to it."""
        db, entity = self._place(request)
        removed = db.remove_udf(entity, request.path_params["name"])
        for row in db.rows_with(_UDF_HOOK_FIELDS, "udfFieldID", removed["id"]):
            db.table(_UDF_HOOK_FIELDS).remove(row.id)
            refresh_ready(db, _UDF_HOOK_FIELDS, row.get("webhookID"))
        return Response(status_code=204)

    async def change_field(self, request: Request) -> Response:
        """Change `isRequired`, `isReadOnly`, `isQueryable` or `length` of a standard field."""
        db, entity = self._place(request)
        db.change_field(entity, request.path_params["field"], await body_of(request))
        return Response(status_code=204)

    async def set_picklist(self, request: Request) -> Response:
        """Replace a whole picklist, of a field or of a user-defined field."""
        db, entity = self._place(request)
        picks = read_picks(await body_of(request))
        db.picklist(entity, request.path_params["field"])[:] = picks
        return Response(status_code=204)

    async def add_pick(self, request: Request) -> Response:
        """One more value: `{value, label}` and anything else that a value has."""
        db, entity = self._place(request)
        picks, added = db.picklist(entity, request.path_params["field"]), read_pick(await body_of(request))
        if any(one["value"] == added["value"] for one in picks):
            raise ApiError(f"the value {added['value']} exists already", status=400)
        last = max((one["sortOrder"] for one in picks), default=0)
        picks.append(added | {"sortOrder": added["sortOrder"] or last + 1})
        return Response(status_code=204)

    async def change_pick(self, request: Request) -> Response:
        """Change one value: `isActive`, `label`, `parentValue`, ..."""
        _, one = self._pick(request)
        one |= read_pick_changes(await body_of(request))
        return Response(status_code=204)

    async def remove_pick(self, request: Request) -> Response:
        """Remove one value; records that hold it keep it."""
        picks, one = self._pick(request)
        picks.remove(one)
        return Response(status_code=204)

    def _place(self, request: Request) -> tuple[Database, str]:
        return self._world.database(request.path_params["ci"]), entity_of(request.path_params["entity"])

    def _pick(self, request: Request) -> tuple[list[Pick], dict[str, Any]]:
        db, entity = self._place(request)
        field, value = request.path_params["field"], request.path_params["value"]
        picks = db.picklist(entity, field)
        for one in picks:
            if one["value"] == value:
                return picks, one
        raise ApiError(f"{field} has no value {value}", status=404)
