"""A small database for mapping tests: catalogues, one ticket with its relatives, and short ways to map."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.core.mapping.compile import NeedCatalogs, compile_inbound
from app.core.mapping.compiled import CompiledMapping
from app.core.mapping.dialects import load_rules
from app.core.mapping.engine import Mapped, apply
from app.core.mapping.relations import NeedCatalog
from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.core.model.finding import Finding

STATUS = (
    PickValue("1", "New", is_system=True),
    PickValue("5", "Complete", is_system=True),
    PickValue("8", "Dispatch to Field"),
    PickValue("9", "Old Status", is_active=False),
)
PRIORITY = (PickValue("1", "High"), PickValue("2", "Medium"), PickValue("3", "Low"))


def catalog(entity: str, *fields: Field, user_fields: tuple[str, ...] = ()) -> EntityCatalog:
    return EntityCatalog(
        entity,
        {field.name.lower(): field for field in fields},
        {name.lower(): Field(name, "string") for name in user_fields},
    )


def reference(name: str, entity: str) -> Field:
    return Field(name, "integer", reference=entity)


CATALOGS = {
    "Tickets": catalog(
        "Tickets",
        Field("id", "long"),
        Field("title", "string", length=255),
        Field("description", "string", length=8000),
        Field("dueDateTime", "datetime"),
        Field("estimatedHours", "double"),
        Field("serviceLevelAgreementHasBeenMet", "boolean"),
        Field("status", "integer", values=STATUS, is_picklist=True),
        Field("priority", "integer", values=PRIORITY, is_picklist=True),
        Field("rmmAlertID", "string"),
        reference("assignedResourceID", "Resource"),
        reference("billingCodeID", "BillingCode"),
        reference("companyID", "Company"),
        reference("companyLocationID", "CompanyLocation"),
        reference("configurationItemID", "ConfigurationItem"),
        reference("contactID", "Contact"),
        reference("problemTicketId", "Ticket"),
        user_fields=("Site Code", "Rack no. [A.1]"),
    ),
    "Companies": catalog(
        "Companies",
        Field("id", "long"),
        Field("companyName", "string"),
        Field("companyNumber", "string"),
        Field("classification", "integer"),
        Field("isActive", "boolean"),
        reference("parentCompanyID", "Company"),
        reference("countryID", "Country"),
        user_fields=("Region",),
    ),
    "CompanyLocations": catalog(
        "CompanyLocations", Field("city", "string"), Field("isPrimary", "boolean"), reference("countryID", "Country")
    ),
    "Countries": catalog("Countries", Field("countryCode", "string")),
    "Contacts": catalog("Contacts", Field("firstName", "string"), Field("emailAddress", "string")),
    "Resources": catalog("Resources", Field("email", "string"), Field("isActive", "boolean")),
    "BillingCodes": catalog("BillingCodes", Field("useType", "integer"), Field("isActive", "boolean")),
    "ConfigurationItems": catalog("ConfigurationItems", Field("serialNumber", "string")),
}

TICKET: dict[str, Any] = {
    "id": 4711,
    "title": "Replace UPS",
    "description": "",
    "dueDateTime": "2026-03-08T14:00:00.2Z",
    "estimatedHours": Decimal("3.5000"),
    "serviceLevelAgreementHasBeenMet": False,
    "status": 8,
    "priority": 2,
    "rmmAlertID": None,
    "assignedResourceID": None,
    "companyID": 0,
    "company": {
        "companyName": "Acme",
        "companyNumber": None,
        "parentCompanyID": 12,
        "parentCompany": {"companyName": "Acme Holding", "countryID": 1, "country": {"countryCode": "US"}},
        "userDefinedFields": [{"name": "Region", "value": "North"}],
    },
    "companyLocationID": 77,
    "userDefinedFields": [{"name": "Site Code", "value": "S-1"}, {"name": "Rack no. [A.1]", "value": None}],
}


def known(need: NeedCatalog) -> EntityCatalog | None:
    return CATALOGS.get(need.entity)


def compiled(*raw: Mapping[str, Any]) -> CompiledMapping:
    """The mapping of raw inbound rules; what the load found stands among its findings."""
    rules, findings = load_rules(raw, "inbound")
    made = compile_inbound(rules, known)
    assert not isinstance(made, NeedCatalogs)
    return CompiledMapping("inbound", made.rules, (*findings, *made.findings))


def mapped(raw: Mapping[str, Any], document: Any = None) -> Mapped:
    """What one raw rule, which must be without fault, makes of the ticket (or of another document)."""
    mapping = compiled(raw)
    assert mapping.is_sound, mapping.findings
    return apply(mapping, TICKET if document is None else document, "ticket:4711")


def only_value(got: Mapped) -> Any:
    (value,) = got.values
    return value.value


def fault(*raw: Any) -> Finding:
    """The one finding of raw inbound rules, at load or at compilation."""
    (finding,) = compiled(*raw).findings
    return finding
