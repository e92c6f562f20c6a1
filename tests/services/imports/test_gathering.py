"""Gathering: as few calls as it takes, whatever the number of tickets."""

from typing import Any

from tests.services.imports.import_kit import RULES, Bench

ADDRESS = {"address1": "1 Main St", "city": "Edina", "state": "MN", "postalCode": "55435", "phone": "1"}


def entities(bench: Bench) -> list[str]:
    return [entity for entity, _, _ in bench.tickets.queries]


def location(bench: Bench, **fields: Any) -> None:
    bench.tickets.records.setdefault("CompanyLocations", []).append(fields)


def city(bench: Bench, order: int = 70) -> Any:
    return bench.orders.orders[order]["location"].get("city")


async def test_500_tickets_are_one_query_and_one_more_for_each_related_entity() -> None:
    bench = Bench()
    for id in range(1000, 1500):
        bench.company(id, f"Company {id}")
        bench.ticket(id, companyID=id, companyLocationID=id)
        location(bench, id=id, companyID=id, city=f"City {id}", isPrimary=True)
    await bench.passes(*range(1000, 1500))
    assert sorted(bench.tickets.queries) == [
        ("Companies", "id", 500),
        ("CompanyLocations", "id", 500),
        ("Tickets", "id", 500),
    ]
    assert len(bench.orders.orders) == 500


async def test_501_tickets_are_two_queries_since_the_vendor_takes_500_values_in_one() -> None:
    bench = Bench(rules=RULES[:1])
    for id in range(1000, 1501):
        bench.ticket(id)
    await bench.passes(*range(1000, 1501))
    assert [count for _, _, count in bench.tickets.queries] == [500, 1]


async def test_only_what_the_mapping_names_is_read() -> None:
    bench = Bench(rules=RULES[:2])
    bench.ticket(companyLocationID=3)
    await bench.run()
    assert entities(bench) == ["Tickets"]


async def test_related_records_are_kept_for_a_while_and_tickets_are_not() -> None:
    bench = Bench()
    bench.ticket(companyLocationID=3)
    location(bench, id=3, companyID=12, city="Edina")
    await bench.run()
    await bench.run()
    assert (entities(bench).count("Tickets"), entities(bench).count("Companies")) == (2, 1)
    bench.clock.move(299)
    await bench.run()
    assert entities(bench).count("CompanyLocations") == 1
    bench.clock.move(1)
    await bench.run()
    assert (entities(bench).count("Companies"), entities(bench).count("CompanyLocations")) == (2, 2)


async def test_a_company_that_is_not_there_is_not_asked_for_again_at_once() -> None:
    bench = Bench(rules=RULES[:3])
    bench.ticket(companyID=99)
    await bench.run()
    await bench.run()
    assert entities(bench).count("Companies") == 1


async def test_only_the_companies_that_are_missing_are_asked_for() -> None:
    bench = Bench(rules=RULES[:3])
    bench.company(13, "Beta")
    bench.ticket(7)
    bench.ticket(8, companyID=13)
    await bench.run(7)
    await bench.passes(7, 8)
    assert [query for query in bench.tickets.queries if query[0] == "Companies"] == [("Companies", "id", 1)] * 2


async def test_a_ticket_s_own_location_is_where_the_work_is() -> None:
    bench = Bench()
    bench.ticket(companyLocationID=3)
    location(bench, id=3, companyID=12, city="Edina", isPrimary=False)
    location(bench, id=4, companyID=12, city="Mora", isPrimary=True)
    await bench.run()
    assert city(bench) == "Edina"


async def test_a_ticket_without_a_location_is_at_its_company_s_primary_one() -> None:
    bench = Bench()
    bench.ticket()
    location(bench, id=3, companyID=12, city="Edina", isPrimary=False)
    location(bench, id=4, companyID=12, city="Mora", isPrimary=True)
    await bench.run()
    assert city(bench) == "Mora"


async def test_without_a_primary_location_the_company_s_own_address_is_taken() -> None:
    bench = Bench()
    bench.company(13, "Beta", **ADDRESS)
    bench.ticket(companyID=13)
    await bench.run()
    assert city(bench) == "Edina"


async def test_primary_locations_of_many_companies_are_one_query() -> None:
    bench = Bench()
    for id in range(100, 150):
        bench.company(id, f"Company {id}")
        bench.ticket(id, companyID=id)
        location(bench, id=id, companyID=id, city=f"City {id}", isPrimary=True)
    await bench.passes(*range(100, 150))
    assert entities(bench).count("CompanyLocations") == 1
    assert city(bench, 119) == "City 149"


async def test_tickets_of_one_company_do_not_share_what_hangs_on_it() -> None:
    bench = Bench()
    bench.ticket(7, companyLocationID=3)
    bench.ticket(8, companyLocationID=4)
    location(bench, id=3, companyID=12, city="Edina")
    location(bench, id=4, companyID=12, city="Mora")
    await bench.passes(7, 8)
    assert (city(bench, 70), city(bench, 71)) == ("Edina", "Mora")


async def test_a_ticket_of_no_company_is_imported_without_one() -> None:
    bench = Bench()
    bench.ticket(companyID=None)
    await bench.run()
    assert "display_name" not in bench.orders.orders[70].get("location", {})
