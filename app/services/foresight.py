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
    """Without either of the two nobody wants time to be sent; with one of them none ever can be."""
    settings, targets = file.time_entries, _targets(file)
    names = {"resource_id": "resourceid", "role_id": "roleid"}
    given = [
        name
        for name, field in names.items()
        if getattr(settings, name) is not None or any(_is_of_time(one) and one.endswith(field) for one in targets)
    ]
    for name in names if not settings.providers else ():
        if name in given:
            continue
        severity = Severity.ERROR if given else Severity.WARNING
        text = f"time_entries.{name} is not set and nothing maps it: Autotask takes no time entry without a resource "
        text += "and its role, so no time log is sent."
        mend = "Name a real, active resource and its role, such as resource_id: 29682885 and role_id: 29683354; an API "
        mend += "user cannot be either."
        yield _finding("item_incomplete", severity, f"time_entries.{name}", text, mend)


def _is_of_time(target: str) -> bool:
    return target.startswith(("timeentry", "timeentries"))


def _money(file: ConnectionFile) -> Iterator[Finding]:
    """A charge was asked for by its setting; the expense module by the first of its three keys."""
    expenses, targets = file.expenses, _targets(file)
    if expenses.additional_charges == "charge":
        codes = ("allocationcodeid", "billingcodeid", "categorycode", "categorycodeid", "productid")
        is_mapped = any(_is_of_charges(one) and one.endswith(codes) for one in targets)
        if expenses.charge.billing_code_id is None and not is_mapped:
            text = "A charge needs a name, a billing code and an amount: name and amount are built in, and there is no "
            text += "code, so no expense is sent."
            mend = "Set expenses.charge.billing_code_id to an active material code, or map "
            mend += "TicketCost.[0].AllocationCodeID."
            yield _finding("item_incomplete", Severity.ERROR, "expenses.charge.billing_code_id", text, mend)
        return
    ends = {"submitter_id": "", "expense_category": "expensecategory", "payment_type": "paymenttype"}
    given = [
        name
        for name, end in ends.items()
        if getattr(expenses, name) is not None or (end and any(one.endswith(end) for one in targets))
    ]
    for name in (name for name in ends if name not in given):
        severity = Severity.ERROR if given else Severity.WARNING
        text = f"expenses.{name} is not set{' and nothing maps it' if ends[name] else ''}: Autotask takes no expense "
        text += "without submitter, category and payment type, so none is sent."
        yield _finding("item_incomplete", severity, f"expenses.{name}", text, f"Set expenses.{name}.{_INSTEAD}")


_INSTEAD = ' Or write additional_charges: "charge" for charges of the ticket.'


def _is_of_charges(target: str) -> bool:
    return target.startswith(("ticketcost", "ticketcharge", "charge"))


def _targets(file: ConnectionFile) -> list[str]:
    return [
        str(rule.get("target") or rule.get("target_field") or "").strip().lower() for rule in file.mappings.outbound
    ]


def _finding(code: str, severity: Severity, field: str, text: str, mend: str) -> Finding:
    return Finding(code, severity, RECORD, text, mend, field)
