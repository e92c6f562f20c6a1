from tests.simulators.field_nation.fn_sim_kit import FieldNation, Json


async def filled(fn: FieldNation, count: int) -> int:
    number = await fn.assigned()
    for _ in range(count):
        await fn.person(number, "add_time_log", **{"in": "2026-04-02T14:00:00", "out": "2026-04-02T15:00:00"})
        await fn.person(number, "add_expense", description="x", amount="1.00")
        await fn.person(number, "upload", name="a.txt", text="x")
    return number


def embedded(order: Json) -> list[Json]:
    return [order["time_logs"], order["pay"]["expenses"], order["attachments"]["results"][1]]


def counted(order: Json) -> list[tuple[int, int]]:
    return [(len(part["results"]), part["metadata"]["total"]) for part in embedded(order)]


async def test_embedded_lists_are_whole_or_cut_or_lie(fn: FieldNation) -> None:
    number = await filled(fn, 3)
    assert counted(await fn.read(number)) == [(3, 3)] * 3
    await fn.switch(embedded_rows=2)
    cut = await fn.read(number)
    assert counted(cut) == [(2, 3)] * 3
    assert cut["time_logs"]["metadata"]["pages"] == 2
    assert cut["time_logs"]["hours"] == 3.0
    await fn.switch(embedded_total_lies=True)
    lying = await fn.read(number)
    assert counted(lying) == [(2, 2)] * 3
    assert lying["time_logs"]["metadata"] == {"total": 2, "page": 1, "pages": 1, "per_page": 25}
    assert len((await fn.part(number, "time_logs"))["results"]) == 3
    await fn.switch(embedded_rows=None, embedded_total_lies=False, embedded_per_page=0)
    assert (await fn.read(number))["time_logs"]["metadata"]["per_page"] == 0


async def test_lists_of_their_own_have_pages(fn: FieldNation) -> None:
    number = await filled(fn, 3)
    pages = [await fn.part(number, "time_logs", page=page, per_page=2) for page in (1, 2, 3)]
    assert [len(one["results"]) for one in pages] == [2, 1, 0]
    assert pages[0]["metadata"] == {"total": 3, "page": 1, "pages": 2, "per_page": 2}
    ids = [row["id"] for one in pages for row in one["results"]]
    assert len(set(ids)) == 3
    await fn.switch(sublist_per_page_cap=1)
    assert len((await fn.part(number, "expenses", per_page=50))["results"]) == 1


async def test_later_pages_can_be_lost_and_totals_can_sink(fn: FieldNation) -> None:
    number = await filled(fn, 3)
    await fn.switch(sublist_drops_pages=True)
    second = await fn.part(number, "time_logs", page=2, per_page=2)
    assert (second["results"], second["metadata"]["total"]) == ([], 3)
    await fn.switch(sublist_drops_pages=False, sublist_total_sinks=True)
    totals = [(await fn.part(number, "time_logs", page=n, per_page=2))["metadata"]["total"] for n in (1, 2)]
    assert totals == [3, 2]


async def test_the_switch_for_embedded_rows_takes_null_or_a_number(fn: FieldNation) -> None:
    for wrong in ("2", True, -1):
        assert (await fn.http.patch("/_sim/settings", json={"embedded_rows": wrong})).status_code == 400
    assert (await fn.http.patch("/_sim/settings", json={"old_calls": ["everything"]})).status_code == 400


async def test_the_digest_of_a_part_follows_its_changes(fn: FieldNation) -> None:
    number = await filled(fn, 1)
    before = await fn.read(number)
    await fn.person(number, "add_time_log", **{"in": "2026-04-02T14:00:00"})
    after = await fn.read(number)
    assert before["time_logs"]["correlation_id"] != after["time_logs"]["correlation_id"]
    assert before["attachments"]["correlation_id"] == after["attachments"]["correlation_id"]


async def test_the_truth_shows_everything_that_hangs_on_an_order(fn: FieldNation) -> None:
    await filled(fn, 2)
    truth = (await fn.truth())[0]
    assert [len(truth[name]) for name in ("time_logs", "expenses", "attachments")] == [2, 2, 2]
    assert next(iter(truth["attachments"].values()))["file"]["size"] == 1
