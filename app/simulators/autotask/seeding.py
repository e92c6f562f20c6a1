"""Plausible customer databases as plain data, for `create_app` and `POST /_sim/seed`."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from app.simulators.autotask.picklists import pick
from app.simulators.autotask.seeding_work import work_records

PERSON_ID, SECOND_PERSON_ID, API_USER_ID = 29682885, 29682899, 29683001
ROLE_ID, SECOND_ROLE_ID = 29683354, 29683355
MATERIAL_CODE_ID, WORK_TYPE_ID = 29682801, 29683502
# What has been retired in this database: nothing of it may be used any more.
FORMER_PERSON_ID, FORMER_ROLE_ID, FORMER_MATERIAL_CODE_ID, FORMER_WORK_TYPE_ID = 29682911, 29683358, 29682802, 29683503
# A role that is active, held by `PERSON_ID` on a pair that is not.
UNPAIRED_ROLE_ID = 29683357
FIRST_COMPANY_ID, FIRST_LOCATION_ID, FIRST_CONTACT_ID, FIRST_TICKET_ID = 29762801, 29771401, 30684718, 7001
QUEUE_ID, DISPATCH_STATUS, NEW_STATUS, COMPLETE_STATUS = 29683354, 29683380, 1, 5

_PLACES = (
    ("1200 Nicollet Mall", "Minneapolis", "MN", "55403"),
    ("233 S Wacker Dr", "Chicago", "IL", "60606"),
    ("600 Congress Ave", "Austin", "TX", "78701"),
    ("1700 Lincoln St", "Denver", "CO", "80203"),
    ("191 Peachtree St NE", "Atlanta", "GA", "30303"),
    ("1 World Trade Ctr", "Portland", "OR", "97204"),
    ("401 B St", "San Diego", "CA", "92101"),
    ("50 S Main St", "Salt Lake City", "UT", "84101"),
)
_NAMES = ("Northwind", "Bluestone", "Harbor", "Summit", "Prairie", "Lakeside", "Ironwood", "Redwood", "Copper", "Cedar")
_TRADES = ("Retail", "Dental", "Logistics", "Foods", "Clinics", "Hotels", "Credit Union")
_PEOPLE = (("Ana", "Reyes"), ("Tom", "Becker"), ("Mei", "Lin"), ("Omar", "Haddad"), ("Kate", "O'Neil"))
_TASKS = (
    "Replace failed switch",
    "Install access point",
    "Register down",
    "Cable drop",
    "Printer swap",
    "Camera install",
)
_STANDARD_UDFS = (
    {"name": "Site Code", "label": "Site Code", "length": 50},
    {"name": "FN Work Order", "label": "Field Nation work order", "length": 50},
    {"name": "Skill Level", "label": "Skill Level", "length": 50},
    {"name": "Rack Units", "label": "Rack units to free", "type": "double"},
    {"name": "Install By", "label": "Install by", "type": "datetime"},
)
# In a user-defined list the value is the label itself (seen in a live database).
_ACCESS_WINDOWS = [pick(text, text) for text in ("Any time", "Business hours", "After hours")]
_TIERS = [pick(text, text) for text in ("Platinum", "Gold")]
_TICKET_LIST = {
    "name": "Access Window",
    "label": "When the site may be entered",
    "length": 1024,
    "picklist": [*_ACCESS_WINDOWS, pick("Weekend", "Weekend", active=False)],
}
_COMPANY_UDFS = (
    {"name": "Customer Ranking"},
    {
        "name": "Service Tier",
        "label": "Service tier",
        "length": 1024,
        "picklist": [*_TIERS, pick("Bronze", "Bronze", active=False)],
    },
)


def make_seed(
    *,
    ci: int = 101,
    username: str = "broker@acme.example",
    secret: str = "Simulated-Secret-1",
    integration_code: str = "FIELDNATION0SIMULATED0CODE1",
    companies: int = 5,
    tickets: int = 25,
    status: int = DISPATCH_STATUS,
    first_ticket_id: int = FIRST_TICKET_ID,
    day_at: datetime = datetime(2026, 11, 1, 14, 0, tzinfo=UTC),
    zone_name: str = "America East",
    permissions: dict[str, dict[str, str]] | None = None,
    settings: dict[str, Any] | None = None,
    records: dict[str, list[dict[str, Any]]] | None = None,
) -> dict[str, Any]:
    """One database with companies, their places and people, and tickets spread over the companies.

    Tickets are numbered from `T<day>.0001` and due from two days after `day_at` on. `records` adds rows by entity,
    `settings` sets switches of this database. Company 0 is the customer's own. From three tickets on there are
    service calls and a project too (see `seeding_work`).
    """
    rows: dict[str, list[dict[str, Any]]] = {
        "Companies": [_own_company(), *(_company(n) for n in range(companies))],
        "CompanyLocations": [_location(n) for n in range(companies)],
        "Contacts": [_contact(n) for n in range(companies)],
        "Tickets": [_ticket(n, n % companies, status, first_ticket_id, day_at) for n in range(tickets)],
        **{entity: [*rows, *_former().get(entity, [])] for entity, rows in _staff(username).items()},
        **_work(companies, tickets, first_ticket_id, day_at),
        "Countries": [{"id": 237, "name": "United States", "countryCode": "US", "isActive": True}],
        "Currencies": [{"id": 1, "name": "USD", "isActive": True}],
    }
    for entity, more in (records or {}).items():
        rows[entity] = [*rows.get(entity, []), *more]
    user = {"username": username, "secret": secret, "integration_code": integration_code, "resource_id": API_USER_ID}
    database = {
        "ci": ci,
        "zone_name": zone_name,
        "users": [user | {"permissions": permissions or {}}],
        "udfs": deepcopy({"Tickets": [*_STANDARD_UDFS, _TICKET_LIST], "Companies": list(_COMPANY_UDFS)}),
        "records": rows,
        "settings": settings or {},
    }
    return {"databases": [database]}


def _work(companies: int, tickets: int, first_ticket_id: int, day_at: datetime) -> dict[str, list[dict[str, Any]]]:
    if tickets < 3 or companies < 1:
        return {}
    again = 1 + companies if 1 + companies < tickets else 2  # a ticket of the same company, where there is one
    company_ids = (FIRST_COMPANY_ID, FIRST_COMPANY_ID + 1 % companies)
    numbers = (first_ticket_id, first_ticket_id + 1, first_ticket_id + again)
    return work_records(company_ids, numbers, day_at, (PERSON_ID, ROLE_ID), WORK_TYPE_ID)


def merge_seeds(*seeds: dict[str, Any], settings: dict[str, Any] | None = None) -> dict[str, Any]:
    """One seed with the databases of several; `settings` are switches for all of them."""
    merged = {key: value for seed in seeds for key, value in seed.get("settings", {}).items()}
    return {"databases": [db for seed in seeds for db in seed["databases"]], "settings": merged | (settings or {})}


def _own_company() -> dict[str, Any]:
    return {
        "id": 0,
        "companyName": "Acme Managed Services",
        "companyType": 1,
        "phone": "612-555-0100",
        "isActive": True,
    }


def _company_name(number: int) -> str:
    name = f"{_NAMES[number % len(_NAMES)]} {_TRADES[number % len(_TRADES)]}"
    return name if number < len(_NAMES) * len(_TRADES) else f"{name} {number}"


def _company(number: int) -> dict[str, Any]:
    street, city, state, postal = _PLACES[number % len(_PLACES)]
    return {
        "id": FIRST_COMPANY_ID + number,
        "companyName": _company_name(number),
        "companyNumber": f"C{number + 1:04d}",
        "companyType": 1,
        "ownerResourceID": PERSON_ID,
        "phone": f"612-555-{1000 + number:04d}",
        "address1": street, "address2": "", "city": city, "state": state, "postalCode": postal,
        "countryID": 237,
        "isActive": True,
        "createDate": "2024-02-11T15:04:05.27Z",
        "userDefinedFields": {"Customer Ranking": "Golden" if number % 2 == 0 else None},
    }  # fmt: skip


def _location(number: int) -> dict[str, Any]:
    street, city, state, postal = _PLACES[number % len(_PLACES)]
    return {
        "id": FIRST_LOCATION_ID + number,
        "companyID": FIRST_COMPANY_ID + number,
        "name": f"{_company_name(number)} - {city}",
        "address1": street, "address2": f"Suite {100 + number}", "city": city, "state": state, "postalCode": postal,
        "countryID": 237,
        "phone": f"612-555-{2000 + number:04d}",
        "isActive": True,
        "isPrimary": True,
    }  # fmt: skip


def _contact(number: int) -> dict[str, Any]:
    first, last = _PEOPLE[number % len(_PEOPLE)]
    return {
        "id": FIRST_CONTACT_ID + number,
        "companyID": FIRST_COMPANY_ID + number,
        "companyLocationID": FIRST_LOCATION_ID + number,
        "firstName": first,
        "lastName": last,
        "emailAddress": f"{first.lower()}{number}@site.example",
        "phone": f"612-555-{3000 + number:04d}",
        "isActive": 1,
    }


def _ticket(number: int, company: int, status: int, first_id: int, day_at: datetime) -> dict[str, Any]:
    due_at = day_at + timedelta(days=2 + number % 10, hours=number % 5)
    task = _TASKS[number % len(_TASKS)]
    created = (day_at + timedelta(seconds=number, milliseconds=(number * 37) % 1000)).isoformat()
    return {
        "id": first_id + number,
        "ticketNumber": f"{day_at:T%Y%m%d}.{number + 1:04d}",
        "title": f"{task} at {_company_name(company)}",
        "description": f"{task}. Call the site contact on arrival.",
        "companyID": FIRST_COMPANY_ID + company,
        "companyLocationID": FIRST_LOCATION_ID + company,
        "contactID": FIRST_CONTACT_ID + company,
        "status": status,
        "priority": 1 + number % 4,
        "queueID": QUEUE_ID,
        "dueDateTime": due_at.isoformat(),
        "estimatedHours": 1.0 + 0.5 * (number % 5),
        "billingCodeID": WORK_TYPE_ID,
        "ticketCategory": 3, "ticketType": 1, "issueType": 6, "source": 2, "creatorType": 1,
        "changeInfoField1": "", "changeInfoField2": "", "changeInfoField3": "", "changeInfoField4": "",
        "changeInfoField5": "", "externalID": "", "purchaseOrderNumber": "", "resolution": "",
        "isAssignedToComanaged": False, "isVisibleToComanaged": False, "hoursToBeScheduled": 0.0,
        "createDate": created, "lastActivityDate": created, "lastTrackedModificationDateTime": created,
        "creatorResourceID": PERSON_ID, "lastActivityResourceID": PERSON_ID, "lastActivityPersonType": 1,
        "userDefinedFields": {
            "Site Code": f"S{1000 + number}", "Skill Level": None, "Rack Units": str(number % 3),
            "Install By": f"{due_at:%Y-%m-%d}T00:00:00Z", "Access Window": "Business hours",
        },
    }  # fmt: skip


def _person(resource_id: int, first: str, last: str) -> dict[str, Any]:
    return {
        "id": resource_id,
        "firstName": first,
        "lastName": last,
        "email": f"{first.lower()}@acme.example",
        "isActive": True,
        "licenseType": 1,
        "resourceType": "Employee",
        "defaultServiceDeskRoleID": ROLE_ID,
        "locationID": 29682798,
    }


def _staff(username: str) -> dict[str, list[dict[str, Any]]]:
    people = [(PERSON_ID, "Dana", "Fields"), (SECOND_PERSON_ID, "Sam", "Ortiz")]
    pairs = [(person[0], role) for person in people for role in (ROLE_ID, SECOND_ROLE_ID)]
    rate = {"hourlyFactor": 1.0, "hourlyRate": 95.0, "isActive": True}
    return {
        "Resources": [
            *(_person(*person) for person in people),
            {"id": API_USER_ID, "firstName": "Field", "lastName": "Nation", "email": username, "isActive": True,
             "licenseType": 7, "resourceType": "Employee"},
        ],
        "Roles": [
            {"id": ROLE_ID, "name": "Field Technician", **rate},
            {"id": SECOND_ROLE_ID, "name": "Remote Engineer", **rate},
        ],
        "ResourceServiceDeskRoles": [
            {"id": 29684001 + n, "resourceID": person, "roleID": role, "isActive": True, "isDefault": role == ROLE_ID}
            for n, (person, role) in enumerate(pairs)
        ],
        "ResourceRoles": [
            {"id": 29684101 + n, "resourceID": person, "roleID": role, "queueID": QUEUE_ID, "isActive": True}
            for n, (person, role) in enumerate(pairs)
        ],
        "BillingCodes": [
            {"id": MATERIAL_CODE_ID, "name": "Field Materials", "useType": 4, "isActive": True,
             "unitCost": 0.0, "unitPrice": 0.0, "billingCodeType": 0},
            {"id": WORK_TYPE_ID, "name": "Onsite Support", "useType": 1, "isActive": True, "billingCodeType": 0},
        ],
    }  # fmt: skip


def _former() -> dict[str, list[dict[str, Any]]]:
    """The inactive ones among people, roles, their pairs and billing codes."""
    rate = {"hourlyFactor": 1.0, "hourlyRate": 95.0}
    former = {"resourceID": FORMER_PERSON_ID, "roleID": ROLE_ID}
    unpaired = {"resourceID": PERSON_ID, "roleID": UNPAIRED_ROLE_ID}
    retired = {"isActive": False, "billingCodeType": 0}
    return {
        "Resources": [_person(FORMER_PERSON_ID, "Lee", "Moss") | {"isActive": False}],
        "Roles": [
            {"id": UNPAIRED_ROLE_ID, "name": "Project Lead", **rate, "isActive": True},
            {"id": FORMER_ROLE_ID, "name": "Bench Technician", **rate, "isActive": False},
        ],
        "ResourceServiceDeskRoles": [
            {"id": 29684011, **former, "isActive": True, "isDefault": True},
            {"id": 29684012, **unpaired, "isActive": False, "isDefault": False},
        ],
        "ResourceRoles": [
            {"id": 29684111, **former, "queueID": QUEUE_ID, "isActive": True},
            {"id": 29684112, **unpaired, "queueID": QUEUE_ID, "isActive": False},
        ],
        "BillingCodes": [
            {"id": FORMER_MATERIAL_CODE_ID, "name": "Old Materials", "useType": 4, **retired,
             "unitCost": 0.0, "unitPrice": 0.0},
            {"id": FORMER_WORK_TYPE_ID, "name": "Depot Repair", "useType": 1, **retired},
        ],
    }  # fmt: skip
