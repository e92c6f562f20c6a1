"""Not yet: what a connection file may ask for that nothing here does so far. It is said, never skipped silently."""

from collections.abc import Iterator

from app.core.model.connection import ConnectionFile
from app.core.model.finding import Finding, Severity
from app.core.planning.guards import mode_of

RECORD = "connection"


def not_yet(file: ConnectionFile) -> tuple[Finding, ...]:
    """An error where acting on the file would do the wrong thing, a warning where it would only do less."""
    return tuple(_found(file))


def _found(file: ConnectionFile) -> Iterator[Finding]:
    if file.autotask.service_object != "ticket":
        text = f"Work orders are made of tickets only, not of {file.autotask.service_object} records."
        mend = "Leave autotask.service_object at ticket: the ids of a trigger would be taken for tickets."
        yield Finding("not_available_yet", Severity.ERROR, RECORD, text, mend, "autotask.service_object")
    if mode_of(file.settings.mode) == "approve":
        text = "There is no place to approve a plan yet: with this mode work orders are planned and never written."
        yield _warning("settings.mode", text, "Use automatic; or shadow, which says the same and promises no approval.")
    wanted = {
        "settings.outbound_create": file.settings.outbound_create,
        "settings.import_when": file.settings.import_when is not None,
        "attachments.enabled": file.attachments.enabled,
        "mappings.outbound": bool(file.mappings.outbound),
    }
    for field, is_wanted in wanted.items():
        if is_wanted:
            text = "This is read and checked; nothing acts on it yet."
            yield _warning(field, text, "It may stay in the file. Until then tickets are imported by triggers only.")


def _warning(field: str, text: str, mend: str) -> Finding:
    return Finding("not_available_yet", Severity.WARNING, RECORD, text, mend, field)
