"""What a file asks for and nothing does so far is said when it is applied, never skipped silently."""

from typing import Any

import pytest

from tests.fakes.connections import FakeDesk, a_file, codes

CREDENTIALS = {"username": "api@acme.example", "secret": "autotask-secret", "integration_code": "OWN"}


@pytest.mark.parametrize("object_name", ["ServiceCall", "Project"])
async def test_an_object_whose_ids_would_be_taken_for_tickets_is_refused(object_name: str) -> None:
    desk = FakeDesk()
    report = await desk.connections.apply(a_file(autotask={**CREDENTIALS, "service_object": object_name}))
    assert (report.verb, "not_available_yet" in codes(report)) == ("refused", True)
    assert object_name in " ".join(finding.text for finding in report.findings)
    assert desk.store.rows == {}


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"settings": {"mode": "approve"}}, "settings.mode"),
        ({"settings": {"import_when": [{"op": "eq", "field": "status", "value": 1}]}}, "settings.import_when"),
        ({"attachments": {"enabled": True}}, "attachments.enabled"),
    ],
)
async def test_a_setting_that_nothing_acts_on_is_stored_with_a_warning(part: dict[str, Any], field: str) -> None:
    desk = FakeDesk()
    report = await desk.connections.apply(a_file(**part))
    warned = [finding.field for finding in report.findings if finding.code == "not_available_yet"]
    assert (report.is_stored, warned) == (True, [field])
