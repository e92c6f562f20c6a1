"""REST v2: folders and files of a work order."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.field_nation import part_acts
from app.simulators.field_nation.asking import actor_of, json_body, order_of, require_old_call, world_of
from app.simulators.field_nation.attachments import file_row, folder_facts, folder_rows
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.multipart import Part, read_multipart
from app.simulators.field_nation.part_routes import ONE, answer, listing, started

FOLDER = ONE + "/attachments/{folder:int}"
FILE = FOLDER + "/{file:int}"


async def add_folder(request: Request) -> Response:
    """POST: a custom folder."""
    world, _, order = await started(request)
    part_acts.add_folder(world, order, await json_body(request))
    return answer(world, order)


async def upload(request: Request) -> Response:
    """POST, multipart: a new file, or with `attachment_id` other bytes for an old one."""
    world, actor, order = await started(request)
    parts = await _parts(request)
    file = parts.get("file")
    if file is None or file.filename is None:
        raise Refusal(400, "file is required.")
    replaced = _text(parts, "attachment_id")
    folder = request.path_params["folder"]
    if replaced:
        part_acts.attachment(order, int(replaced) if replaced.isdigit() else 0, folder)
    stored = world.store.keep(file.filename, file.data, mime=file.mime)
    if replaced:
        part_acts.replace_file(world, order, int(replaced), stored)
    else:
        notes = _text(parts, "notes")
        part_acts.add_file(world, actor, order, folder, stored, notes=notes, announced=False)
    return answer(world, order)


async def _parts(request: Request) -> dict[str, Part]:
    try:
        read = read_multipart(request.headers.get("content-type", ""), await request.body())
    except ValueError as wrong:
        raise Refusal(400, f"The body is not a form with a file: {wrong}.") from None
    return {part.name: part for part in read}


def _text(parts: dict[str, Part], name: str) -> str:
    return parts[name].data.decode("utf-8", "replace") if name in parts else ""


async def review(request: Request) -> Response:
    """PUT: notes, status and visibility of a file."""
    world, actor, order = await started(request)
    number = request.path_params["file"]
    part_acts.attachment(order, number, request.path_params["folder"])
    part_acts.review_file(world, actor, order, number, await json_body(request))
    return answer(world, order)


async def delete(request: Request) -> Response:
    """DELETE: a file."""
    world, _, order = await started(request)
    number = request.path_params["file"]
    part_acts.attachment(order, number, request.path_params["folder"])
    part_acts.delete_file(world, order, number)
    return answer(world, order)


async def read(request: Request) -> Response:
    """GET: one file row."""
    order, world = order_of(request, actor_of(request)), world_of(request)
    require_old_call(request, "read_attachment")
    found = part_acts.attachment(order, request.path_params["file"], request.path_params["folder"])
    return JSONResponse(file_row(world.view(order), found))


def routes() -> list[Route]:
    """Every route of this module."""
    return [
        Route(f"{ONE}/attachments", listing(folder_rows, folder_facts), methods=["GET"]),
        Route(f"{ONE}/attachments", add_folder, methods=["POST"]),
        Route(FOLDER, upload, methods=["POST"]),
        Route(FILE, review, methods=["PUT"]),
        Route(FILE, delete, methods=["DELETE"]),
        Route(FILE, read, methods=["GET"]),
    ]
