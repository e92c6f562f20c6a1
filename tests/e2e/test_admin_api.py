"""The admin API on mappings, over HTTP: looking and checking with tokens, and what becomes of strangers."""

from typing import Any

import httpx
import pytest

from tests.e2e.commands import broker
from tests.e2e.kit import Customer, Kit

ADMIN, VIEWER = "admin-token-of-the-tests", "viewer-token-of-the-tests"


async def ask(customer: Customer, method: str, path: str, token: str = ADMIN, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{customer.kit.web}/v1/admin{path}"
    return await customer.kit.http.request(method, url, headers=headers, **more)


async def exported(customer: Customer) -> str:
    return (await broker(customer.kit, "connection", "export", customer.connection.name)).out


async def test_an_exported_file_is_right_and_a_broken_one_is_told_with_its_place_and_mend(kit: Kit) -> None:
    customer = await kit.customer()
    text = await exported(customer)
    (right,) = (await ask(customer, "POST", "/check", content=text)).json()
    assert (right["name"], right["sound"], right["faults"]) == (customer.connection.name, True, [])
    (wrong,) = (await ask(customer, "POST", "/check", content=text.replace("Site Code", "Site Cod"))).json()
    errors = {one["field"]: one["mend"] for one in wrong["findings"] if one["severity"] == "error"}
    assert (wrong["sound"], errors) == (False, {"mappings.inbound[7].source": "Did you mean Site Code?"})
    (garbled,) = (await ask(customer, "POST", "/check", content="name: [")).json()
    assert (garbled["sound"], len(garbled["faults"])) == (False, 1)


async def test_a_text_that_was_sent_reads_no_file_and_no_variable(kit: Kit) -> None:
    customer = await kit.customer()
    text = await exported(customer)
    (reading,) = (await ask(customer, "POST", "/check", content=text + "client_token: ${file:/etc/hostname}\n")).json()
    assert (reading["sound"], "${file:...}" in reading["faults"][0]) == (False, True)
    (naming,) = (await ask(customer, "POST", "/check", content=text + "client_token: ${PATH}\n")).json()
    assert (naming["sound"], "PATH" in naming["faults"][0]) == (False, True)


async def test_fields_are_listed_and_searched_and_versions_told(kit: Kit) -> None:
    customer = await kit.customer()
    place = f"/connections/{customer.connection.name}"
    rows = (await ask(customer, "GET", f"{place}/fields", params={"search": "status", "system": "autotask"})).json()
    (source,) = [row for row in rows if (row["path"], row["use"]) == ("status", "source")]
    assert "Dispatch to Field (29683380)" in source["values"]
    assert {row["system"] for row in rows} == {"autotask"}
    (version,) = (await ask(customer, "GET", f"{place}/versions", VIEWER)).json()
    assert (version["version"], version["is_active"]) == (1, True)
    assert (await ask(customer, "POST", f"{place}/refresh-fields")).json()["changes"] == []
    assert (await ask(customer, "POST", f"{place}/check")).json()["sound"]


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("POST", "/check", "", 401),
        ("POST", "/check", VIEWER, 401),
        ("GET", "/connections/nobody/versions", "wrong", 401),
        ("GET", "/connections/nobody/versions", VIEWER, 404),
        ("GET", "/connections/nobody/fields", ADMIN, 404),
        ("POST", "/connections/nobody/refresh-fields", VIEWER, 401),
    ],
)
async def test_who_may_not_or_asks_for_nothing_there_is_told(
    kit: Kit, method: str, path: str, token: str, status: int
) -> None:
    customer = Customer(kit, None, 0, 0, "", (), "")  # type: ignore[arg-type]  # nobody's connection is asked for
    answer = await ask(customer, method, path, token, content="name: x" if method == "POST" else None)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_file_beyond_any_size_is_refused(kit: Kit) -> None:
    customer = await kit.customer()
    answer = await ask(customer, "POST", "/check", content=b"#" * (1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


async def test_the_commands_list_the_same_and_end_with_3_when_a_refresh_breaks_a_rule(kit: Kit) -> None:
    customer = await kit.customer()
    name = customer.connection.name
    listed = await broker(kit, "fields", name, "--search", "Account.AccountN", "--json")
    assert [row["path"] for row in listed.json][:1] == ["company.companyName"]
    shown = await broker(kit, "fields", name, "--system", "field-nation")
    assert "Written to the work order" in shown.out
    assert "custom_fields.4711" in shown.out
    quiet = await broker(kit, "connection", "refresh-fields", name)
    assert (quiet.code, "Nothing changed" in quiet.err) == (0, True)
    await kit.sims.call("DELETE", f"{kit.sims.autotask}/_sim/udfs/{customer.ci}/Tickets/Site Code")
    broken = await broker(kit, "connection", "refresh-fields", name)
    assert (broken.code, "userDefinedFields.Site Code" in broken.out) == (3, True)
    assert "mappings.inbound[7].source" in broken.out
    checked = await broker(kit, "check", name, "--json")
    assert checked.code == 3
