"""The kinds of write that a crash is tested in, held against the kinds that the simulators saw in the whole run."""

from pathlib import Path

import pytest

from tests.e2e.kit import Simulators

CRASHED = {
    "field_nation POST workorders": "work_order",
    "field_nation PUT workorders/{id}": "work_order_fields",
    "field_nation PUT workorders/{id}/schedule": "work_order_schedule",
    "field_nation PUT workorders/{id}/custom_fields/{id}": "work_order_custom_field",
    "field_nation POST workorders/{id}/publish": "work_order_action",
    "field_nation DELETE workorders/{id}/publish": "work_order_action",
    "field_nation DELETE workorders/{id}": "work_order_action",
    "field_nation POST workorders/{id}/approve": "work_order_action",
}
"""Every kind of write of the broker, with the ledger kind whose moments the crash matrix uses."""

_FOLDER = "broker_write_kinds"


def folder_of(config: pytest.Config) -> Path | None:
    """Where the processes of this run note what they saw."""
    given = getattr(config, "workerinput", {}).get(_FOLDER) or getattr(config, _FOLDER, None)
    return Path(given) if given else None


async def note_kinds(sims: Simulators, config: pytest.Config) -> None:
    """Notes the kinds of write that the broker made at either simulator since its last reset."""
    folder = folder_of(config)
    if folder is None:
        return
    seen = set()
    for system in ("autotask", "field_nation"):
        journal = await sims.call("GET", f"{getattr(sims, system)}/_sim/writes")
        seen |= {f"{system} {entry['kind']}" for entry in journal if str(entry["client"]).startswith("broker/")}
    for kind in seen:
        (folder / kind.replace("/", "|")).touch()


def seen_kinds(folder: Path) -> set[str]:
    """Every kind that any process of the run noted."""
    return {path.name.replace("|", "/") for path in folder.iterdir()}
