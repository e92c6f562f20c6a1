"""Ids of records: each entity is asked once, what cannot be seen is said, and a refresh can look again alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.core.model.finding import Severity
from app.core.planning.review.demands import DEMANDED, RESOURCE
from app.core.planning.ticket.creates import plan_ticket
from app.services.file_check import check_references, reference_calls
from tests.services.connections.check_kit import HEAD, CheckedScripts, KnownFields, KnownRecords, checked, loaded, said
from tests.services.connections.wrong_files import file, inbound, outbound

PEOPLE = """time_entries:
  resource_id: 29682885
  role_id: 29683354
  work_type: 29683502
  providers: {"88": {resource_id: 29682899, role_id: 29683354}, "89": {resource_id: 29682899, role_id: 29683355}}
expenses: {additional_charges: "charge", charge: {billing_code_id: 29682801}}
"""


async def test_every_entity_is_asked_once_however_many_ids_are_named(tmp_path: Path) -> None:
    records, document = KnownRecords(), loaded(tmp_path, HEAD + PEOPLE)
    report = await checked(document, records=records)
    assert report.findings == ()
    assert sorted(records.asked) == ["BillingCodes", "ResourceServiceDeskRoles", "Resources", "Roles"]
    assert report.calls == len(records.asked) == await reference_calls(document, KnownFields())


async def test_a_file_that_names_nobody_costs_no_call(tmp_path: Path) -> None:
    records = KnownRecords()
    assert (await checked(loaded(tmp_path, HEAD), records=records)).calls == 0
    assert records.asked == []


async def test_something_to_choose_from_costs_one_call_more(tmp_path: Path) -> None:
    records = KnownRecords()
    report = await checked(loaded(tmp_path, HEAD + PEOPLE.replace("29682885", "29682911", 1)), records=records)
    assert records.asked.count("Resources") == 2
    assert report.calls == 5


@pytest.mark.parametrize("entity", ["Resources", "Roles", "BillingCodes", "ResourceServiceDeskRoles"])
async def test_what_the_api_user_may_not_see_is_a_warning_that_names_it(entity: str, tmp_path: Path) -> None:
    records = KnownRecords(hidden=frozenset({entity}))
    report = await checked(loaded(tmp_path, HEAD + PEOPLE), records=records)
    (finding,) = report.findings
    assert (finding.code, finding.severity) == ("reference_not_checked", Severity.WARNING)
    assert finding.mend.startswith(f"Allow 'view' for {entity} ")


async def test_who_leaves_later_is_found_by_looking_at_the_references_alone(tmp_path: Path) -> None:
    document, records = loaded(tmp_path, HEAD + PEOPLE), KnownRecords()
    assert (await check_references(document, KnownFields(), records)).findings == ()
    left = {"id": 29682885, "firstName": "Dana", "lastName": "Fields", "isActive": False, "licenseType": 1}
    records.more["Resources"] = [left]
    report = await check_references(document, KnownFields(), records)
    assert {(one.code, one.field) for one in report.findings} == {("reference_inactive", "time_entries.resource_id")}


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (
            '{source: "time_logs[0].provider", target: "TimeEntry.[0].RoleID", action: array_map, '
            "mappings: [{compare: Ada, value: 29683354}, {compare: Lee, value: 29683357}]}",
            "mappings.outbound[0].mappings[1].value",
        ),
        ('{target: "TimeEntry.[0].RoleID", action: set_static, value: 29683357}', "mappings.outbound[0].value"),
    ],
)
async def test_a_mapped_role_is_checked_beside_the_resource_of_the_file(rule: str, field: str, tmp_path: Path) -> None:
    report = await checked(loaded(tmp_path, file(outbound(rule))))
    errors = [(one.code, one.field) for one in report.findings if one.severity is Severity.ERROR]
    assert errors == [("reference_no_pair", field)], said(report.findings)


async def test_maps_of_one_source_are_paired_entry_by_entry(tmp_path: Path) -> None:
    source = 'source: "time_logs[0].provider"'
    people = "mappings: [{compare: Ada, value: 29682885}, {compare: Lee, value: 29682899}], default: 29682885"
    roles = "mappings: [{compare: Ada, value: 29683354}, {compare: Lee, value: 29683357}], default: 29683354"
    rules = (
        f'{{{source}, target: "TimeEntry.[0].ResourceID", action: array_map, {people}}}',
        f'{{{source}, target: "TimeEntry.[0].RoleID", action: array_map, {roles}}}',
    )
    report = await checked(loaded(tmp_path, file(outbound(*rules))))
    errors = [(one.code, one.field) for one in report.findings if one.severity is Severity.ERROR]
    assert errors == [("reference_no_pair", "mappings.outbound[1].mappings[1].value")], said(report.findings)


async def test_a_role_without_a_queue_cannot_be_assigned(tmp_path: Path) -> None:
    records = KnownRecords(more={"ResourceServiceDeskRoles": [dict(TIE)]})
    rules = (
        '{target: "Ticket:AssignedResourceID", action: set_static, always: true, value: 29682885}',
        '{target: "Ticket:AssignedResourceRoleID", action: set_static, always: true, value: 29683357}',
    )
    report = await checked(loaded(tmp_path, file(outbound(*rules))), records=records)
    (error,) = [one for one in report.findings if one.severity is Severity.ERROR]
    assert (error.code, error.field) == ("reference_no_pair", "mappings.outbound[1].value")
    assert "for no queue" in error.text


TIE = {"id": 1, "resourceID": 29682885, "roleID": 29683357, "isActive": True}


async def test_a_program_is_tried_once_however_often_it_is_used(tmp_path: Path) -> None:
    scripts = CheckedScripts()
    rule = '{target: %s, action: custom, script: "{a: oops}"}'
    report = await checked(loaded(tmp_path, file(inbound(rule % "title", rule % "description"))), scripts=scripts)
    assert scripts.tried == ["{a: oops}"]
    assert [one.field for one in report.findings] == ["mappings.inbound[0].script", "mappings.inbound[1].script"]


def test_the_check_demands_of_a_new_ticket_what_its_create_demands() -> None:
    missing = plan_ticket(7, (), {}, 1)
    demanded = {*DEMANDED, "queueID", *RESOURCE}
    assert {word for word in demanded if word in str(replace(missing, mend=""))} == demanded
