"""What looks like a mistake and may be meant is shown, and does not refuse the file."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.services.connections.check_kit import HEAD, KnownFields, checked, loaded, said
from tests.services.connections.wrong_files import CREATE, Wrong, both, file, inbound, into_order, into_ticket, outbound


class Doubtful(NamedTuple):
    wrong: Wrong
    code: str


def shadowed(way: str, *rules: str) -> str:
    return file(inbound(*rules) if way == "in" else outbound(*rules))


DOUBTFUL = (
    Doubtful(
        both(
            "a field that is mapped both ways and that nobody owns",
            "{source: Title, target: title, action: sync}",
            '{source: title, target: "Ticket:Title", action: sync}',
            "mappings.outbound[0].owner",
            "Add owner: autotask, or owner: field_nation.",
        ),
        "mapping_no_owner",
    ),
    Doubtful(
        into_order(
            "a rule that a fixed value beats",
            "{source: Title, target: title, action: sync}",
            "target",
            "Remove one of the two, or take the default of mappings.inbound[1] out.",
        )._replace(
            text=shadowed(
                "in",
                "{source: Title, target: title, action: sync}",
                "{source: Description, target: title, action: sync, default: Field job}",
            )
        ),
        "mapping_dead_rule",
    ),
    Doubtful(
        Wrong(
            "two rules of which the second may be empty",
            shadowed(
                "in",
                "{source: Title, target: title, action: sync}",
                "{source: Description, target: title, action: sync}",
            ),
            "mappings.inbound[1].target",
            "Remove one of the two.",
        ),
        "mapping_two_rules",
    ),
    Doubtful(
        into_order(
            "an id where people want to read a word",
            "{source: Priority, target: custom_fields.4711, action: sync}",
            "action",
            "Use array_map, with an entry for each value.",
        ),
        "mapping_copied_ids",
    ),
    Doubtful(
        into_ticket(
            "Field Nation's ids copied into a list of Autotask's",
            '{source: "types_of_work[0].id", target: "Ticket:IssueType", action: sync}',
            "action",
            "Use array_map, with an entry for each value.",
        ),
        "mapping_copied_ids",
    ),
    Doubtful(
        into_order(
            "a long text into a short field",
            "{source: Title, target: custom_fields.4711, action: sync}",
            "source",
            "Map a shorter field, or accept that long values do not arrive whole.",
        ),
        "mapping_may_be_cut",
    ),
    Doubtful(
        into_order(
            "a place that the broker does not know",
            "{source: Title, target: location.gate_code, action: sync}",
            "target",
            "Use a path that `broker fields` lists, or look at the first work order that is made with it.",
        ),
        "mapping_unknown_target",
    ),
    Doubtful(
        into_ticket(
            "a source that is misspelt",
            "{source: assignee.user.fist_name, target: Resolution, action: sync}",
            "source",
            "Did you mean assignee.user.first_name?",
        ),
        "mapping_unknown_source",
    ),
    Doubtful(
        into_ticket(
            "a date that people type into a description",
            '{source: "expenses[0].description", target: "expense.items[0].ExpenseDate", action: sync}',
            "source",
            "Map a source of the right type.",
        ),
        "mapping_doubtful_type",
    ),
    Doubtful(
        into_ticket(
            "an element of a list that is not numbered",
            '{source: time_logs.StartDateTime, target: "TimeEntry.[0].StartDateTime", action: sync}',
            "source",
            "Write time_logs[0].StartDateTime.",
        ),
        "mapping_no_index",
    ),
    Doubtful(
        into_ticket(
            "a category that is forgotten",
            '{source: "expenses[0].category", target: "expense.items[0].ExpenseCategory", action: array_map, '
            "mappings: [{compare: Travel, value: 2}]}",
            "mappings",
            "Add entries for them, or a default.",
        ),
        "mapping_gap",
    ),
    Doubtful(
        into_ticket(
            "a category that never comes",
            '{source: "expenses[0].category", target: "expense.items[0].ExpenseCategory", action: array_map, '
            "mappings: [{compare: Travle, value: 2}], default: 1}",
            "mappings[0].compare",
            "Did you mean Travel?",
        ),
        "mapping_unknown_pick",
    ),
    Doubtful(
        into_order(
            "an entry for a value that was retired",
            "{source: Priority, target: custom_fields.4711, action: array_map, mappings: [{compare: 6, value: P6}], "
            "default: P3}",
            "mappings[0].compare",
            "Use one of: Critical (4), High (1), Medium (2), Low (3).",
        ),
        "mapping_unknown_pick",
    ),
    Doubtful(
        into_order(
            "two spellings of one status",
            "{source: Status, target: status_id, action: status, mappings: [{compare: Dispatch to Field, "
            "value: Published}, {compare: 29683380, value: Draft}]}",
            "mappings[1].compare",
            "Remove one of the two; the first wins.",
        ),
        "mapping_dead_entry",
    ),
    Doubtful(
        into_order(
            "a status that belongs to people",
            "{source: Status, target: status_id, action: status, mappings: [{compare: In Progress, value: Assigned}]}",
            "mappings[0].value",
            "Remove the entry, or map to Published (2).",
        ),
        "status_not_reached",
    ),
    Doubtful(
        into_order(
            "a status whose action is not allowed",
            "{source: Status, target: status_id, action: status, mappings: [{compare: Complete, value: Approved}]}",
            "mappings[0].value",
            "Add approve to settings.work_order_actions.",
        ),
        "status_not_reached",
    ),
    Doubtful(
        into_ticket(
            "a fixed value for tickets that the broker never makes",
            '{target: "Ticket:QueueID", action: set_static, value: 29683365}',
            "always",
            "Add always: true, or switch settings.outbound_create on.",
        ),
        "mapping_no_effect",
    ),
    Doubtful(
        into_order(
            "a value that is empty",
            '{target: title, action: set_static, value: ""}',
            "value",
            "Write a value, or remove the rule.",
        ),
        "mapping_no_effect",
    ),
    Doubtful(
        Wrong(
            "a company from a custom field that may be empty",
            file(
                "settings: {outbound_create: true}",
                outbound(
                    *(rule for name, rule in CREATE.items() if name != "AccountID"),
                    '{source: custom_fields.4790, target: "Ticket:AccountID", action: sync}',
                ),
            ),
            "mappings.outbound[4].source",
            "Give the rule a default, or make the field required in Field Nation.",
        ),
        "create_field_missing",
    ),
    Doubtful(
        Wrong(
            "a submitter who has left, while charges are sent",
            file(
                money='expenses: {additional_charges: "charge", submitter_id: 29682911, '
                "charge: {billing_code_id: 29682801}}\n"
            ),
            "expenses.submitter_id",
            "Did you mean Sam Ortiz (29682899)?",
        ),
        "reference_inactive",
    ),
)


@pytest.mark.parametrize("doubtful", DOUBTFUL, ids=lambda doubtful: doubtful.wrong.what)
async def test_a_doubtful_file_is_accepted_and_says_what_to_look_at(doubtful: Doubtful, tmp_path: Path) -> None:
    report = await checked(loaded(tmp_path, doubtful.wrong.text))
    assert report.is_sound, said(report.findings)
    found = {(one.code, one.field, one.mend) for one in report.findings}
    assert (doubtful.code, doubtful.wrong.field, doubtful.wrong.mend) in found, said(report.findings)


async def test_without_any_custom_field_a_number_is_only_doubted(tmp_path: Path) -> None:
    fields = KnownFields()
    orders = await fields.catalog("work_orders")
    fields.changed["work_orders"] = type(orders)(orders.entity, orders.fields)
    text = file(inbound("{source: Title, target: custom_fields.4711, action: sync}"))
    report = await checked(loaded(tmp_path, text), fields=fields)
    assert [(one.code, str(one.severity)) for one in report.findings] == [("mapping_unknown_custom_field", "warning")]


async def test_while_field_nation_is_away_the_rest_is_checked_and_the_gap_is_said(tmp_path: Path) -> None:
    text = HEAD + inbound("{source: Titel, target: location.adress1, action: sync}")
    report = await checked(loaded(tmp_path, text), fields=KnownFields(hidden=frozenset({"work_orders"})))
    codes = [one.code for one in report.findings]
    assert "field_nation_not_checked" in codes
    assert "mapping_unknown_field" in codes
    assert "mapping_unknown_target" not in codes
