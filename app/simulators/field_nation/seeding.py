"""Ready-made seeds, so that a test or a demo names only what it cares about."""

from typing import Any

Json = dict[str, Any]

TYPES_OF_WORK: list[Json] = [
    {"id": 62, "industry_id": 3, "industry": "Networking", "name": "Router / switch"},
    {"id": 71, "industry_id": 4, "industry": "Point of sale", "name": "Register service"},
    {"id": 83, "industry_id": 5, "industry": "Printing", "name": "Printer repair"},
]

EXPENSES: list[Json] = [
    {"id": 1, "uid": 1, "label": "Parts", "description": "", "amount": 0, "type": "system"},
    {"id": 2, "uid": 2, "label": "Travel", "description": "", "amount": 0, "type": "system", "is_travel": True},
]
ACCESS_WINDOWS = ("Any time", "Business hours", "After hours")
LISTS: dict[str, list[Json]] = {"types_of_work": TYPES_OF_WORK, "expenses": EXPENSES}


def standard_fields(company_id: int) -> list[Json]:
    """Custom fields of several types, their ids counted up from `company_id * 100 + 11`; a provider must fill one."""
    first = company_id * 100 + 11
    provider = {"role": "assigned_provider", "flags": ["required", "seen_by_provider"]}
    return [
        {"id": first, "name": "Site code", "type": "text"},
        {"id": first + 1, "name": "Rack units", "type": "numeric"},
        {"id": first + 2, "name": "Install by", "type": "date"},
        {"id": first + 3, "name": "Access window", "type": "predefined", "options": list(ACCESS_WINDOWS)},
        {"id": first + 4, "name": "Installed serial number", "type": "text", **provider},
    ]


def _own_lists(company_id: int) -> dict[str, list[Json]]:
    return {
        "clients": [{"id": company_id * 10 + 3, "name": "Corner Shops"}],
        "projects": [{"id": company_id * 10 + 4, "name": "Store refresh"}],
        "templates": [{"id": company_id * 10 + 7, "name": "Standard visit"}],
        "providers": [{"id": company_id * 10 + 8, "first_name": "Robin", "last_name": "Field", "phone": "5550100"}],
        "tags": [{"id": company_id * 10 + 6, "label": "Urgent", "hex_color": "#cc0000"}],
    }


def make_company(
    company_id: int = 7001,
    *,
    name: str = "Northwind Field Services",
    client_id: str = "fn-client",
    client_secret: str = "fn-secret",
    username: str = "api@northwind.example",
    password: str = "correct horse battery",
    api_user_id: int | None = None,
    internal_id_field: Json | None = None,
    with_internal_id_field: bool = True,
    custom_fields: list[Json] | None = None,
    **more: Any,
) -> Json:
    """The seed of one buyer: an API user, a person, a few reference lists, an internal ticket number field.

    `custom_fields` are `{id, name, type, role, flags, options}`, without them the `standard_fields`; `more` replaces
    any other key of the seed.
    """
    user_id = api_user_id or company_id * 10 + 1
    if internal_id_field is None and with_internal_id_field:
        internal_id_field = {"id": company_id * 10 + 5, "name": "Ticket number"}
    return {
        "company_id": company_id,
        "name": name,
        "client_id": client_id,
        "client_secret": client_secret,
        "users": [
            {"id": user_id, "username": username, "password": password, "name": "Api User"},
            {"id": user_id + 1, "username": f"person-{company_id}", "password": f"pw-{company_id}", "name": "Pat Doe"},
        ],
        "internal_id_field": internal_id_field,
        "custom_fields": standard_fields(company_id) if custom_fields is None else custom_fields,
        "managers": [user_id, user_id + 1],
        **{name: [dict(row) for row in rows] for name, rows in LISTS.items()},
        **_own_lists(company_id),
        **more,
    }


def make_seed(
    company_id: int = 7001,
    *,
    companies: list[Json] | None = None,
    settings: Json | None = None,
    work_orders: list[Json] | None = None,
    **company: Any,
) -> Json:
    """A seed for `create_app` or `POST /_sim/seed`.

    One company from the keyword arguments of `make_company`, or `companies` made before. `work_orders` are
    `{company_id, body, user_id?, action?}` with `body` as the API's create body and `action` a list of moves.
    """
    return {
        "companies": companies if companies is not None else [make_company(company_id, **company)],
        "settings": settings or {},
        "work_orders": work_orders or [],
    }
