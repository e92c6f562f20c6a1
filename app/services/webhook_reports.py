"""What was done about the webhooks of a connection, for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.core.model.finding import Finding, Severity

RECORD = "connection"

System = Literal["autotask", "field_nation"]
Verb = Literal["made", "changed", "left", "removed", "missing", "failed"]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one vendor's webhook. `ids` are the vendor's; `changes` says in words what was written, and
    holds no secret; `missing` is the verb where there was none to remove."""

    system: System
    verb: Verb
    ids: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class WebhookReport:
    """Both vendors' webhooks of one connection, and everything that a person should know about them."""

    name: str
    done: tuple[Done, ...]
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """No error among the findings."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def report_of(name: str, done: Sequence[Done], findings: Sequence[Finding] = ()) -> WebhookReport:
    """The report with the findings of both vendors after the general ones."""
    return WebhookReport(name, tuple(done), (*findings, *(found for one in done for found in one.findings)))


def as_error(code: str, text: str, mend: str, field: str = "") -> Finding:
    """A finding about the connection that lets the command fail."""
    return Finding(code, Severity.ERROR, RECORD, text, mend, field)


def as_warning(code: str, text: str, mend: str, field: str = "") -> Finding:
    """A finding about the connection with which the webhooks still do their work."""
    return Finding(code, Severity.WARNING, RECORD, text, mend, field)


def as_info(code: str, text: str, mend: str, field: str = "") -> Finding:
    """Something about the connection that a person should know, with nothing wrong."""
    return Finding(code, Severity.INFO, RECORD, text, mend, field)
