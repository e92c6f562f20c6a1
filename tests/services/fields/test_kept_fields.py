"""The fields of a connection: read once, kept, read again when they are old, doubted or asked for."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from app.core.mapping.work_order_fields import SHARED_FIELDS, WORK_ORDERS, with_definitions
from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.core.model.failure import Failure, Rejected, Transient
from app.core.model.ids import ConnectionId
from app.services.fields import Fields
from tests.fakes.clock import HandClock
from tests.fakes.fields import FakeFields
from tests.fakes.vendors import FakeDefinitions

ACME = ConnectionId(7)
OPEN, DONE = PickValue("1", "Open"), PickValue("5", "Done")


def tickets(*picks: PickValue, **own: str) -> EntityCatalog:
    status = Field("status", "integer", values=picks, is_picklist=True)
    return EntityCatalog("Tickets", {"status": status}, {name.lower(): Field(name, type) for name, type in own.items()})


@dataclass
class Vendor:
    """`TicketCatalog` as far as fields go: what it says, and how often it was asked."""

    says: EntityCatalog
    trouble: Failure | None = None
    asked: list[tuple[str, bool]] = field(default_factory=list)

    async def catalog(self, entity: str, *, user_fields: bool = False) -> EntityCatalog:
        self.asked.append((entity, user_fields))
        if self.trouble:
            raise self.trouble
        return self.says if user_fields else EntityCatalog(entity, self.says.fields)


@dataclass
class House:
    vendor: Vendor
    store: FakeFields = field(default_factory=FakeFields)
    clock: HandClock = field(default_factory=HandClock)
    definitions: FakeDefinitions = field(default_factory=FakeDefinitions)

    def fields(self) -> Fields:
        """As a new process would open them."""
        return Fields(self.vendor, self.definitions, self.clock, store=self.store, connection=ACME)  # type: ignore[arg-type]  # as much of it as is asked


async def test_what_was_read_is_kept_for_everybody_and_read_again_after_a_day() -> None:
    house = House(Vendor(tickets(OPEN)))
    await house.fields().catalog("Tickets")
    await house.fields().catalog("Tickets")
    assert len(house.vendor.asked) == 1
    house.clock.move(timedelta(hours=24).total_seconds())
    await house.fields().catalog("Tickets")
    assert len(house.vendor.asked) == 2


async def test_user_defined_fields_are_read_when_somebody_wants_them_and_stay_known() -> None:
    house = House(Vendor(tickets(OPEN, Rack="string")))
    assert (await house.fields().catalog("Tickets")).user_fields == {}
    assert "rack" in (await house.fields().catalog("Tickets", user_fields=True)).user_fields
    assert "rack" in (await house.fields().catalog("Tickets")).user_fields
    assert house.vendor.asked == [("Tickets", False), ("Tickets", True)]
    # What was not asked for before is no change.
    assert house.store.versions[ACME] == 0


async def test_a_refresh_tells_every_difference_and_has_mappings_compiled_again() -> None:
    house = House(Vendor(tickets(OPEN, DONE, Rack="string", Gone="string")))
    fields = house.fields()
    await fields.catalog("Tickets", user_fields=True)
    await fields.catalog(WORK_ORDERS, user_fields=True)
    assert await fields.refresh() == []
    house.vendor.says = tickets(OPEN, PickValue("5", "Done", is_active=False), Rack="integer", New="string")
    house.definitions.given = with_definitions([Field("4711", "string", "Site")], {})
    told = {(one.entity, one.field): one.text for one in await fields.refresh()}
    assert told == {
        ("Tickets", "status"): "Done (5) was made inactive",
        ("Tickets", "userDefinedFields.Rack"): "type was string and is integer",
        ("Tickets", "userDefinedFields.New"): "the field was added",
        ("Tickets", "userDefinedFields.Gone"): "the field was removed",
        (WORK_ORDERS, "userDefinedFields.4711"): "the field Site was added",
    }
    assert house.store.versions[ACME] == 1


async def test_a_doubt_reads_one_entity_again_at_most_once_a_minute() -> None:
    house = House(Vendor(tickets(OPEN)))
    fields = house.fields()
    await fields.catalog("Tickets")
    house.vendor.says = tickets(OPEN, DONE)
    assert await fields.doubt("Tickets") == ()
    house.clock.move(60)
    (change,) = await fields.doubt("Tickets")
    assert change.text == "Done (5) was added"
    assert await fields.doubt("Tickets") == ()
    assert await fields.doubt("Companies") == ()
    assert len(house.vendor.asked) == 2


async def test_a_refusal_takes_nothing_away_and_an_outage_is_an_outage() -> None:
    house = House(Vendor(tickets(OPEN)))
    fields = house.fields()
    await fields.catalog("Tickets")
    house.vendor.trouble = Rejected("autotask_refused", "Something went wrong.")
    assert await fields.refresh() == []
    assert (await house.fields().catalog("Tickets")).field("status") is not None
    assert (await fields.catalog("Companies")).fields == {}
    house.vendor.trouble = Transient("Autotask does not answer.")
    with pytest.raises(Transient):
        await fields.refresh()


async def test_how_old_the_oldest_reading_is_and_what_is_known_without_a_call() -> None:
    house = House(Vendor(tickets(OPEN)))
    assert await house.fields().age() == timedelta()
    assert await house.fields().known("Tickets") is None
    await house.fields().catalog("Tickets")
    house.clock.move(3600)
    await house.fields().catalog(WORK_ORDERS)
    assert await house.fields().age() == timedelta(hours=1)
    assert (await house.fields().known(WORK_ORDERS)) == SHARED_FIELDS
    assert house.vendor.asked == [("Tickets", False)]
