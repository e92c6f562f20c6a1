"""What the rendering of a work order looks at: the truth, the switches, the present time, the zone of the site."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.simulators.field_nation.companies import Company, person_of
from app.simulators.field_nation.dates import date_object
from app.simulators.field_nation.location import site_zone
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.settings import Settings

Json = dict[str, Any]


@dataclass(frozen=True)
class View:
    """What a section needs besides the order itself."""

    order: WorkOrder
    company: Company
    settings: Settings
    now: datetime
    zone: str
    files_url: str

    def identity(self, value: int) -> int | str:
        """An id as number, or as text while that switch is on (seen now and then at the vendor)."""
        return str(value) if self.settings.ids_as_text else value

    def date(self, at: datetime | None) -> Json:
        """A date object in the zone of the site."""
        return date_object(at, self.zone)

    def person(self, identity: int) -> Json:
        """`{id, first_name, last_name}` of a user or provider, empty names for nobody we know."""
        shown = person_of(self.company, identity)
        return {**shown, "id": self.identity(identity)}


def view_of(order: WorkOrder, company: Company, settings: Settings, now: datetime, files_url: str) -> View:
    """Everything that rendering needs, looked up once; `files_url` is where links to files begin."""
    return View(order, company, settings, now, site_zone(order, company), files_url)
