"""Applying connection files: what is stored, what is refused, and what is said."""

import hashlib

import pytest

from app.core.model.failure import Refused, Transient
from tests.fakes.connections import FakeDesk, FakeVendors, a_file, codes


async def test_a_new_file_is_stored_with_its_secrets_sealed_and_bound() -> None:
    desk = FakeDesk()
    report = await desk.connections.apply(a_file())
    stored = await desk.store.named("acme")
    assert (report.verb, report.is_stored) == ("created", True)
    assert stored is not None
    assert (stored.autotask_ci, stored.field_nation_company) == (4711, 815)
    sealed = desk.store.sealed[stored.id]
    assert desk.sealer.open("acme", "autotask.secret", sealed["autotask.secret"]) == "autotask-secret"
    with pytest.raises(ValueError):
        desk.sealer.open("acme", "field_nation.password", sealed["autotask.secret"])


async def test_what_is_stored_and_reported_holds_no_secret() -> None:
    desk = FakeDesk()
    report = await desk.connections.apply(a_file(client_token="a-token-in-use-1234"))
    stored = await desk.store.named("acme")
    assert stored is not None
    shown = f"{report!r} {stored.file.model_dump(mode='python')!r} {desk.store.sealed!r}"
    assert "secret" in shown
    for secret in ("autotask-secret", "fn-secret", "fn-password", "a-token-in-use-1234"):
        assert secret not in shown
    assert stored.file.autotask.secret.get_secret_value() == ""


async def test_the_account_is_known_by_the_digest_of_the_effective_integration_code() -> None:
    desk = FakeDesk(integration_code="FROM-SETTINGS")
    await desk.connections.apply(a_file())
    blank = {"username": "api@acme.example", "secret": "autotask-secret"}
    await desk.connections.apply(a_file(autotask=blank))
    assert desk.store.codes == [hashlib.sha256(code).hexdigest() for code in (b"OWN", b"FROM-SETTINGS")]


async def test_a_blank_integration_code_everywhere_is_refused_before_any_call() -> None:
    desk = FakeDesk(integration_code="")
    report = await desk.connections.apply(a_file(autotask={"username": "u", "secret": "s"}))
    assert (report.verb, codes(report)) == ("refused", ["integration_code_missing"])
    assert desk.vendors.opened_with == []


async def test_a_dry_run_says_the_same_and_stores_nothing() -> None:
    desk = FakeDesk()
    report = await desk.connections.apply(a_file(client_token="a-token-in-use-1234"), dry_run=True)
    assert (report.verb, report.is_stored, desk.store.rows, desk.store.hashes) == ("created", False, {}, {})


async def test_applying_the_same_file_again_changes_nothing() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file())
    report = await desk.connections.apply(a_file())
    stored = await desk.store.named("acme")
    assert (report.verb, report.changes) == ("unchanged", ())
    assert stored is not None
    assert stored.version == 1


async def test_the_difference_names_each_path_and_no_secret() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file())
    changed = a_file(
        time_zone="America/Chicago",
        autotask={"username": "api@acme.example", "secret": "another-secret", "integration_code": "OWN"},
        field_nation={"client_id": "c", "client_secret": "fn-secret", "grant": "client_credentials"},
        mappings={"inbound": [{"source": "id", "target": "title", "action": "sync"}]},
    )
    report = await desk.connections.apply(changed)
    said = {change.path: (change.before, change.after) for change in report.changes}
    assert said["time_zone"] == ("UTC", "America/Chicago")
    assert said["autotask.secret"] == ("set", "another value")
    assert said["field_nation.password"] == ("set", "not set")
    assert said["mappings.inbound[0].source"] == ("Title", "id")
    assert "secret" not in {value for pair in said.values() for value in map(str, pair)}


async def test_the_first_apply_shows_what_was_written_and_no_default() -> None:
    report = await FakeDesk().connections.apply(a_file(), dry_run=True)
    paths = [change.path for change in report.changes]
    assert "name" in paths
    assert "mappings.inbound[0]" in paths
    assert "attachments.enabled" not in paths


async def test_credentials_of_another_database_are_refused() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file())
    desk.vendors.ci = 4712
    report = await desk.connections.apply(a_file(time_zone="America/Chicago"))
    stored = await desk.store.named("acme")
    assert (report.verb, codes(report)) == ("refused", ["other_database"])
    assert "4712" in report.findings[0].text
    assert "stranger" in report.findings[0].text
    assert stored is not None
    assert stored.file.time_zone == "UTC"


async def test_credentials_of_another_company_are_refused() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file())
    desk.vendors.company = 816
    report = await desk.connections.apply(a_file())
    assert (report.verb, codes(report)) == ("refused", ["other_company"])


async def test_a_company_that_is_not_known_yet_is_pinned_when_it_is() -> None:
    desk = FakeDesk(vendors=FakeVendors(field_nation_trouble=Transient("Field Nation is away.")))
    first = await desk.connections.apply(a_file())
    assert (first.verb, codes(first)) == ("created", ["field_nation_not_checked"])
    desk.vendors.field_nation_trouble = None
    assert (await desk.connections.apply(a_file())).verb == "changed"
    desk.vendors.company = 0
    assert (await desk.connections.apply(a_file(time_zone="America/Chicago"))).verb == "changed"
    stored = await desk.store.named("acme")
    assert stored is not None
    assert stored.field_nation_company == 815


@pytest.mark.parametrize(
    ("vendors", "code"),
    [
        (FakeVendors(autotask_trouble=Refused("Autotask refuses the credentials.")), "autotask_refused"),
        (FakeVendors(autotask_trouble=Transient("Autotask is away.")), "autotask_not_checked"),
        (FakeVendors(field_nation_trouble=Refused("Field Nation refuses.")), "field_nation_refused"),
    ],
)
async def test_a_system_that_refuses_or_cannot_be_asked_refuses_the_file(vendors: FakeVendors, code: str) -> None:
    desk = FakeDesk(vendors=vendors)
    report = await desk.connections.apply(a_file())
    assert (report.verb, codes(report), desk.store.rows) == ("refused", [code], {})


async def test_a_mapping_of_a_field_that_the_database_lacks_refuses_the_file_with_the_nearest() -> None:
    rules = [{"source": "Titel", "target": "title", "action": "sync"}]
    report = await FakeDesk().connections.apply(a_file(mappings={"inbound": rules}))
    assert report.verb == "refused"
    assert report.findings[0].field == "mappings.inbound[0].source"
    assert "title" in report.findings[0].mend


async def test_a_doubtful_mapping_is_stored_with_its_warning() -> None:
    pairs = [{"compare": "1", "value": "a"}, {"compare": 5, "value": "b"}, {"compare": 8, "value": "c"}]
    rules = [{"source": "Status", "target": "title", "action": "array_map", "mappings": pairs}]
    report = await FakeDesk().connections.apply(a_file(mappings={"inbound": rules}))
    assert report.verb == "created"
    assert [str(finding.severity) for finding in report.findings] == ["warning"]


async def test_related_records_and_user_defined_fields_are_found_in_the_live_metadata() -> None:
    rules = [
        {"source": "Account.AccountName", "target": "location.name", "action": "sync"},
        {"source": "UserDefinedField.Site Code", "target": "custom_fields.4711", "action": "sync"},
    ]
    assert (await FakeDesk().connections.apply(a_file(mappings={"inbound": rules}))).findings == ()


async def test_an_excluded_status_that_is_not_in_the_picklist_names_the_nearest_label() -> None:
    report = await FakeDesk().connections.apply(a_file(settings={"excluded_statuses": ["complete", 8, "Compleet"]}))
    assert (report.verb, codes(report)) == ("refused", ["status_not_found"])
    assert report.findings[0].field == "settings.excluded_statuses[2]"
    assert "'Complete'" in report.findings[0].mend


async def test_a_status_for_new_tickets_must_be_in_the_picklist() -> None:
    settings = {"outbound_create": True, "outbound_create_status": 99}
    report = await FakeDesk().connections.apply(a_file(settings=settings))
    assert report.findings[0].field == "settings.outbound_create_status"


async def test_the_trigger_token_is_never_given_to_a_vendor() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file(client_token="a-token-in-use-1234"))
    assert all("client_token" not in secrets for secrets in desk.vendors.opened_with)


async def test_a_secret_that_no_key_opens_any_more_is_mended_by_applying_the_file() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file())
    desk.keys = (b"x" * 32,)
    assert (await desk.connections.apply(a_file())).verb == "changed"
    assert (await desk.connections.test("acme")).findings == ()
