"""Findings: anything a person should know. Nothing is ever skipped without one."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a person should know.

    `code` is stable and groups findings by cause; `record` names what it is about (`ticket:12345`,
    `work_order:70211`, `connection`); `field` is the path concerned or empty; `text` says what happened, with the
    value; `mend` says what to change.
    """

    code: str
    severity: Severity
    record: str
    text: str
    mend: str
    field: str = ""
