"""Related records of a ticket: one and three hops, and each way in which the chain can end before the field."""

from typing import Any

import pytest

from tests.core.mapping.grid.grid_kit import ALONE, MISSING, concat, held, outcome
from tests.core.mapping.mapping_kit import mapped

COUNTRY = {"countryID": 1, "country": {"id": 1, "countryCode": "US"}}
PARENT = {"id": 3, **COUNTRY}
COMPANY = {"id": 12, "companyName": "Acme", "parentCompanyID": 3, "parentCompany": PARENT}
ONE, THREE = "Account.AccountName", "Account.ParentAccount.Country.CountryCode"


def _grandparent(**company: Any) -> dict[str, Any]:
    return {"companyID": 12, "company": {"id": 12, **company}}


@pytest.mark.parametrize(
    ("source", "ticket", "made", "codes", "because"),
    [
        (ONE, {"companyID": 12, "company": COMPANY}, "Acme", (), "the related record is there"),
        (ONE, {"companyID": 0, "company": COMPANY}, "Acme", (), "0 is Autotask's id of the user's own company"),
        (ONE, {"company": COMPANY}, "Acme", (), "the record is there, whatever became of the reference"),
        (ONE, {"companyID": None}, ALONE, (), "the ticket has no such relation, so the field is empty"),
        (ONE, {"companyID": ""}, ALONE, (), "an empty reference, otherwise written"),
        (ONE, {"companyID": None, "company": None}, ALONE, (), "an empty reference"),
        (ONE, {"companyID": 12}, ALONE, (MISSING,), "there is a company, and it was not read"),
        (ONE, {"companyID": 0}, ALONE, (MISSING,), "0 is a reference like any other"),
        (ONE, {"companyID": 12, "company": None}, ALONE, (MISSING,), "there is a company, and it was not read"),
        (ONE, {"companyID": 12, "company": "Acme"}, ALONE, (MISSING,), "a text is no record"),
        (ONE, {"companyID": 12, "company": [COMPANY]}, ALONE, (MISSING,), "a list is no record"),
        (ONE, {}, ALONE, (MISSING,), "a ticket without the reference was read wrongly"),
        (ONE, {"companyID": 12, "company": {}}, ALONE, (MISSING,), "the record was read without the field"),
        (ONE, {"companyID": 12, "company": {"companyName": None}}, ALONE, (), "the field is empty"),
        (ONE, {"companyID": 12, "company": {"COMPANYNAME": "Acme"}}, "Acme", (), "keys ignore capitals"),
        (THREE, {"companyID": 12, "company": COMPANY}, "US", (), "every record on the way is there"),
        (THREE, {"companyID": None}, ALONE, (), "empty at the first hop"),
        (THREE, _grandparent(parentCompanyID=None), ALONE, (), "empty at the second hop: no parent company"),
        (THREE, _grandparent(parentCompanyID=3, parentCompany={"countryID": None}), ALONE, (), "empty at the third"),
        (THREE, {"companyID": 12}, ALONE, (MISSING,), "not read at the first hop"),
        (THREE, _grandparent(parentCompanyID=3), ALONE, (MISSING,), "not read at the second hop"),
        (THREE, _grandparent(parentCompanyID=3, parentCompany={"countryID": 1}), ALONE, (MISSING,), "at the third"),
        (THREE, _grandparent(), ALONE, (MISSING,), "the company was read without the reference"),
        (THREE, _grandparent(parentCompany=3), ALONE, (MISSING,), "a number is no record"),
    ],
)
def test_a_chain_of_records_gives_its_field_or_says_where_it_ends(
    source: str, ticket: Any, made: Any, codes: tuple[str, ...], because: str
) -> None:
    raw = {"action": "sync", "source": source, "target": "title"}
    got = mapped(raw, ticket)
    value = got.values[0].value if got.values else ALONE
    assert outcome(value, tuple(finding.code for finding in got.findings)) == outcome(made, codes), because
    (value,) = mapped({**raw, "default": "none"}, ticket).values
    assert value.value == ("none" if made is ALONE else made)
    joined = mapped({**concat(source), "target": "title"}, ticket)
    assert joined.values[0].value == ("<>" if made is ALONE else f"<{made}>")
    assert tuple(finding.code for finding in joined.findings) == codes


@pytest.mark.parametrize(
    ("rows", "made", "codes", "because"),
    [
        ([{"name": "Region", "value": "North"}], "North", (), "found by its name"),
        ([{"name": "region", "value": "North"}], "North", (), "capitals do not matter where no name is exact"),
        ([{"name": "region", "value": "a"}, {"name": "Region", "value": "North"}], "North", (), "the exact name first"),
        ([{"name": "Region", "value": None}], ALONE, (), "there, and empty"),
        ([{"name": "Region", "value": ""}], ALONE, (), "there, and empty"),
        ([{"name": "Region"}], ALONE, (), "there, and says nothing"),
        ([], ALONE, (MISSING,), "the database has the field, so it was not asked for or is gone"),
        (None, ALONE, (MISSING,), "as the empty list"),
        ([{"name": "Other", "value": "x"}], ALONE, (MISSING,), "the field was removed or renamed since"),
        ([{"value": "North"}, "Region", 7, None], ALONE, (MISSING,), "rows that are no fields name nothing"),
        ("Region", ALONE, (MISSING,), "a text is no list of fields"),
        ({"Region": "North"}, "North", (), "an object says the same by its key"),
    ],
)
def test_a_user_defined_field_is_found_in_its_list_or_told(
    rows: Any, made: Any, codes: tuple[str, ...], because: str
) -> None:
    for source, document in (
        ("Account.UserDefinedField.Region", {"companyID": 12, "company": held("userDefinedFields", rows)}),
        ("UserDefinedField.Site Code", {"userDefinedFields": _renamed(rows)}),
    ):
        got = mapped({"action": "sync", "source": source, "target": "title"}, document)
        value = got.values[0].value if got.values else ALONE
        assert outcome(value, tuple(finding.code for finding in got.findings)) == outcome(made, codes), because


def _renamed(rows: Any) -> Any:
    """The same rows with the ticket's own field."""
    words = {"Region": "Site Code", "region": "site code"}
    if isinstance(rows, dict):
        return {words.get(key, key): value for key, value in rows.items()}
    if not isinstance(rows, list):
        return rows
    return [
        {**row, "name": words.get(row["name"], row["name"])} if isinstance(row, dict) and "name" in row else row
        for row in rows
    ]
