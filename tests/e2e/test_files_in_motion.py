"""A file that is replaced or deleted between the look at it and its download: no failure is left behind."""

import pytest

from tests.e2e.kit import Kit, until
from tests.e2e.push_kit import Site, on_site
from tests.e2e.record_kit import troubles


@pytest.mark.parametrize("change", ["replaced", "deleted"])
async def test_a_file_that_changes_while_another_one_is_on_its_way_is_no_failure(kit: Kit, change: str) -> None:
    async with kit.worker():
        site = await on_site(kit)
    first = await site.act("upload", name="first.jpg", text="a photo")
    second = (await site.act("upload", name="second.jpg", text="the old one"))["attachment"]
    drip = {"fault": "drip", "file": first["file"], "times": 1, "chunk": 1, "delay_s": 0.3}
    await kit.sims.call("POST", f"{kit.sims.field_nation}/_sim/files/faults", drip)
    async with kit.worker():
        await until(lambda: _downloads(site))
        if change == "replaced":
            await site.act("replace_file", attachment=second, name="second.jpg", text="the new photo")
        else:
            await site.act("delete_file", attachment=second)
        await site.settled(60)
    sizes = {row["fullPath"]: row["fileSize"] for row in await site.records("TicketAttachments")}
    assert sizes == {"first.jpg": 7} | ({"second.jpg": 13} if change == "replaced" else {})
    assert await troubles(site.customer) == []


async def _downloads(site: Site) -> bool:
    """Whether the first file is on its way."""
    return bool(await site.kit.sims.call("GET", f"{site.kit.sims.field_nation}/_sim/files"))
