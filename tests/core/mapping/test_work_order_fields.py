"""The table of a work order's fields: every one of them can be named, written and read."""

from decimal import Decimal
from typing import Any

import pytest

from app.core.mapping.compile import NeedCatalogs, compile_inbound
from app.core.mapping.dialects import load_rules
from app.core.mapping.item_paths import parse_order_source
from app.core.mapping.paths import BadPath, Path, System, parse_path
from app.core.mapping.work_order_fields import SHARED_FIELDS, SPELLINGS, field_at, with_definitions
from app.core.mapping.work_order_names import STATUSES
from app.core.model.catalog import Field, PickValue
from app.core.planning.body import body_of
from app.core.planning.desired import Wish
from app.core.planning.targets import comparable, read_target, value_at
from tests.core.mapping import mapping_kit, outbound_kit

FIELDS = list(SHARED_FIELDS.fields.values())
WRITABLE = [field for field in FIELDS if not field.is_read_only]
READABLE = [field for field in FIELDS if field.is_queryable]
EXAMPLES: dict[str, tuple[Any, Any]] = {
    "string": ("some text", "some text"),
    "integer": ("62", 62),
    "decimal": ("60.50", Decimal("60.50")),
    "boolean": (True, True),
    "datetime": ("2026-03-02T15:00:00Z", {"utc": "2026-03-02 15:00:00"}),
}
"""By type: what a mapping gives, and what has to stand in the request."""


def named(field: Field) -> str:
    return field.name


def path_of(field: Field) -> Path:
    path = parse_path(field.name, System.FIELD_NATION)
    assert isinstance(path, Path)
    return path


def inbound_findings(target: str, value: Any) -> Any:
    rules, findings = load_rules([outbound_kit.static(target, value)], "inbound")
    made = compile_inbound(rules, mapping_kit.known)
    assert not isinstance(made, NeedCatalogs)
    return [*findings, *made.findings], [rule.target for rule in made.rules]


@pytest.mark.parametrize("field", FIELDS, ids=named)
def test_a_field_is_named_by_its_canonical_path(field: Field) -> None:
    assert path_of(field).text == field.name
    assert SHARED_FIELDS.field(field.name.upper()) is field
    assert field.label
    assert field.type in {*EXAMPLES, "date", "time"}


@pytest.mark.parametrize("field", WRITABLE, ids=named)
def test_a_writable_field_is_taken_as_the_target_of_a_rule(field: Field) -> None:
    value = field.values[0].value if field.values else EXAMPLES[field.type][0]
    findings, targets = inbound_findings(field.name, value)
    assert (findings, targets) == ([], [field.name])


@pytest.mark.parametrize("field", [field for field in WRITABLE if field.name != "status_id"], ids=named)
def test_a_writable_field_reaches_the_request_in_its_type(field: Field) -> None:
    given, sent = EXAMPLES[field.type]
    target = read_target(path_of(field).segments)
    assert target is not None
    body = body_of([Wish(target, comparable(target, given))])
    here: Any = body
    for segment in target:
        here = here["results"] if isinstance(segment, int) and isinstance(here, dict) else here
        here = here[segment]
    assert here == sent
    assert type(here) is type(sent)


@pytest.mark.parametrize("field", [field for field in WRITABLE if field.name != "status_id"], ids=named)
def test_what_was_written_is_read_back_at_the_same_place(field: Field) -> None:
    target = read_target(path_of(field).segments)
    assert target is not None
    wanted = comparable(target, EXAMPLES[field.type][0])
    assert value_at(body_of([Wish(target, wanted)]), target) == wanted


def test_the_status_can_be_wished_for_by_label() -> None:
    findings, targets = inbound_findings("status_id", "Published")
    assert (findings, targets) == ([], ["status_id"])
    assert [pick.label for pick in SHARED_FIELDS.fields["status_id"].values] == list(STATUSES.values())


@pytest.mark.parametrize("field", READABLE, ids=named)
def test_a_readable_field_is_taken_as_a_source_without_doubt(field: Field) -> None:
    made = outbound_kit.compiled(outbound_kit.rule(field.name, "Ticket:title"))
    assert made.findings == ()
    assert [source.text for rule in made.ticket.rules for source in rule.sources] == [field.name]


@pytest.mark.parametrize(("path", "spelling"), [(path, one) for path, some in SPELLINGS.items() for one in some])
def test_another_spelling_means_the_same_place(path: str, spelling: str) -> None:
    parsed = parse_path(spelling, System.FIELD_NATION)
    assert isinstance(parsed, Path)
    assert parsed.text == path
    assert SHARED_FIELDS.field(path) is not None


def test_a_draft_demands_nothing_but_a_title() -> None:
    assert [field.name for field in FIELDS if field.is_required] == ["title"]


def test_custom_fields_and_lists_of_the_company_are_put_into_its_catalogue() -> None:
    own, live = Field("4711", "string", "Site code"), (PickValue("62", "Cabling"),)
    catalog = with_definitions([own], {"types_of_work[0].id": live})
    assert catalog.user_fields == {"4711": own}
    assert (catalog.fields["types_of_work[0].id"].values, catalog.fields["types_of_work[0].id"].is_picklist) == (
        live,
        True,
    )
    assert SHARED_FIELDS.fields["types_of_work[0].id"].values == ()
    assert catalog.fields["title"] is SHARED_FIELDS.fields["title"]


@pytest.mark.parametrize(
    ("text", "collection", "name"),
    [
        ("time_window.start", "", "schedule.service_window.start"),
        ("contacts[3].email", "", "contacts[0].email"),
        ("time_logs[0].StartDateTime", "time_logs", "time_logs[0].StartDateTime"),
        ("time_logs[0].in.created", "time_logs", "time_logs[0].in.created"),
        ("milestones.workdone.utc", "", "milestones.workdone.utc"),
        ("contacts.results[1].email", "", "contacts[0].email"),
        ("networks.results[1].id", "", "networks.results[0].id"),
        ("pay.expenses.results[2].amount", "", "expenses[0].amount"),
        ("custom_fields.4711", "", "4711"),
        ("custom_fields.04711", "", "4711"),
        ("custom_fields.4712", "", ""),
        ("qualifications.selection_rule", "", ""),
    ],
)
def test_the_field_of_any_path_is_found_whatever_its_index(text: str, collection: str, name: str) -> None:
    catalog = with_definitions([Field("4711", "string")], {})
    place = parse_order_source(text, collection)
    assert not isinstance(place, BadPath)
    found = field_at(catalog, place)
    assert (found.name if found else "") == name
