"""Every kind of path that a rule from ticket to work order may name, and a ticket that holds an input there."""

from collections.abc import Sequence
from typing import Any, Final

from app.core.mapping.engine import apply
from tests.core.mapping.grid.grid_kit import Action, Result, Way, held, result_of
from tests.core.mapping.mapping_kit import compiled

RECORD: Final = "ticket:4711"


def _user_fields(name: str, value: Any) -> list[dict[str, Any]]:
    """The list as the vendor sends it, with another field first; a field that is missing has no row."""
    row = held("value", value, name=name)
    return [{"name": "Other", "value": "other"}, *([row] if "value" in row else [])]


def _company(**fields: Any) -> dict[str, Any]:
    return {"companyID": 12, "company": {"id": 12, **fields}}


def _grandparent(value: Any) -> dict[str, Any]:
    country = held("countryCode", value, id=1)
    return _company(parentCompanyID=3, parentCompany={"id": 3, "countryID": 1, "country": country})


WAYS: Final = (
    Way("plain field", "title", lambda value: held("title", value, id=4711), "title"),
    Way("SOAP capitals", "Title", lambda value: held("title", value, id=4711), "title"),
    Way("SOAP name", "AEMAlertID", lambda value: held("rmmAlertID", value, id=4711), "rmmAlertID"),
    Way("Ticket: prefix", "Ticket:Title", lambda value: held("title", value, id=4711), "title"),
    Way(
        "user-defined field",
        "UserDefinedField.Site Code",
        lambda value: {"userDefinedFields": _user_fields("Site Code", value)},
        "userDefinedFields.Site Code",
    ),
    Way(
        "user-defined field with dots, after a prefix",
        "Ticket:UserDefinedField.Rack no. [A.1]",
        lambda value: {"userDefinedFields": _user_fields("Rack no. [A.1]", value)},
        "userDefinedFields.Rack no. [A.1]",
    ),
    Way("one hop", "company.companyName", lambda value: _company(**held("companyName", value)), "company.companyName"),
    Way(
        "one hop, SOAP names",
        "Ticket:Account.AccountName",
        lambda value: _company(**held("companyName", value)),
        "company.companyName",
    ),
    Way(
        "user-defined field one hop away",
        "Account.UserDefinedField.Region",
        lambda value: _company(userDefinedFields=_user_fields("Region", value)),
        "company.userDefinedFields.Region",
    ),
    Way(
        "three hops",
        "Account.ParentAccount.Country.CountryCode",
        _grandparent,
        "company.parentCompany.country.countryCode",
    ),
)
"""All of these fields are texts in the database, so that compare values are."""


def seen(
    action: Action, value: Any, default: Any = None, ways: Sequence[Way] = WAYS, target: str = "title"
) -> dict[str, Result]:
    """What a rule with that action makes of the value, by way; the rule itself is without error.

    `target` is what findings call the target, however the way spells it.
    """
    return {way.name: _seen(action, value, default, way, target) for way in ways}


def _seen(action: Action, value: Any, default: Any, way: Way, target: str) -> Result:
    raw = {**action(way.source), "target": way.target} | ({} if default is None else {"default": default})
    mapping = compiled(raw)
    assert mapping.is_sound, mapping.findings
    return result_of(apply(mapping, way.place(value), RECORD), RECORD, way, target)


def typed_way(source: str) -> Way:
    """A field of the ticket, or of its company, that is no text in the database."""
    (text,) = (source.text for source in compiled({"action": "sync", "source": source, "target": "title"}).sources)
    name = text.removeprefix("company.")
    return Way(source, source, lambda value: _company(**held(name, value)) | held(name, value), text)
