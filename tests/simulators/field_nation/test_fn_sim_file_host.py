import httpx
import pytest

from tests.simulators.field_nation.fn_sim_kit import FieldNation, Receiver

SOME = b"0123456789"


async def link_of(fn: FieldNation, data: bytes = SOME) -> str:
    number = await fn.assigned()
    await fn.person(number, "upload", name="a.txt", text=data.decode())
    return str((await fn.read(number))["attachments"]["results"][1]["results"][0]["file"]["link"])


async def test_the_host_writes_down_what_callers_send_and_asks_for_no_token(fn: FieldNation) -> None:
    link = await link_of(fn)
    await fn.sim("POST", "reset-calls")
    await fn.http.get(link, params={"access_token": "secret"}, headers={"Authorization": "Bearer secret"})
    row = (await fn.sim("GET", "files"))[0]
    assert (row["query"], row["headers"]["authorization"]) == ("access_token=secret", "Bearer secret")
    assert (row["status"], row["sent"], row["fault"]) == (200, 10, "")
    assert (await fn.sim("GET", "calls"))["total"] == 0
    await fn.sim("POST", "reset-calls")
    assert await fn.sim("GET", "files") == []


async def test_redirects_lead_to_the_same_host_or_elsewhere(fn: FieldNation, receiver: Receiver) -> None:
    link = await link_of(fn)
    await fn.sim("POST", "files/faults", {"fault": "redirect_same"})
    assert (await fn.http.get(link, follow_redirects=True)).content == SOME
    await fn.sim("POST", "files/faults", {"fault": "redirect_to", "location": f"{receiver.url}/else", "times": None})
    for _ in range(2):
        answer = await fn.http.get(link)
        assert (answer.status_code, answer.headers["location"]) == (302, f"{receiver.url}/else")
    assert [one["hits"] for one in await fn.sim("GET", "files/faults")] == [1, 2]
    await fn.sim("DELETE", "files/faults")
    assert (await fn.http.get(link)).content == SOME


@pytest.mark.parametrize(
    ("fault", "status"), [("404", 404), ("expired", 403), ("429", 429), ("500", 500), ("503", 503)]
)
async def test_the_host_can_refuse_once(fn: FieldNation, fault: str, status: int) -> None:
    link = await link_of(fn)
    await fn.sim("POST", "files/faults", {"fault": fault})
    assert [(await fn.http.get(link)).status_code for _ in range(2)] == [status, 200]


async def test_a_cut_or_overstated_body_ends_before_its_length(fn: FieldNation) -> None:
    link = await link_of(fn)
    for fault in ({"fault": "cut"}, {"fault": "length_lie", "declared": 11}):
        await fn.sim("POST", "files/faults", fault)
        with pytest.raises(httpx.RemoteProtocolError):
            await fn.http.get(link)
    assert [row["sent"] for row in await fn.sim("GET", "files")] == [5, 10]


async def test_an_understated_length_gives_only_the_beginning(fn: FieldNation) -> None:
    link = await link_of(fn)
    await fn.sim("POST", "files/faults", {"fault": "length_lie", "declared": 4})
    assert (await fn.http.get(link)).content == b"0123"


async def test_a_drip_is_slow_and_whole(fn: FieldNation) -> None:
    link = await link_of(fn)
    await fn.sim("POST", "files/faults", {"fault": "drip", "chunk": 4, "delay_s": 0.01})
    async with fn.http.stream("GET", link) as answer:
        assert b"".join([piece async for piece in answer.aiter_raw()]) == SOME


async def test_an_endless_body_ends_when_the_caller_has_enough(fn: FieldNation) -> None:
    link = await link_of(fn)
    await fn.sim("POST", "files/faults", {"fault": "endless"})
    taken = 0
    async with fn.http.stream("GET", link) as answer:
        async for piece in answer.aiter_raw():
            taken += len(piece)
            if taken > 1_000_000:
                break
    assert "content-length" not in answer.headers
    assert (await fn.http.get(link)).content == SOME


async def test_the_bytes_of_a_file_can_be_thrown_away(fn: FieldNation) -> None:
    link = await link_of(fn)
    number = int(link.split("/")[-2])
    assert await fn.sim("DELETE", f"files/{number}") == {"dropped": number}
    assert (await fn.http.get(link)).status_code == 404


async def test_links_can_begin_elsewhere(fn: FieldNation) -> None:
    await fn.switch(file_base_url="https://storage.example.com")
    assert (await link_of(fn)).startswith("https://storage.example.com/_files/")


@pytest.mark.parametrize("order", [{"fault": "flood"}, {"fault": "redirect_to"}, {"fault": "cut", "times": "x"}])
async def test_an_unreadable_file_fault_is_refused(fn: FieldNation, order: dict[str, str]) -> None:
    assert (await fn.http.post("/_sim/files/faults", json=order)).status_code == 400
