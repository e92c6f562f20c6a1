"""Files: the very bytes, within the vendor's window, from allowed hosts only, one at a time."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

import pytest

from tests.e2e.commands import broker
from tests.e2e.fact_kit import (
    NO_FILES,
    ask,
    codes,
    log,
    looked,
    pairs,
    push,
    rest,
    settings,
    standing,
    upload,
    verbs,
)
from tests.e2e.kit import Customer, Kit, until
from tests.e2e.record_kit import rows

LARGEST = 6_000_000


@pytest.fixture
def elsewhere(simulator_addresses: tuple[str, str]) -> str:
    """The file host under another name."""
    return simulator_addresses[1].replace("127.0.0.1", "localhost").removeprefix("http://")


@pytest.fixture
def changes(simulator_addresses: tuple[str, str], elsewhere: str) -> dict[str, str]:
    places = [place.removeprefix("http://") for place in simulator_addresses]
    return {"BROKER_UPSTREAM_HOSTS": ",".join((*places, elsewhere))}


async def test_files_are_off_unless_switched_on(kit: Kit) -> None:
    (site,) = await pairs(kit, 1, file=NO_FILES)
    await upload(site)
    await kit.sims.forget_calls()
    async with kit.worker():
        await push([site])
    assert await downloads(kit) == []
    asked = (await kit.sims.calls("field_nation"))["by_endpoint"]
    assert [endpoint for endpoint in asked if "attachments" in endpoint] == []
    assert await rows(site.customer, "TicketAttachments") == []
    assert await kit.rows("SELECT 1 FROM jobs WHERE kind = 'push_files'") == []


async def test_the_very_bytes_arrive_and_no_credentials_leave(kit: Kit) -> None:
    sites = await pairs(kit, 2)
    contents = {f"photo {size} é.jpg": secrets.token_bytes(size) for size in (1, 70_001, 1_048_576)}
    keys = {}
    for number, (name, content) in enumerate(contents.items()):
        key, _ = await upload(sites[number % 2], name, base64=base64.b64encode(content).decode())
        keys[key] = (name, content)
    async with kit.worker():
        await push(sites)
    found = await standing(sites[0].customer, "TicketAttachments")
    assert set(found) == set(keys)
    for key, (name, content) in keys.items():
        stored = await bytes_of(sites[0].customer, found[key])
        assert stored["sha256"] == hashlib.sha256(content).hexdigest()
        assert (stored["fullPath"], stored["attachmentType"], stored["publish"]) == (name, "FILE_ATTACHMENT", 2)
        assert stored["title"] == f"{name} (#{key})"
    assert len(await downloads(kit)) == len(contents)


async def test_what_is_too_large_becomes_a_link_that_names_it(kit: Kit) -> None:
    (site,) = await pairs(kit, 1)
    _, said = await upload(site, "video.mp4", length=LARGEST + 1)
    lies = [await upload(site, "scan.pdf", length=LARGEST + 1, size=1000), await upload(site, "log.txt")]
    await misbehave(kit, fault="endless", file=lies[1][1])
    async with kit.worker():
        await push([site])
    page = f"https://app.fieldnation.com/workorders/{site.order}"
    found = (await standing(site.customer, "TicketAttachments")).values()
    assert {(one["title"].partition(" (#")[0], one["attachmentType"], one["fullPath"]) for one in found} == {
        (name, "URL", page) for name in ("video.mp4", "scan.pdf", "log.txt")
    }
    asked = {one["file"]: one for one in await downloads(kit)}
    assert said not in asked
    assert LARGEST < asked[lies[1][1]]["sent"] < 10 * LARGEST
    assert await codes(site) == []


async def test_the_window_of_bytes_delays_files_and_nothing_else(kit: Kit) -> None:
    (site,) = await pairs(kit, 1)
    files = [await upload(site, f"{n}.bin", length=LARGEST) for n in range(2)]
    entry, customer = await log(site), site.customer
    async with kit.worker():
        await ask([site])
        await until(lambda: postponed(kit, "limit_reached", 1))
        assert set(await standing(customer, "TimeEntries")) == {str(entry)}
        (first,) = await standing(customer, "TicketAttachments")
    await kit.rows("UPDATE jobs SET due_at = now() WHERE kind = 'push_files'")
    async with kit.worker():
        await until(lambda: postponed(kit, "limit_reached", 2))
    assert set(await standing(customer, "TicketAttachments")) == {first}
    assert await kit.desk.records.ledger(state="open") == []
    await five_minutes_later(customer)
    async with kit.worker():
        await rest(kit)
    assert await verbs(customer, "TicketAttachments") == {key: ["create"] for key, _ in files}
    for found in (await standing(customer, "TicketAttachments")).values():
        assert (await bytes_of(customer, found))["sha256"] == hashlib.sha256(bytes(LARGEST)).hexdigest()
    assert await codes(site) == []


async def test_a_window_that_others_have_used_up_is_waited_for(kit: Kit) -> None:
    (site,) = await pairs(kit, 1)
    key, _ = await upload(site)
    entry, customer = await log(site), site.customer
    await kit.sims.call("POST", f"{kit.sims.autotask}/_sim/uploads", {"database": customer.ci, "block": True})
    async with kit.worker():
        await ask([site])
        await until(lambda: postponed(kit, "limit_reached", 1))
        assert set(await standing(customer, "TimeEntries")) == {str(entry)}
    assert await standing(customer, "TicketAttachments") == {}
    await five_minutes_later(customer)
    async with kit.worker():
        await rest(kit)
    assert await verbs(customer, "TicketAttachments") == {key: ["create"]}


async def postponed(kit: Kit, code: str, times: int) -> bool:
    """Whether the files' job has been put off so often for that reason."""
    return len(await kit.rows("SELECT 1 FROM runs WHERE kind = 'push_files' AND code = :code", code=code)) == times


async def five_minutes_later(customer: Customer) -> None:
    """The window is over, at both ends; whoever hosts the account next reads so from what was kept."""
    kit = customer.kit
    await kit.sims.call("POST", f"{kit.sims.autotask}/_sim/uploads", {"database": customer.ci, "clear": True})
    await kit.rows("DELETE FROM budgets WHERE state ? '_held'")
    await kit.rows("UPDATE jobs SET due_at = now() WHERE kind = 'push_files'")


async def test_a_file_that_is_refused_holds_up_no_other(kit: Kit) -> None:
    (site,) = await pairs(kit, 1, autotask={"attachment_extensions": ["jpg"]})
    tool, lost, expired = [await upload(site, name) for name in ("tool.exe", "lost.jpg", "expired.jpg")]
    good = [(await upload(site, f"{n}.jpg"))[0] for n in range(2)]
    await misbehave(kit, fault="404", file=lost[1])
    await misbehave(kit, fault="expired", file=expired[1])
    async with kit.worker():
        await push([site])
        assert set(await standing(site.customer, "TicketAttachments")) == set(good)
        said = {one["field"]: one["code"] for one in await site.findings() if one["severity"] == "error"}
        assert said == {
            f"attachment/{tool[0]}": "item_rejected",
            f"attachment/{lost[0]}": "file_not_found",
            f"attachment/{expired[0]}": "file_not_found",
        }
        await broker(kit, "sync", site.customer.connection.name, site.order)
    assert set(await standing(site.customer, "TicketAttachments")) == {*good, lost[0], expired[0]}
    assert await codes(site) == ["item_rejected"]


async def test_links_and_redirects_lead_to_allowed_hosts_only(kit: Kit, elsewhere: str) -> None:
    plain, welcome, private = [
        (await pairs(kit, 3, file={"attachments": {"hosts": hosts}}))
        for hosts in ([], [elsewhere], ["10.0.0.1", "*.internal"])
    ]
    linked = [await upload(site) for site in (plain[0], welcome[0])]
    async with kit.worker():
        await settings(kit, file_base_url=f"http://{elsewhere}")
        await push([plain[0], welcome[0]])
        assert await codes(plain[0]) == ["file_host_not_allowed"]
        assert await codes(welcome[0]) == []
        assert [one["file"] for one in await downloads(kit)] == [linked[1][1]]
        await settings(kit, file_base_url="")
        led = [await upload(site) for site in (plain[1], welcome[1], private[1], plain[2])]
        ways = [f"http://{elsewhere}/_files/{led[0][1]}/rack.jpg", f"http://{elsewhere}/_files/{led[1][1]}/rack.jpg",
                "https://10.0.0.1/rack.jpg"]  # fmt: skip
        for (_, file), way in zip(led, ways, strict=False):
            await misbehave(kit, fault="redirect_to", file=file, location=way)
        await misbehave(kit, fault="redirect_same", file=led[3][1])
        await push([plain[1], welcome[1], private[1], plain[2]])
    assert await codes(plain[1]) == await codes(private[1]) == ["file_host_not_allowed"]
    assert await codes(welcome[1]) == await codes(plain[2]) == []
    assert set(await standing(plain[0].customer, "TicketAttachments")) == {led[3][0]}
    assert set(await standing(welcome[0].customer, "TicketAttachments")) == {linked[1][0], led[1][0]}
    asked = [(one["file"], one["headers"]["host"]) for one in await downloads(kit)]
    assert [file for file, host in asked if host == elsewhere] == [linked[1][1], led[1][1]]


async def test_a_file_that_is_cut_off_is_fetched_again(kit: Kit) -> None:
    (site,) = await pairs(kit, 1)
    content = secrets.token_bytes(50_000)
    key, file = await upload(site, base64=base64.b64encode(content).decode())
    await misbehave(kit, fault="cut", file=file)
    async with kit.worker():
        await ask([site])
        await until(lambda: postponed(kit, "no_clear_answer", 1))
        assert await standing(site.customer, "TicketAttachments") == {}
        await kit.rows("UPDATE jobs SET due_at = now() WHERE kind = 'push_files'")
        await rest(kit)
    stored = await bytes_of(site.customer, (await standing(site.customer, "TicketAttachments"))[key])
    assert stored["sha256"] == hashlib.sha256(content).hexdigest()
    assert await verbs(site.customer, "TicketAttachments") == {key: ["create"]}
    assert await codes(site) == []


async def test_replaced_and_deleted_files_go_only_where_deleting_is_wanted(kit: Kit) -> None:
    (site,), (kept,) = await asyncio.gather(pairs(kit, 1), pairs(kit, 1, file={"attachments": {"delete": False}}))
    first, second = [[(await upload(one, f"{n}.txt"))[0] for n in "abc"] for one in (site, kept)]
    async with kit.worker():
        await push([site, kept])
        for one, (replaced, deleted, _) in ((site, first), (kept, second)):
            await one.act("replace_file", attachment=int(replaced.partition("/")[2]), text="other bytes")
            await one.act("delete_file", attachment=int(deleted.partition("/")[2]))
        await looked([site, kept], missing=1)
        assert first[1] in await standing(site.customer, "TicketAttachments")
        await rest(kit)
        await push([site, kept])
    replaced, deleted, untouched = first
    assert await verbs(site.customer, "TicketAttachments") == {
        replaced: ["create", "delete", "create"], deleted: ["create", "delete"], untouched: ["create"],
    }  # fmt: skip
    now = (await standing(site.customer, "TicketAttachments"))[replaced]
    assert (await bytes_of(site.customer, now))["sha256"] == hashlib.sha256(b"other bytes").hexdigest()
    assert sorted(one["fullPath"] for one in await rows(kept.customer, "TicketAttachments")) == [
        "a.txt", "a.txt", "b.txt", "c.txt",
    ]  # fmt: skip


async def test_an_account_has_one_file_in_its_hands_at_a_time(kit: Kit) -> None:
    sites = await pairs(kit, 3)
    size, customer = 40_000, sites[0].customer
    files = [await upload(site, length=size) for site in sites for _ in range(2)]
    for _, file in files:
        await misbehave(kit, fault="drip", file=file, chunk=5_000, delay_s=0.03)
    await kit.sims.fault("autotask", fault="slow", method="POST", entity="TicketAttachments", delay_s=0.15)
    in_hand = []

    async def all_stand() -> bool:
        begun = len(await downloads(kit))
        written = len(await rows(customer, "TicketAttachments"))
        in_hand.append(begun - written)
        return written == len(files)

    async with kit.worker():
        await ask(sites)
        await until(all_stand)
        await rest(kit)
    assert max(in_hand) == 1
    assert await verbs(customer, "TicketAttachments") == {key: ["create"] for key, _ in files}


async def downloads(kit: Kit) -> Sequence[dict[str, Any]]:
    """What the file host was asked for, in order; nobody may show it our credentials."""
    found: list[dict[str, Any]] = await kit.sims.call("GET", f"{kit.sims.field_nation}/_sim/files")
    for one in found:
        assert "authorization" not in one["headers"], one
        assert "cookie" not in one["headers"], one
        assert "token" not in one["query"], one
    return found


async def misbehave(kit: Kit, **fault: Any) -> None:
    """The file host's next answers for a file."""
    await kit.sims.call("POST", f"{kit.sims.field_nation}/_sim/files/faults", fault)


async def bytes_of(customer: Customer, attachment: dict[str, Any]) -> dict[str, Any]:
    """Digest and size of the bytes that Autotask holds, and how it names them."""
    url = f"{customer.kit.sims.autotask}/_sim/attachments/{customer.ci}/{attachment['id']}"
    return dict(await customer.kit.sims.call("GET", url))
