from collections.abc import AsyncIterator

import httpx
import pytest

from app.simulators.field_nation.app import create_app
from app.simulators.field_nation.seeding import make_company, make_seed
from tests.simulators.field_nation.fn_sim_kit import FieldNation, Receiver, served

FIELDS = [
    {"id": 4711, "name": "Site code"},
    {"id": 4712, "name": "Band", "type": "predefined", "options": ["P1", "P2"]},
    {"id": 4713, "name": "Due", "type": "date"},
    {"id": 4714, "name": "Serial", "type": "text", "flags": ["unique"]},
    {"id": 4715, "name": "Hours", "type": "numeric", "role": "assigned_provider"},
]


@pytest.fixture
async def fn() -> AsyncIterator[FieldNation]:
    """A simulator with two companies and no rate limit, and a caller who has the first one's token."""
    seed = make_seed(
        companies=[
            make_company(custom_fields=FIELDS),
            make_company(7002, client_id="other", client_secret="other", username="o", password="o"),
        ],
        settings={"rate_per_minute": 0, "webhook_api_rate_per_minute": 0},
    )
    async with served(create_app(seed)) as url, httpx.AsyncClient(base_url=url, timeout=10) as http:
        buyer = FieldNation(url, http)
        await buyer.login()
        yield buyer


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().listening() as receiver:
        yield receiver
