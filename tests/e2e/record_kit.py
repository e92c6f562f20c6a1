"""What tests look at and change beside the tickets themselves: any entity, any work order, the connection's file."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from app.core.model.connection import ConnectionFile
from app.services.connections import ApplyReport
from tests.e2e.kit import Customer, merged, until


async def rows(customer: Customer, entity: str) -> list[dict[str, Any]]:
    """Every record of that entity as it stands in Autotask."""
    url = f"{customer.kit.sims.autotask}/_sim/state?database={customer.ci}&entity={entity}"
    return list(await customer.kit.sims.call("GET", url))


async def row(customer: Customer, entity: str, id: int) -> dict[str, Any]:
    """One record as it stands in Autotask."""
    return next(one for one in await rows(customer, entity) if one["id"] == id)


async def edit(customer: Customer, entity: str, id: int, **fields: Any) -> None:
    """A person's edit of any record in Autotask."""
    await customer.kit.sims.call("PATCH", f"{customer.kit.sims.autotask}/_sim/ui/{customer.ci}/{entity}/{id}", fields)


async def put(customer: Customer, **records: list[dict[str, Any]]) -> list[int]:
    """Records that stand in Autotask from before, by entity; their ids."""
    url = f"{customer.kit.sims.autotask}/_sim/records/{customer.ci}"
    return list((await customer.kit.sims.call("POST", url, records))["ids"])


async def written(customer: Customer, entity: str = "") -> list[tuple[str, str, int]]:
    """What the broker wrote to Autotask: entity, verb and record of each committed write, in order."""
    url = f"{customer.kit.sims.autotask}/_sim/writes?database={customer.ci}&committed=1&client=broker/"
    entries = await customer.kit.sims.call("GET", url)
    return [
        (one["entity"], one["verb"], one["record"] or one["item_id"])
        for one in entries
        if entity in ("", one["entity"])
    ]


async def counts(customer: Customer) -> dict[str, Any]:
    """Reads, metadata reads and writes that Autotask saw since the last reset of the counts."""
    return dict(await customer.kit.sims.call("GET", f"{customer.kit.sims.autotask}/_sim/counts?database={customer.ci}"))


async def new_order(customer: Customer, title: str, **fields: Any) -> int:
    """A draft that a person makes at Field Nation."""
    url = f"{customer.kit.sims.field_nation}/_sim/ui/{customer.company}/workorders"
    made = await customer.kit.sims.call("POST", url, {"title": title, **fields})
    return int(made["made"]["work_order"])


async def troubles(customer: Customer) -> list[str]:
    """Open findings that a person should do something about."""
    found = await customer.kit.desk.records.findings(connection=customer.connection.name)
    return [f"{one['code']}: {one['text']}" for one in found if one["severity"] != "info"]


async def applied(customer: Customer, parts: dict[str, Any], *, dry_run: bool = False) -> ApplyReport:
    """The customer's file applied with other parts; its secrets stay."""
    kit, name = customer.kit, customer.connection.name
    sealed = await kit.wiring.connections.secrets(customer.connection.id)
    opened = {field: kit.wiring.sealer.open(name, field, text) for field, text in sealed.items()}
    document = customer.connection.file.model_dump(mode="json", exclude_unset=True)
    for field, secret in opened.items():
        part, _, key = field.rpartition(".")
        (document[part] if part else document)[key] = secret
    file = ConnectionFile.model_validate(merged(document, parts))
    return await kit.desk.connections.apply(file, dry_run=dry_run)


@contextlib.asynccontextmanager
async def heard(customer: Customer) -> AsyncIterator[None]:
    """What is done inside is announced by an event; returns when the broker has it."""
    before = await _heard(customer)

    async def more() -> bool:
        return await _heard(customer) > before

    yield
    await until(more)


async def _heard(customer: Customer) -> int:
    asked = "SELECT count(*) AS n FROM receipts WHERE connection_id = :connection"
    return int((await customer.kit.rows(asked, connection=customer.connection.id))[0]["n"])
