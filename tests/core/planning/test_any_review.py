"""Whatever the rules: a review never raises, says the same twice, and every finding has a place and a mend."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.mapping.compile import NeedCatalogs, compile_inbound
from app.core.mapping.compile_outbound import compile_outbound
from app.core.mapping.dialects import load_rules
from app.core.mapping.work_order_fields import with_definitions
from app.core.model.catalog import EntityCatalog, Field
from app.core.model.connection import ConnectionFile
from app.core.planning.review.references import references_of
from app.core.planning.review.reviewing import review
from app.core.planning.review.subject import Subject
from app.core.planning.review.verdicts import Known, verdicts
from tests.core.mapping import mapping_kit, outbound_kit
from tests.core.mapping.test_any_mapping import PLAUSIBLE, SCALARS
from tests.core.mapping.test_any_outbound_mapping import PLAUSIBLE as PLAUSIBLE_OUTBOUND

ORDERS = with_definitions([Field("4711", "string", "Site code", length=3)], {})
RECORDS = st.fixed_dictionaries({"id": st.integers(0, 3), "isActive": SCALARS, "licenseType": SCALARS, "name": SCALARS})
CONDITIONS = st.lists(
    st.fixed_dictionaries(
        {"op": st.just("eq"), "field": st.sampled_from(["status", "title", "titel"]), "value": SCALARS}
    ),
    max_size=2,
)


def subject(raw_in: Any, raw_out: Any, **more: Any) -> Subject:
    inbound = compile_inbound(load_rules(raw_in, "inbound")[0], mapping_kit.known)
    way_back = compile_outbound(load_rules(raw_out, "outbound")[0], outbound_kit.known)
    assert not isinstance(inbound, NeedCatalogs)
    assert not isinstance(way_back, NeedCatalogs)
    parts = {"autotask": {"username": "u", "secret": "s"}, "field_nation": {"client_id": "c", "client_secret": "s"}}
    file = ConnectionFile.model_validate({"name": "acme", **parts, **more})
    return Subject(file, inbound, way_back, ORDERS, outbound_kit.CATALOGS["Tickets"])


@settings(max_examples=150, deadline=None)
@given(
    raw_in=st.lists(PLAUSIBLE, max_size=4),
    raw_out=st.lists(PLAUSIBLE_OUTBOUND, max_size=4),
    creates=st.booleans(),
    actions=st.lists(st.sampled_from(["publish", "unpublish", "cancel", "approve"]), unique=True),
    conditions=CONDITIONS,
)
def test_any_rules_are_reviewed_to_the_end(
    raw_in: Any, raw_out: Any, creates: bool, actions: Any, conditions: Any
) -> None:
    settings = {"outbound_create": creates, "work_order_actions": actions, "import_when": conditions}
    reviewed = subject(raw_in, raw_out, settings=settings)
    findings = review(reviewed)
    assert findings == review(reviewed)
    assert all(one.code and one.text and one.mend and one.field for one in findings)
    assert all("\n" not in one.text + one.mend for one in findings)


@settings(max_examples=100, deadline=None)
@given(
    resource=st.integers(0, 3),
    role=st.integers(0, 3),
    records=st.dictionaries(st.sampled_from(["Resources", "Roles"]), st.lists(RECORDS, max_size=3)),
    ties=st.none() | st.lists(st.fixed_dictionaries({"resourceID": SCALARS, "roleID": SCALARS, "isActive": SCALARS})),
)
def test_any_records_are_judged_to_the_end(resource: int, role: int, records: Any, ties: Any) -> None:
    wanted = references_of(subject((), (), time_entries={"resource_id": resource, "role_id": role}))
    by_id = {entity: {row["id"]: row for row in rows} for entity, rows in records.items()}
    known = Known(by_id, records, ties, ties)
    findings = list(verdicts(wanted, known))
    assert findings == list(verdicts(wanted, known))
    named = {one.place for one in (*wanted.ids, *wanted.pairs)}
    assert {one.field for one in findings} <= named


def test_without_fields_of_work_orders_nothing_is_said_about_them() -> None:
    rules = [{"source": "Title", "target": "location.adress1", "action": "sync"}]
    known = subject(rules, ())
    blind = Subject(known.file, known.inbound, known.outbound, EntityCatalog("work_orders"), known.tickets)
    assert [one.code for one in review(known)] == ["mapping_unknown_target"]
    assert review(blind) == ()
