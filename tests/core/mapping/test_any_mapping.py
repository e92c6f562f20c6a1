"""Whatever the rules and the document: nothing raises, twice is the same, and no loss is silent."""

import copy
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.core.mapping.compile import NeedCatalogs, compile_inbound
from app.core.mapping.compiled import CompiledMapping
from app.core.mapping.dates import read_instant
from app.core.mapping.dialects import ACTIONS, load_rules
from app.core.mapping.engine import apply, read_source
from app.core.mapping.paths import Path, System, parse_path
from app.core.mapping.reading import Found, read_path
from app.core.mapping.relations import resolve_source
from app.core.mapping.rule_reader import KEYS
from app.core.mapping.rules import Sync
from tests.core.mapping.grid.grid_kit import array_map, concat, concat_alone, date_convert, range_map, sync
from tests.core.mapping.grid.inbound_ways import WAYS
from tests.core.mapping.grid.losses import says_something, silent_losses
from tests.core.mapping.grid.spellings import respelt
from tests.core.mapping.mapping_kit import CATALOGS, known

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=12)
    | st.sampled_from(["", "1", "2026-03-08T14:00:00Z", "2026-03-08", "Complete", "Published", "UTC"])
    | st.binary(max_size=3)
    | st.dates()
)
SOURCES = st.sampled_from(
    [
        "Title",
        "Status",
        "EstimatedHours",
        "DueDateTime",
        "Account.AccountName",
        "AccountPhysicalLocation.City",
        "UserDefinedField.Site Code",
        "Account.ParentAccount.AccountName",
        "ServiceLevelAgreementHasBeenMet",
    ]
)
TARGETS = st.sampled_from(["title", "status_id", "time_window.end", "custom_fields.4711", "location.name"])
KEY_NAMES = st.sampled_from([name for names in KEYS.values() for name in names] + ["compare", "cmp", "val", "type"])
DOCUMENT_KEYS = st.sampled_from(
    [
        "title",
        "Status",
        "company",
        "companyID",
        "companyName",
        "parentCompany",
        "parentCompanyID",
        "userDefinedFields",
        "name",
        "value",
        "dueDateTime",
        "estimatedHours",
        "results",
        "custom_fields",
        "id",
        "utc",
        "local",
    ]
)


def nested(keys: Any, leaves: Any) -> Any:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
        max_leaves=10,
    )


RUBBISH = nested(KEY_NAMES | st.text(max_size=5) | st.integers(), SCALARS | SOURCES | st.sampled_from(list(ACTIONS)))
DOCUMENTS = st.dictionaries(DOCUMENT_KEYS, nested(DOCUMENT_KEYS, SCALARS), max_size=8)
ENTRIES = st.lists(st.fixed_dictionaries({"compare": SCALARS, "value": SCALARS}), min_size=1, max_size=3)
PARTS = st.lists(
    st.fixed_dictionaries({"type": st.just("field"), "value": SOURCES})
    | st.fixed_dictionaries({"type": st.just("static"), "value": st.text(max_size=5)}),
    min_size=1,
    max_size=3,
)
DEFAULT = {"default": SCALARS}
PLAUSIBLE = st.one_of(
    st.fixed_dictionaries({"action": st.just("sync"), "source": SOURCES, "target": TARGETS}, optional=DEFAULT),
    st.fixed_dictionaries({"action": st.just("set_static"), "target": TARGETS, "value": SCALARS}),
    st.fixed_dictionaries(
        {"action": st.sampled_from(["array_map", "status", "range_map"]), "source": SOURCES, "target": TARGETS}
        | {"mappings": ENTRIES},
        optional=DEFAULT,
    ),
    st.fixed_dictionaries(
        {"action": st.just("date_convert"), "source": SOURCES, "target": TARGETS},
        optional={"input_format": st.sampled_from(["YYYY-MM-DD", "X", "x"]), "timezone_out": st.just("Asia/Tokyo")}
        | DEFAULT,
    ),
    st.fixed_dictionaries({"action": st.just("concat"), "target": TARGETS, "parts": PARTS}, optional=DEFAULT),
)


def in_either_dialect(rules: Any) -> Any:
    return rules | rules.map(respelt)


def rules_of_one_place(targets: Any) -> Any:
    """Rules that read one source, as functions of its text; the target is for the caller to add."""
    entries = st.lists(st.tuples(targets, st.text(min_size=1, max_size=3)), min_size=1, max_size=3)
    ranges = st.lists(st.tuples(st.integers(-9, 9), st.just("in")), min_size=1, max_size=3)
    return st.one_of(
        st.just(sync),
        st.sampled_from([concat, concat_alone]),
        entries.map(lambda pairs: array_map(*pairs)),
        ranges.map(lambda bounds: range_map(*bounds)),
        st.sampled_from([date_convert(), date_convert(input_format="YYYY-MM-DD"), date_convert(input_format="X")]),
    )


RULES_OF_ONE_PLACE = rules_of_one_place(st.text(max_size=2) | st.integers() | st.booleans())


def compiled(raw: Any) -> CompiledMapping:
    rules, findings = load_rules(raw, "inbound")
    made = compile_inbound(rules, known)
    assert not isinstance(made, NeedCatalogs)
    places = {finding.field.split("]")[0] + "]" for finding in (*findings, *made.findings)}
    running = {one.rule.place for one in made.rules}
    assert all(f"mappings.inbound[{index}]" in places | running for index in range(len(raw)))
    return made


@settings(max_examples=150, deadline=None)
@given(raw=st.lists(RUBBISH, max_size=4))
def test_rubbish_loads_without_raising_and_every_lost_rule_is_a_finding(raw: Any) -> None:
    load_rules(raw, "outbound")
    assert compiled(raw) == compiled(copy.deepcopy(raw))


@settings(max_examples=150, deadline=None)
@given(raw=RUBBISH)
def test_rules_that_are_anything_at_all_do_not_raise(raw: Any) -> None:
    load_rules(raw, "inbound")


@settings(max_examples=100, deadline=None)
@given(raw=PLAUSIBLE)
def test_both_dialects_of_a_rule_are_one_rule(raw: Any) -> None:
    for direction in ("inbound", "outbound"):
        (ours, found), (theirs, found_there) = (load_rules([one], direction) for one in (raw, respelt(raw)))
        assert ours == theirs
        assert [(one.code, one.severity) for one in found] == [(one.code, one.severity) for one in found_there]


@settings(max_examples=150, deadline=None)
@given(raw=st.lists(in_either_dialect(PLAUSIBLE), min_size=1, max_size=4), document=DOCUMENTS)
def test_any_mapping_over_any_document_never_raises_is_deterministic_and_loses_nothing_silently(
    raw: Any, document: Any
) -> None:
    mapping = compiled(raw)
    before = repr(document)
    got = apply(mapping, document, "ticket:1")
    assert repr(got) == repr(apply(compiled(copy.deepcopy(raw)), copy.deepcopy(document), "ticket:1"))
    assert repr(document) == before
    assert len({value.target for value in got.values}) == len(got.values)
    assert all(finding.field and finding.mend and finding.record == "ticket:1" for finding in got.findings)
    for one in mapping.rules:
        readings = [(source.text, read_source(document, source)) for source in one.sources]
        assert silent_losses(one.rule, one.target, readings, got) == []


@settings(max_examples=150, deadline=None)
@given(raw=RULES_OF_ONE_PLACE, way=st.sampled_from(WAYS), value=nested(DOCUMENT_KEYS, SCALARS))
def test_what_stands_at_a_place_is_written_or_told_by_whatever_path_and_action(raw: Any, way: Any, value: Any) -> None:
    """Unlike above, nothing of ours says what the source holds: the value was put there."""
    assume(says_something(value))
    mapping = compiled([{**raw(way.source), "target": "incident_id"}])
    got = apply(mapping, way.place(value), "ticket:1")
    for one in mapping.rules:
        assert silent_losses(one.rule, "incident_id", [(way.text, Found(value))], got) == []
        if isinstance(one.rule, Sync):
            assert [repr(written.value) for written in got.values] == [repr(value)]


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=40) | st.lists(DOCUMENT_KEYS | st.just("[0]"), max_size=5).map(".".join), document=RUBBISH)
def test_any_text_over_any_document_never_raises(text: str, document: Any) -> None:
    for system in System:
        path = parse_path(text, system)
        if isinstance(path, Path):
            read_path(document, path)
            assert path.text
    resolve_source(text, known)
    resolve_source(text, {}.get)


@settings(max_examples=150, deadline=None)
@given(value=RUBBISH)
def test_any_value_is_read_as_a_date_without_raising(value: Any) -> None:
    read_instant(value)


def test_the_database_of_these_tests_holds_what_the_sources_name() -> None:
    assert {"Tickets", "Companies", "CompanyLocations"} <= set(CATALOGS)
