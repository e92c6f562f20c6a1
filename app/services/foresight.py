"""Foresight: what a connection file asks for that will leave something out, said when it is applied."""

from collections.abc import Iterator

from app.core.model.connection import ConnectionFile
from app.core.model.finding import Finding, Severity
from app.core.planning.guards import mode_of

RECORD = "connection"


def foreseen(file: ConnectionFile) -> tuple[Finding, ...]:
    """An error where acting on the file would do the wrong thing, a warning where it would do less than it seems."""
    return (*_modes(file), *_service_objects(file), *_time(file), *_money(file))


def _modes(file: ConnectionFile) -> Iterator[Finding]:
    modes = file.settings.mode
    families = ("work_orders", *(modes if not isinstance(modes, str) else ()))
    if any(mode_of(modes, family) == "approve" for family in families):
        text = "There is no place to approve a plan yet: in this mode writes are planned and never made."
        mend = "Use automatic; or shadow, which says the same and promises no approval."
        yield _finding("not_available_yet", Severity.WARNING, "settings.mode", text, mend)


def _service_objects(file: ConnectionFile) -> Iterator[Finding]:
    kind, field = file.autotask.service_object, "autotask.service_object"
    if kind == "ticket":
        return
    if file.settings.outbound_create:
        text = f"Work orders make tickets only, not {file.autotask.entity}."
        yield _finding("no_outbound_create", Severity.ERROR, "settings.outbound_create", text, "Switch it off.")
    if kind == "ServiceCall":
        text = "Time, money, notes and files go to the one ticket of the service call; where it has none or several, "
        mend = "Give each dispatched service call one ticket."
        yield _finding("items_need_a_place", Severity.WARNING, field, text + "nothing is sent but a finding.", mend)
    elif file.time_entries.task_id is None:
        text = (
            "Time, money, notes and files of a project go to a task, and none is named: nothing is sent but findings."
        )
        yield _finding("items_need_a_place", Severity.WARNING, field, text, "Set time_entries.task_id.")
    if kind == "Project" and file.expenses.additional_charges == "charge":
        text = "A project's task takes no charges: no expense would be sent."
        mend = 'Leave additional_charges at "" for the expense module.'
        yield _finding("no_charges_on_tasks", Severity.WARNING, "expenses.additional_charges", text, mend)


def _time(file: ConnectionFile) -> Iterator[Finding]:
    settings, targets = file.time_entries, _targets(file)
    for name, field in (("resource_id", "resourceid"), ("role_id", "roleid")):
        if (
            getattr(settings, name) is None
            and not settings.providers
            and not any(one.endswith(field) for one in targets)
        ):
            text = f"time_entries.{name} is not set and nothing maps it: time logs of providers outside "
            text += "time_entries.providers are not sent."
            mend = "Name a real, active resource and its role; an API user cannot be either."
            yield _finding("item_incomplete", Severity.WARNING, f"time_entries.{name}", text, mend)


def _money(file: ConnectionFile) -> Iterator[Finding]:
    expenses, targets = file.expenses, _targets(file)
    if expenses.additional_charges == "charge":
        wanted = {"expenses.charge.billing_code_id": expenses.charge.billing_code_id}
        mapped = any("allocationcodeid" in one or "billingcodeid" in one or "categorycode" in one for one in targets)
    else:
        wanted = {
            "expenses.submitter_id": expenses.submitter_id,
            "expenses.expense_category": expenses.expense_category,
            "expenses.payment_type": expenses.payment_type,
        }
        mapped = False
    missing = [name for name, value in wanted.items() if value is None]
    if missing and not mapped:
        text = f"{', '.join(missing)} not set: Autotask takes no expense without, so none is sent."
        yield _finding(
            "item_incomplete", Severity.WARNING, missing[0], text, "Set it, or map it where that is possible."
        )


def _targets(file: ConnectionFile) -> list[str]:
    return [str(rule.get("target") or rule.get("target_field") or "").lower() for rule in file.mappings.outbound]


def _finding(code: str, severity: Severity, field: str, text: str, mend: str) -> Finding:
    return Finding(code, severity, RECORD, text, mend, field)
