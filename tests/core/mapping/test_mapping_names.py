"""SOAP-era names, related records, and the catalogues a resolver asks for on the way."""

import pytest

from app.core.mapping.relations import NeedCatalog, SourcePath, relations_of, resolve_source
from app.core.mapping.soap_names import entity_named, plural, rest_names
from app.core.model.catalog import EntityCatalog
from app.core.model.finding import Finding
from tests.core.mapping.mapping_kit import CATALOGS, known


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Title", "title"),
        ("Ticket:Title", "title"),
        ("Ticket.Title", "title"),
        ("DueDateTime", "dueDateTime"),
        ("Ticket:AccountID", "companyID"),
        ("AllocationCodeID", "billingCodeID"),
        ("InstalledProductID", "configurationItemID"),
        ("AccountPhysicalLocationID", "companyLocationID"),
        ("AEMAlertID", "rmmAlertID"),
        ("Account.AccountName", "company.companyName"),
        ("Ticket:Account.AccountName", "company.companyName"),
        ("company.companyName", "company.companyName"),
        ("companyID.companyName", "company.companyName"),
        ("Account.KeyAccountIcon", "company.classification"),
        ("Account.Active", "company.isActive"),
        ("Account.ParentAccount.AccountName", "company.parentCompany.companyName"),
        ("company.parentCompany.country.CountryCode", "company.parentCompany.country.countryCode"),
        ("AssignedResource.Email", "assignedResource.email"),
        ("AssignedResource.Active", "assignedResource.isActive"),
        ("Contact.FirstName", "contact.firstName"),
        ("AccountPhysicalLocation.City", "companyLocation.city"),
        ("AccountPhysicalLocation.Primary", "companyLocation.isPrimary"),
        ("AllocationCode.Type", "billingCode.useType"),
        ("InstalledProduct.SerialNumber", "configurationItem.serialNumber"),
        ("ProblemTicket.Title", "problemTicket.title"),
        ("UserDefinedField.Site Code", "userDefinedFields.Site Code"),
        ("UserDefinedField.site code", "userDefinedFields.Site Code"),
        ("UserDefinedField.Rack no. [A.1]", "userDefinedFields.Rack no. [A.1]"),
        ("Account.UserDefinedField.Region", "company.userDefinedFields.Region"),
        ("Account.ParentAccount.UserDefinedField.Region", "company.parentCompany.userDefinedFields.Region"),
    ],
)
def test_a_source_is_found_by_its_soap_or_rest_name(text: str, canonical: str) -> None:
    got = resolve_source(text, known)
    assert isinstance(got, SourcePath), got
    assert got.text == canonical


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Titel", "title"),
        ("Acount.AccountName", "Account?"),
        ("Account.AcountName", "AccountName?"),
        ("Account.companyNam", "companyName?"),
        ("UserDefinedField.Site Cod", "Site Code"),
        ("Account.UserDefinedField.Regio", "Region"),
        ("qqqq", "Use one of: assignedResource"),
        ("Status.Label", "Use one of"),
        ("AccountLocation.City", "AccountPhysicalLocation"),
        ("TimeEntry.[0].HoursWorked", "[n]"),
        ("Project:Title", "Tickets"),
        ("a..b", "Title"),
    ],
)
def test_an_unknown_name_is_a_finding_with_the_nearest_one(text: str, words: str) -> None:
    got = resolve_source(text, known)
    assert isinstance(got, Finding)
    assert words in got.mend
    assert text in got.text


def test_three_records_away_is_the_limit() -> None:
    deep = "company.parentCompany.parentCompany.parentCompany.companyName"
    got = resolve_source(deep, known)
    assert isinstance(got, Finding)
    assert got.code == "mapping_too_deep"
    assert isinstance(resolve_source("company.parentCompany.parentCompany.companyName", known), SourcePath)


def test_the_resolver_asks_for_one_catalogue_after_the_other() -> None:
    table: dict[NeedCatalog, EntityCatalog] = {}
    asked: list[NeedCatalog] = []
    while isinstance(got := resolve_source("Account.ParentAccount.UserDefinedField.Region", table.get), NeedCatalog):
        asked.append(got)
        table[got] = CATALOGS[got.entity]
    assert isinstance(got, SourcePath)
    assert asked == [NeedCatalog("Tickets"), NeedCatalog("Companies"), NeedCatalog("Companies", user_fields=True)]


def test_a_catalogue_with_user_fields_serves_where_none_are_wanted() -> None:
    table = {NeedCatalog("Tickets", user_fields=True): CATALOGS["Tickets"]}
    assert isinstance(resolve_source("Title", table.get), SourcePath)


def test_hops_name_the_key_the_reference_field_and_the_entity() -> None:
    got = resolve_source("Account.Country.CountryCode", known)
    assert isinstance(got, SourcePath)
    assert [(hop.relation, hop.field, hop.entity) for hop in got.hops] == [
        ("company", "companyID", "Companies"),
        ("country", "countryID", "Countries"),
    ]


def test_relations_are_each_chain_once_and_parents_first() -> None:
    texts = ["company.parentCompany.companyName", "Contact.FirstName", "Account.AccountName", "Title"]
    sources = [got for text in texts if isinstance(got := resolve_source(text, known), SourcePath)]
    chains = [[hop.relation for hop in chain] for chain in relations_of(sources)]
    assert chains == [["company"], ["contact"], ["company", "parentCompany"]]


@pytest.mark.parametrize(
    ("singular", "path_name"),
    [
        ("Company", "Companies"),
        ("CompanyLocation", "CompanyLocations"),
        ("Country", "Countries"),
        ("Currency", "Currencies"),
        ("TimeEntry", "TimeEntries"),
        ("Opportunity", "Opportunities"),
        ("OrganizationalLevelAssociation", "OrganizationalLevelAssociations"),
        ("Tax", "Taxes"),
        ("AttachmentInfo", "AttachmentInfo"),
        ("TicketHistory", "TicketHistory"),
        ("Survey", "Surveys"),
    ],
)
def test_an_entity_has_a_plural(singular: str, path_name: str) -> None:
    assert plural(singular) == path_name


@pytest.mark.parametrize(
    ("soap", "rest"),
    [
        ("Account", "Companies"),
        ("AccountPhysicalLocation", "CompanyLocations"),
        ("AccountLocation", "CompanySiteConfigurations"),
        ("TicketCost", "TicketCharges"),
        ("AllocationCode", "BillingCodes"),
        ("InstalledProduct", "ConfigurationItems"),
        ("TimeEntry", "TimeEntries"),
        ("ticket", "Tickets"),
        ("AccountToDo", "CompanyToDos"),
    ],
)
def test_an_entity_is_found_by_its_soap_name(soap: str, rest: str) -> None:
    assert entity_named(soap) == rest


@pytest.mark.parametrize(
    ("entity", "soap", "rest"),
    [
        ("TimeEntries", "InternalAllocationCodeID", "internalBillingCodeID"),
        ("TimeEntries", "Type", "timeEntryType"),
        ("TimeEntries", "NonBillable", "isNonBillable"),
        ("TicketCharges", "CostType", "chargeType"),
        ("TicketCharges", "BillableToAccount", "isBillableToCompany"),
        ("ExpenseItems", "ExpenseAmount", "internalCurrencyExpenseAmount"),
        ("ExpenseReports", "ExpenseTotal", "internalCurrencyExpenseTotal"),
        ("Contacts", "Notification", "receivesEmailNotifications"),
        ("Projects", "ExtPNumber", "extProjectNumber"),
        ("Tasks", "TaskIsBillable", "isTaskBillable"),
        ("Tickets", "BusinessDivisionSubdivisionID", "organizationalLevelAssociationID"),
        ("Roles", "SystemRole", "isSystemRole"),
    ],
)
def test_a_field_has_its_rest_name_among_the_candidates(entity: str, soap: str, rest: str) -> None:
    assert rest.lower() in [name.lower() for name in rest_names(entity, soap)]
