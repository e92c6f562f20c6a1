"""What the vendor's error texts mean: one table from a fragment to a code.

Autotask answers almost everything with 500 and a text (its developer help, REST API calls), so the text decides.
A code of None means that the text says nothing about our data.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from re import Pattern

PERMISSION = "autotask_permission"
NO_MATCH = "autotask_no_matching_records"
THREADS = "autotask_threads"
REQUESTS = "autotask_requests"
UPLOADS = "autotask_uploads"
CREDENTIALS = "autotask_credentials"
BILLED = "autotask_billed"
REPORT_CLOSED = "autotask_report_closed"
FILE_TYPE = "autotask_file_type"
FILE_TOO_LARGE = "autotask_file_too_large"
UNNAMED = "autotask_refused"

_TEXT_CAP = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """What one error text means. `code` None: nothing is known; `field` is the vendor's field name or empty."""

    code: str | None
    field: str
    text: str


def _rule(fragment: str, code: str | None, field: str = "") -> tuple[Pattern[str], str | None, str]:
    return re.compile(fragment, re.IGNORECASE), code, field


_FIELD = r"(?P<field>[a-z][\w.]*)"

# Nobody has published the vendor's words for these, so many wordings are taken.
_UPLOADS = r"\b(attachments?|uploads?|bytes)\b.{0,120}\bminutes?\b|\b(attachments?|uploads?) (limit|threshold|quota)\b"
_TOO_LARGE = (
    r"\b(file|attachment)s?\b.{0,60}\b(too (large|big)|larger than|exceed\w*.{0,40}\bsize)"
    r"|\b(maximum|allowed) (file|attachment|upload) size|maximum request length exceeded"
)
_WRONG_TYPE = (
    r"\b(files?|attachments?|extensions?)\b.{0,80}\bnot (an? )?(allowed|supported|permitted|accepted)"
    r"|\b(invalid|unsupported|disallowed|prohibited|blocked) (file|attachment) (type|extension)"
)
_REPORT_CLOSED = (
    r"\breports?\b.{0,80}\b(submitted|approved|paid|closed|not in progress|in progress or rejected)\b"
    r"|\b(submitted|approved|paid|closed)\b.{0,20} expense reports?\b|\bin progress or rejected\b"
)
_BILLED = (
    r"approved and posted|\b(charge|cost)s?\b.{0,80}\b(billed|posted|invoiced)\b|\b(already|been) (billed|invoiced)\b"
)

# Texts recorded from live databases by public clients; the first fragment that is found decides.
_TABLE = (
    _rule(r"thread threshold of|itgenatr005", THREADS),
    _rule(_UPLOADS, UPLOADS),
    _rule(
        r"(exceed|reach)\w*.{0,60}\brequests?\b|\brequests?\b.{0,60}(threshold|limit).{0,60}(exceed|reach)", REQUESTS
    ),
    _rule(r"zone information could not be determined", CREDENTIALS),
    _rule(r"adequate permissions to \w+", PERMISSION),
    _rule(r"no matching records found", NO_MATCH),
    _rule(r"not authorized to change show on invoice", PERMISSION),
    _rule(r"delete time entries that you did not create", "autotask_not_creator"),
    _rule(r"time entries that have been submitted", "autotask_submitted"),
    _rule(r"timesheet has been approved", "autotask_approved"),
    _rule(r"time has been posted|\btime entr(y|ies)\b.{0,80}\bposted\b", "autotask_posted"),
    _rule(r"for the required field " + _FIELD, "autotask_required"),
    _rule(r"picklist value \[[^\]]*\] does not exist for " + _FIELD, "autotask_picklist"),
    _rule(r"reference value on field: " + _FIELD, "autotask_reference"),
    _rule(_FIELD + r": value .* does not exist or is invalid", "autotask_reference"),
    _rule(r"taskid does not reference a valid task", "autotask_reference", "taskID"),
    _rule(r"assignedresourceid and assignedroleid combination", "autotask_resource_role", "assignedResourceRoleID"),
    _rule(r"roleid is not valid for this task and resource", "autotask_resource_role", "roleID"),
    _rule(r"unable to find " + _FIELD + r" in the \w+ entity", "autotask_unknown_field"),
    _rule(_FIELD + r" must be less than or equal to \d+ characters", "autotask_too_long"),
    _rule(r"timeentries for tickets must have a roleid", "autotask_required", "roleID"),
    _rule(r"must have at least one of hoursworked", "autotask_time_window", "startDateTime"),
    _rule(r"require a start and stop time", "autotask_time_window", "startDateTime"),
    _rule(r"hoursworked greater than 24 hours or less than zero", "autotask_time_window", "hoursWorked"),
    _rule(r"not an active \w+ allocation code", "autotask_billing_code", "billingCodeID"),
    _rule(r"only one of ticketid", "autotask_one_parent", "ticketID"),
    _rule(r"conversion failed when converting", "autotask_wrong_type"),
    _rule(r"unexpected character encountered while parsing value", "autotask_wrong_type"),
    _rule(r"parameter name: querymodel", "autotask_query"),
    _rule(r"invalid query syntax|queries are limited to", "autotask_query"),
    _rule(_TOO_LARGE, FILE_TOO_LARGE),
    _rule(_WRONG_TYPE, FILE_TYPE),
    _rule(_BILLED, BILLED),
    _rule(_REPORT_CLOSED, REPORT_CLOSED),
    _rule(r"time-?out|timed out|deadlock|unexpected", None),
    _rule(r"(?P<field>[a-z]\w*( id)?) is (a )?required", "autotask_required"),
)


def read_refusal(text: str) -> Refusal:
    """What one text means; a text that the table does not know is a refusal without a name."""
    clean = " ".join(text.split())[:_TEXT_CAP]
    for pattern, code, field in _TABLE:
        if found := pattern.search(clean):
            return Refusal(code, field or _spelled(found.groupdict().get("field") or ""), clean)
    return Refusal(UNNAMED, "", clean)


def weightiest(texts: Sequence[str]) -> Refusal | None:
    """The refusal that decides when an answer carries several texts: the first that says anything, or None."""
    refusals = [read_refusal(text) for text in texts if text.strip()]
    return next((refusal for refusal in refusals if refusal.code is not None), None)


def _spelled(field: str) -> str:
    """`Queue ID` is how a sentence spells queueID."""
    words = field.split()
    return field.rstrip(".") if len(words) < 2 else words[0][0].lower() + words[0][1:] + "".join(words[1:])
