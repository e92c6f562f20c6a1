from typing import Any

import pytest

from app.simulators.field_nation.multipart import read_multipart
from tests.simulators.field_nation.fn_sim_kit import ORDERS, FieldNation, Json

ODD_BYTES = bytes(range(256)) + b"\r\n--boundary\r\n\n\r"


async def upload(fn: FieldNation, number: int, folder: int = 1, data: bytes = ODD_BYTES, **fields: str) -> Any:
    files = {"file": ("plan é.pdf", data, "application/pdf")}
    return await fn.call("POST", f"{ORDERS}/{number}/attachments/{folder}", files=files, data=fields)


def files_of(order: Json, folder: int = 1) -> list[Json]:
    return list(next(one for one in order["attachments"]["results"] if one["id"] == folder)["results"])


async def test_every_work_order_has_two_folders(fn: FieldNation) -> None:
    shown = await fn.part((await fn.order())["id"], "attachments")
    rows = [(one["id"], one["name"], one["type"], one["results"]) for one in shown["results"]]
    assert rows == [(1, "Documents", "document", []), (2, "Misc", "slot", [])]
    assert shown["results"][1]["max_bytes"] == 104857600
    assert shown["sum"] == {"unreviewed": 0}


async def test_an_uploaded_file_comes_back_byte_for_byte(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    answer = await upload(fn, number, notes="The plan")
    row = files_of(answer.json())[0]
    assert (row["file"]["name"], row["file"]["mime"], row["notes"]) == ("plan é.pdf", "application/pdf", "The plan")
    assert (row["file"]["size_bytes"], row["status"], row["folder_id"]) == (len(ODD_BYTES), "pending", 1)
    assert row["author"]["first_name"] == "Api"
    assert (await fn.part(number, "attachments"))["results"][0]["results"] == [row]
    assert row["file"]["link"].startswith(f"{fn.url}/_files/")
    assert (await fn.http.get(row["file"]["link"])).content == ODD_BYTES


async def test_a_file_is_reviewed_replaced_and_deleted(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    first = files_of((await upload(fn, number)).json())[0]
    path = f"{ORDERS}/{number}/attachments/1/{first['id']}"
    review = {"status": "DENIED", "status_description": "blurred", "notes": "n"}
    denied = files_of((await fn.call("PUT", path, json=review)).json())[0]
    assert (denied["status"], denied["status_description"], denied["reviewer"]["id"]) == ("denied", "blurred", 70011)
    again = files_of((await upload(fn, number, data=b"new", attachment_id=str(first["id"]))).json())
    assert [row["id"] for row in again] == [first["id"]]
    assert (await fn.http.get(again[0]["file"]["link"])).content == b"new"
    assert (await fn.http.get(first["file"]["link"])).status_code == 404
    assert files_of((await fn.call("DELETE", path)).json()) == []
    assert (await fn.http.get(again[0]["file"]["link"])).status_code == 404


async def test_own_folders_take_only_what_fits(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    body = {"name": "Photos", "max_files": 1}
    folder = (await fn.call("POST", f"{ORDERS}/{number}/attachments", json=body)).json()["attachments"]["results"][2]
    assert (folder["name"], folder["type"]) == ("Photos", "slot")
    codes = [(await upload(fn, number, folder["id"])).status_code for _ in range(2)]
    assert codes == [200, 400]
    assert (await upload(fn, number, 99)).status_code == 404
    await fn.switch(max_file_bytes=2)
    assert (await upload(fn, number)).status_code == 400
    assert (await fn.call("POST", f"{ORDERS}/{number}/attachments", json={})).status_code == 400


async def test_an_upload_without_a_file_is_refused(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    path = f"{ORDERS}/{number}/attachments/1"
    assert (await fn.call("POST", path, json={"file": "x"})).status_code == 400
    assert (await fn.call("POST", path, files={"other": b"x"})).status_code == 400


async def test_one_file_is_read_by_switch_only(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    row = files_of((await upload(fn, number)).json())[0]
    path = f"{ORDERS}/{number}/attachments/1/{row['id']}"
    assert (await fn.call("GET", path)).status_code == 405
    await fn.switch(old_calls=["read_attachment"])
    assert (await fn.call("GET", path)).json() == row
    assert (await fn.call("GET", f"{ORDERS}/{number}/attachments/2/{row['id']}")).status_code == 404


async def test_people_handle_files_on_the_screen(fn: FieldNation) -> None:
    number = await fn.assigned()
    provided = await fn.person(number, "upload", name="a.jpg", base64="AAEC")
    bought = await fn.person(number, "upload", by="buyer", name="b.bin", length=3, size=7)
    order = await fn.read(number)
    assert (provided["folder"], files_of(order, 2)[0]["file"]["mime"]) == (2, "image/jpeg")
    assert (bought["folder"], files_of(order)[0]["file"]["size_bytes"]) == (1, 7)
    await fn.person(number, "replace_file", attachment=provided["attachment"], text="other")
    await fn.person(number, "review_file", attachment=provided["attachment"], status="APPROVED")
    await fn.person(number, "delete_file", attachment=bought["attachment"])
    order = await fn.read(number)
    row = files_of(order, 2)[0]
    assert (row["id"], row["file"]["name"], row["status"]) == (provided["attachment"], "a.jpg", "approved")
    assert (await fn.http.get(row["file"]["link"])).content == b"other"
    assert files_of(order) == []
    folder = await fn.person(number, "add_folder", name="Photos")
    assert (await fn.person(number, "upload", text="x", **folder))["folder"] == folder["folder"]


@pytest.mark.parametrize("body", [b"", b"--b\r\n\r\nno name\r\n--b--", b"--b\r\n"])
def test_a_broken_form_is_not_guessed_at(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"boundary|name"):
        read_multipart("multipart/form-data; boundary=b", body)


def test_a_form_is_read_byte_for_byte() -> None:
    head = b'--x1\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    parts = read_multipart('multipart/form-data; boundary="x1"', head + ODD_BYTES + b"\r\n--x1--\r\n")
    assert [(part.name, part.filename, part.data) for part in parts] == [("file", "x", ODD_BYTES)]
