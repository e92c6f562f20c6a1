"""The kinds of write that a crash is tested in, and those that need none, held against what simulators saw in a run."""

from pathlib import Path

import pytest

from tests.e2e.kit import Simulators

CRASHED: dict[str, tuple[str, ...]] = {
    "field_nation POST workorders": ("work_order",),
    "field_nation PUT workorders/{id}": ("work_order_fields",),
    "field_nation PUT workorders/{id}/schedule": ("work_order_schedule",),
    "field_nation PUT workorders/{id}/custom_fields/{id}": ("work_order_custom_field",),
    "field_nation POST workorders/{id}/publish": ("work_order_action",),
    "field_nation DELETE workorders/{id}/publish": ("work_order_action",),
    "field_nation DELETE workorders/{id}": ("work_order_action",),
    "field_nation POST workorders/{id}/approve": ("work_order_action",),
    "autotask POST Tickets": ("ticket",),
    "autotask PATCH Tickets": ("ticket_fields", "ticket_status"),
    "autotask PATCH ServiceCalls": ("ticket_fields", "ticket_status"),
    "autotask PATCH Projects": ("ticket_fields", "ticket_status"),
    "autotask POST TimeEntries": ("time_entry",),
    "autotask PATCH TimeEntries": ("time_entry",),
    "autotask DELETE TimeEntries/{id}": ("time_entry",),
    "autotask POST Tickets/{id}/Charges": ("charge",),
    "autotask PATCH Tickets/{id}/Charges": ("charge",),
    "autotask DELETE Tickets/{id}/Charges/{id}": ("charge",),
    "autotask POST ExpenseReports": ("expense_report",),
    "autotask POST Expenses/{id}/Items": ("expense_item",),
    "autotask PATCH Expenses/{id}/Items": ("expense_item",),
    "autotask POST Tickets/{id}/Notes": ("note",),
    "autotask POST Tickets/{id}/Attachments": ("attachment",),
    "autotask DELETE Tickets/{id}/Attachments/{id}": ("attachment",),
    "autotask POST Tasks/{id}/Notes": ("note",),
    "autotask POST Tasks/{id}/Attachments": ("attachment",),
    "autotask DELETE Tasks/{id}/Attachments/{id}": ("attachment",),
}
"""Every kind of write that the broker makes by itself, with the ledger kinds that it is recorded as."""

PERSONAL = frozenset(
    {
        "autotask POST TicketWebhooks",
        "autotask PATCH TicketWebhooks",
        "autotask DELETE TicketWebhooks/{id}",
        "autotask POST TicketWebhooks/{id}/Fields",
        "autotask POST TicketWebhooks/{id}/UdfFields",
        "autotask POST TicketWebhooks/{id}/ExcludedResources",
        "field_nation POST webhooks",
        "field_nation PUT webhooks/{id}",
        "field_nation DELETE webhooks/{id}",
    }
)
"""Kinds of write that only a person's command makes, `install-webhooks` and `remove-webhooks`. No ledger stands behind
them and none is needed: the command reads what stands before it writes, so one that died half way is run again."""

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
