"""Names of the old SOAP API, as customers' mappings still carry them, and what REST calls the same things.

Source: Autotask developer help, REST and SOAP entity pages compared; Autotask SOAP 1.6 field metadata.
"""

import re
from collections.abc import Iterator
from typing import Final

ENTITIES: Final[dict[str, str]] = {
    "account": "Companies",
    "accountlocation": "CompanySiteConfigurations",
    "accountphysicallocation": "CompanyLocations",
    "accounttodo": "CompanyToDos",
    "accountnote": "CompanyNotes",
    "accountteam": "CompanyTeams",
    "accountwebhook": "CompanyWebhooks",
    "allocationcode": "BillingCodes",
    "businessdivisionsubdivision": "OrganizationalLevelAssociations",
    "contractcost": "ContractCharges",
    "installedproduct": "ConfigurationItems",
    "projectcost": "ProjectCharges",
    "ticketcost": "TicketCharges",
}
"""Entities by their lower-cased SOAP name, where the plural alone does not lead to REST's name."""

_FIELDS: Final[dict[str, dict[str, str]]] = {
    "Companies": {
        "AccountName": "companyName",
        "AccountNumber": "companyNumber",
        "AccountType": "companyType",
        "BillToAccountPhysicalLocationID": "billToCompanyLocationID",
        "BillToAddress1": "billingAddress1",
        "BillToAddress2": "billingAddress2",
        "EnabledForComanaged": "isEnabledForComanaged",
        "KeyAccountIcon": "classification",
        "ParentAccountID": "parentCompanyID",
        "SurveyAccountRating": "surveyCompanyRating",
    },
    "Tickets": {"AEMAlertID": "rmmAlertID"},
    "TimeEntries": {
        "InternalAllocationCodeID": "internalBillingCodeID",
        "NonBillable": "isNonBillable",
        "Type": "timeEntryType",
    },
    "TicketCharges": {"CostType": "chargeType", "BillableToAccount": "isBillableToCompany", "Billed": "isBilled"},
    "ExpenseItems": {
        "BillableToAccount": "isBillableToCompany",
        "ExpenseAmount": "internalCurrencyExpenseAmount",
        "ReceiptAmount": "expenseCurrencyExpenseAmount",
        "ReimbursementAmount": "internalCurrencyReimbursementAmount",
    },
    "ExpenseReports": {
        "CashAdvanceAmount": "internalCurrencyCashAdvanceAmount",
        "ExpenseTotal": "internalCurrencyExpenseTotal",
    },
    "Contacts": {"BulkEmailOptOut": "isOptedOutFromBulkEmail", "Notification": "receivesEmailNotifications"},
    "Projects": {"ExtPNumber": "extProjectNumber", "Type": "projectType"},
    "Tasks": {"TaskIsBillable": "isTaskBillable"},
    "ServiceCalls": {"CanceledByResource": "canceledByResourceID"},
    "BillingCodes": {
        "AllocationCodeType": "billingCodeType",
        "GeneralLedgerCode": "generalLedgerAccount",
        "Type": "useType",
    },
    "AttachmentInfo": {"Type": "attachmentType"},
}
_FOLDED: Final = {entity: {old.lower(): new for old, new in table.items()} for entity, table in _FIELDS.items()}

# Longest first: the shorter words are parts of the longer ones. An AccountLocation is no place but the site's own
# settings, so it must not turn into the location of a company.
_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("BusinessDivisionSubdivision", "OrganizationalLevelAssociation"),
    ("AccountPhysicalLocation", "CompanyLocation"),
    ("InstalledProduct", "ConfigurationItem"),
    ("AllocationCode", "BillingCode"),
    ("Account(?!Location)", "Company"),
    ("Cost", "Charge"),
)

_PLURALS: Final[dict[str, str]] = {
    "AttachmentInfo": "AttachmentInfo",
    "NotificationHistory": "NotificationHistory",
    "TicketHistory": "TicketHistory",
}


def plural(entity: str) -> str:
    """REST's path name of an entity whose singular the metadata gives: `Country` -> `Countries`."""
    if entity in _PLURALS:
        return _PLURALS[entity]
    if re.search(r"[^aeiou]y$", entity):
        return f"{entity[:-1]}ies"
    return f"{entity}es" if re.search(r"(s|x|ch|sh)$", entity) else f"{entity}s"


def entity_named(name: str) -> str:
    """REST's path name of an entity that a mapping names in the singular, by its SOAP or its REST name."""
    return ENTITIES.get(name.lower()) or plural(name[:1].upper() + name[1:])


def rest_names(entity: str, name: str) -> Iterator[str]:
    """What the field may be called in REST, likeliest first: as written, by table, by the general rules.

    The rules: words that were renamed everywhere, and booleans that gained an `is`. Capitals do not matter to the
    reader, who tries the names against the entity's own catalogue.
    """
    yield name
    special = _FOLDED.get(entity, {}).get(name.lower())
    if special:
        yield special
    renamed = _rename_words(name)
    yield renamed
    yield f"is{name}"
    yield f"is{renamed}"


def soap_name(entity: str, name: str) -> str:
    """What the old API calls a REST field or relation of the entity, for suggestions to those who write its names."""
    for old, new in _FIELDS.get(entity, {}).items():
        if new == name:
            return old
    for old_word, new_word in _WORDS:
        name = re.sub(new_word, old_word.partition("(")[0], name, flags=re.IGNORECASE)
    return name


def _rename_words(name: str) -> str:
    for old, new in _WORDS:
        name = re.sub(old, new, name, flags=re.IGNORECASE)
    return name
