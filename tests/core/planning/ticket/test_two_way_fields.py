"""Fields that are mapped in both directions: no loop, nobody's word lost, the owner wins."""

import pytest

from tests.core.mapping.mapping_kit import compiled as inbound_of
from tests.core.mapping.outbound_kit import compiled, rule
from tests.core.planning.ticket.fields_kit import TITLE, TITLE_IN, Pair, both_ways, written
from tests.core.planning.ticket.ticket_kit import codes


@pytest.mark.parametrize("owner", ["autotask", "field_nation"])
def test_what_the_import_wrote_is_no_change_of_the_work_order(owner: str) -> None:
    pair = both_ways(owner)
    assert written(pair.push()) == []
    pair.import_ticket(title="Replace both")
    plan = pair.push()
    assert (written(plan), plan.findings) == ([], [])


def test_a_change_at_the_work_order_is_written_to_the_ticket_once() -> None:
    pair = both_ways()
    pair.push()
    pair.order["title"] = "Theirs"
    assert written(pair.push()) == [{"title": "Theirs"}]
    pair.see_ticket()
    assert written(pair.push()) == []


def test_a_change_that_stands_at_the_ticket_already_is_not_written() -> None:
    pair = both_ways()
    pair.push()
    pair.order["title"] = pair.ticket["title"] = "Same"
    plan = pair.push()
    assert (written(plan), plan.findings) == ([], [])


@pytest.mark.parametrize(("owner", "expected"), [("autotask", []), ("field_nation", [{"title": "Theirs"}])])
def test_when_both_sides_changed_the_owner_wins_and_it_is_said(owner: str, expected: list[dict[str, str]]) -> None:
    pair = both_ways(owner)
    pair.push()
    pair.order["title"], pair.ticket["title"] = "Theirs", "Ours"
    plan = pair.push()
    assert (written(plan), codes(plan.findings)) == (expected, ["both_sides_changed"])
    assert all(word in plan.findings[0].text for word in ("'Theirs'", "'Ours'", owner))
    plan = pair.push()
    assert (written(plan), plan.findings) == ([], [])


def test_without_an_owner_the_ticket_wins_as_it_does_for_the_import() -> None:
    pair = both_ways()
    pair.push()
    pair.order["title"], pair.ticket["title"] = "Theirs", "Ours"
    assert written(pair.push()) == []


def test_the_owner_may_stand_at_the_inbound_rule() -> None:
    pair = Pair(compiled(TITLE), inbound_of({**TITLE_IN, "owner": "field_nation"}), ticket={"title": "Replace UPS"})
    pair.import_ticket()
    pair.push()
    pair.order["title"], pair.ticket["title"] = "Theirs", "Ours"
    assert written(pair.push()) == [{"title": "Theirs"}]


@pytest.mark.parametrize("has_seen", [True, False], ids=["after an import", "before an import"])
def test_a_person_who_goes_back_to_the_imported_value_is_followed(has_seen: bool) -> None:
    pair = both_ways()
    pair.push()
    pair.order["title"] = "Theirs"
    pair.push()
    if has_seen:
        pair.see_ticket()
    pair.order["title"] = "Replace UPS"
    pair.push()
    assert pair.ticket["title"] == "Replace UPS"
    assert written(pair.push()) == []


@pytest.mark.parametrize("owner", ["autotask", "field_nation"])
def test_an_import_after_a_push_is_an_echo_though_the_ticket_changed_once_more(owner: str) -> None:
    pair = both_ways(owner)
    pair.push()
    pair.order["title"] = "Theirs"
    pair.push()
    pair.import_ticket(title="Ours")
    pair.ticket["title"] = "Ours, newer"
    plan = pair.push()
    assert (written(plan), pair.ticket["title"], plan.findings) == ([], "Ours, newer", [])


@pytest.mark.parametrize(("owner", "expected"), [("autotask", []), ("field_nation", [{"title": "Theirs"}])])
def test_at_the_first_look_without_an_import_the_owner_says_which_side_counts(
    owner: str, expected: list[dict[str, str]]
) -> None:
    pair = Pair(compiled({**TITLE, "owner": owner}), inbound_of(TITLE_IN), order={"title": "Theirs"})
    pair.ticket["title"] = "Ours"
    assert written(pair.push()) == expected


def test_resync_leaves_fields_alone_that_are_mapped_both_ways() -> None:
    pair = both_ways()
    pair.push()
    pair.ticket["title"] = "Ours"
    assert written(pair.push(resync=True)) == []


def test_only_fields_whose_places_meet_are_mapped_both_ways() -> None:
    pair = both_ways()
    assert set(pair.now().two_way) == {"title"}
    pair.rules = compiled(rule("closing_notes", "Ticket:Title"))
    assert pair.now().two_way == {}
