"""Demands: what Autotask wants of a new record, and whether the file can ever give it."""

from collections.abc import Iterator
from typing import Final

from app.core.mapping.outbound import CompiledPart
from app.core.mapping.paths import Path
from app.core.mapping.rules import SetStatic
from app.core.mapping.values import is_empty
from app.core.model.finding import Finding
from app.core.planning.review.subject import Subject, doubt, flaw, written

DEMANDED: Final = ("title", "priority", "companyID", "dueDateTime")
"""What Autotask demands of a new ticket beside the status, which the settings give, and a queue or a resource."""

RESOURCE: Final = ("assignedResourceID", "assignedResourceRoleID")
"""What may stand in the place of a queue: both together."""

_TITLED: Final = {
    "title": "Ticket:Title",
    "priority": "Ticket:Priority",
    "companyID": "Ticket:AccountID",
    "dueDateTime": "Ticket:DueDateTime",
    "queueID": "Ticket:QueueID",
}
_EXAMPLES: Final = {
    "title": '{source: title, target: "Ticket:Title", action: sync}',
    "priority": '{target: "Ticket:Priority", action: set_static, value: 2}',
    "companyID": '{target: "Ticket:AccountID", action: set_static, value: 0}',
    "dueDateTime": '{source: time_window.start, target: "Ticket:DueDateTime", action: sync}',
    "queueID": '{target: "Ticket:QueueID", action: set_static, value: 29683365}',
}


def demands(subject: Subject) -> Iterator[Finding]:
    """The six fields of a ticket, the role beside a resource, and the summary of a time entry."""
    if subject.is_whole:
        # What a rule that is wrong would have given is not missing.
        yield from _creates(subject)
        yield from _resource(subject.outbound.ticket)
    yield from _summary(subject.outbound.time_entries)
    yield from _static_fields(subject)


def _creates(subject: Subject) -> Iterator[Finding]:
    if not subject.file.settings.outbound_create or subject.tickets.entity != "Tickets":
        return
    mapped = {field.name for field in subject.outbound.ticket.fields if not field.is_user_field}
    missing = [name for name in DEMANDED if name not in mapped]
    missing += ["queueID"] if "queueID" not in mapped and not mapped.issuperset(RESOURCE) else []
    for name in missing:
        text = f"No ticket can be made without {_TITLED[name]}, and no rule maps it."
        instead = ", or map AssignedResourceID and AssignedResourceRoleID" if name == "queueID" else ""
        mend = f"Add a rule such as {_EXAMPLES[name]}{instead}."
        yield flaw("create_field_missing", "settings.outbound_create", text, mend)
    for rule in subject.outbound.ticket.rules:
        custom = [one for one in rule.sources if isinstance(one, Path) and one.custom_field]
        needed = [field.name for field in rule.fields if field.name in DEMANDED]
        if custom and needed and rule.rule.default is None:
            text = f"A work order whose custom field {custom[0].custom_field} is empty gives no {needed[0]}: no ticket "
            text += "is made of it."
            mend = "Give the rule a default, or make the field required in Field Nation."
            yield doubt("create_field_missing", f"{rule.rule.place}.source", text, mend)


def _resource(part: CompiledPart) -> Iterator[Finding]:
    names = {field.name: rule.rule.place for rule in part.rules for field in rule.fields}
    for here, there in (RESOURCE, RESOURCE[::-1]):
        if here in names and there not in names:
            text = f"Autotask takes {here} only together with {there}, and no rule maps that."
            mend = f'Add a rule such as {{target: "Ticket:{there}", action: set_static, value: 29683354}}.'
            yield flaw("resource_without_role", f"{names[here]}.target", text, mend)


def _summary(part: CompiledPart) -> Iterator[Finding]:
    """Built in is a text with the provider's name; only an empty text that somebody wrote can take its place."""
    for rule in part.rules:
        if any(field.name == "summaryNotes" for field in rule.fields):
            for key, value in written(rule.rule):
                if isinstance(value, str) and not value.strip():
                    text = "Autotask takes no time entry without summary notes, and this leaves them empty."
                    mend = "Write a text, or remove the rule: a summary is built in."
                    yield flaw("summary_empty", f"{rule.rule.place}.{key}", text, mend)


def _static_fields(subject: Subject) -> Iterator[Finding]:
    """Fixed values are for records that the broker makes; the ticket is there before, unless `outbound_create`."""
    for part in subject.parts:
        is_made = part.kind != "ticket" or subject.file.settings.outbound_create
        for rule in part.rules:
            one = rule.rule
            if not isinstance(one, SetStatic):
                continue
            if is_empty(one.value) and not any(field.name == "summaryNotes" for field in rule.fields):
                text = f"An empty value writes nothing to {rule.fields[0].text}."
                yield doubt("mapping_no_effect", f"{one.place}.value", text, "Write a value, or remove the rule.")
            elif not is_made and not one.always:
                text = f"{rule.fields[0].text} is written when the broker makes a ticket, and it makes none: "
                text += "settings.outbound_create is off."
                mend = "Add always: true, or switch settings.outbound_create on."
                yield doubt("mapping_no_effect", f"{one.place}.always", text, mend)
