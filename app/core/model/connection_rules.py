"""What a connection file must satisfy beyond the types of its keys: choices that need one another, and formats."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from app.core.model.connection import ConnectionFile
from app.core.model.fault import Fault, suggestion

MODE_KINDS = (
    "default",
    "work_orders",
    "tickets",
    "time_entries",
    "expenses",
    "charges",
    "notes",
    "files",
)
"""Kinds of writes that `settings.mode` may name when it is a map."""

# Autotask developer help, "Basic query calls": the operators of the filter grammar.
_COMPARISONS = frozenset(
    {"eq", "noteq", "gt", "gte", "lt", "lte", "beginsWith", "endsWith", "contains", "in", "notIn", "exist", "notExist"}
)
_GROUPS = frozenset({"and", "or"})

# Field Nation API v2, messages: who a message is for.
_MESSAGE_TYPES = (
    "FROMTECH",
    "TECHTOMANAGER",
    "REPLY",
    "REPLYTOTHREAD",
    "ASSIGNEDTECH",
    "REQUESTEDTECHS",
    "SPECIFICTECH",
    "ROUTEDTECHS",
    "INTERNAL",
    "STAFF_NOTE",
)

_MIN_TOKEN_CHARS, _MAX_TOKEN_CHARS = 16, 256
_MAX_FILTER_DEPTH = 16


def rule_faults(file: ConnectionFile) -> tuple[Fault, ...]:
    """Everything that is wrong with a file whose keys and types are right; never shows a secret."""
    return tuple(fault for rule in _RULES for fault in rule(file))


def _token(file: ConnectionFile) -> Iterator[Fault]:
    if file.client_token is None:
        return
    token = file.client_token.get_secret_value()
    longer = f"Write at least {_MIN_TOKEN_CHARS} characters, or leave client_token out and ask `trigger-url` for one"
    if len(token) < _MIN_TOKEN_CHARS:
        yield Fault("client_token", "", f"has {len(token)} characters, too few for a token that is not guessed", longer)
    elif len(token) > _MAX_TOKEN_CHARS:
        yield Fault("client_token", "", f"has {len(token)} characters", f"Write at most {_MAX_TOKEN_CHARS}")
    elif not all("!" <= char <= "~" for char in token):
        yield Fault("client_token", "", "holds a blank or a character outside ASCII", "Write letters and digits")


def _filled(file: ConnectionFile) -> Iterator[Fault]:
    wanted = {
        "autotask.username": file.autotask.username,
        "autotask.secret": file.autotask.secret.get_secret_value(),
        "field_nation.client_id": file.field_nation.client_id,
        "field_nation.client_secret": file.field_nation.client_secret.get_secret_value(),
    }
    for where, value in wanted.items():
        if not value.strip():
            yield Fault(where, "", "is blank", "Write the value that the vendor gave you")


def _grant(file: ConnectionFile) -> Iterator[Fault]:
    part = file.field_nation
    if part.grant != "password":
        return
    mend = "Add it, or write grant: client_credentials"
    if not part.username.strip():
        yield Fault("field_nation.username", "", "is missing, and grant: password needs it", mend)
    if part.password is None or not part.password.get_secret_value():
        yield Fault("field_nation.password", "", "is missing, and grant: password needs it", mend)


def _cancelling(file: ConnectionFile) -> Iterator[Fault]:
    if "cancel" in file.settings.work_order_actions and not file.settings.cancel_reason.strip():
        yield Fault(
            "settings.cancel_reason",
            "",
            "is blank, and work_order_actions lists 'cancel'",
            "Write the reason that Field Nation shall be given, or take 'cancel' out",
        )


def _addresses(file: ConnectionFile) -> Iterator[Fault]:
    part = file.field_nation
    parsed = _split(part.base_url)
    if parsed is None or parsed[0] not in ("http", "https"):
        yield Fault("field_nation.base_url", f"'{part.base_url}'", "is not a URL", "Write https://api.fieldnation.com")
    elif parsed[0] == "http" and parsed[1] not in ("127.0.0.1", "localhost", "::1"):
        yield Fault(
            "field_nation.base_url",
            f"'{part.base_url}'",
            "would send credentials unencrypted",
            "Write https:// (http is for loopback addresses only)",
        )
    if "{id}" not in part.web_url:
        yield Fault(
            "field_nation.web_url",
            f"'{part.web_url}'",
            "has no {id} where the work order's id goes",
            "Write https://app.fieldnation.com/workorders/{id}",
        )


def _hosts(file: ConnectionFile) -> Iterator[Fault]:
    for index, host in enumerate(file.attachments.hosts):
        if not host or "/" in host or " " in host:
            where = f"attachments.hosts[{index}]"
            yield Fault(where, f"'{host}'", "is not a host name", "Write the host alone, such as files.example.com")


def _people(file: ConnectionFile) -> Iterator[Fault]:
    for index, address in enumerate(file.settings.notify):
        name, at, host = address.partition("@")
        if not (name and at and host) or any(char.isspace() for char in address):
            where = f"settings.notify[{index}]"
            yield Fault(where, f"'{address}'", "is not a mail address", "Write one such as ops@example.com")


def _messages(file: ConnectionFile) -> Iterator[Fault]:
    for index, type in enumerate(file.notes.send):
        if type not in _MESSAGE_TYPES:
            why = "is no type of a message, so no note would be sent for it"
            yield Fault(f"notes.send[{index}]", f"'{type}'", why, suggestion(type, _MESSAGE_TYPES))


def _providers(file: ConnectionFile) -> Iterator[Fault]:
    for key in file.time_entries.providers:
        if not (key.isascii() and key.isdigit()):
            where = f"time_entries.providers.{key}"
            yield Fault(where, "", "is not the id of a Field Nation provider", "Write the provider's number as the key")


def _modes(file: ConnectionFile) -> Iterator[Fault]:
    if isinstance(file.settings.mode, Mapping):
        for kind in file.settings.mode:
            if kind not in MODE_KINDS:
                yield Fault(f"settings.mode.{kind}", "", "is not a kind of write", suggestion(kind, MODE_KINDS))


def _import_filter(file: ConnectionFile) -> Iterator[Fault]:
    if file.settings.import_when is not None:
        yield from _conditions(file.settings.import_when, "settings.import_when", 0)


def _conditions(conditions: object, where: str, depth: int) -> Iterator[Fault]:
    if not isinstance(conditions, Sequence) or isinstance(conditions, str) or depth > _MAX_FILTER_DEPTH:
        yield Fault(where, "", "is not a list of conditions", 'Write [{"op": "eq", "field": "status", "value": 1}]')
        return
    for index, condition in enumerate(conditions):
        yield from _condition(condition, f"{where}[{index}]", depth)


def _condition(condition: object, where: str, depth: int) -> Iterator[Fault]:
    if not isinstance(condition, Mapping):
        yield Fault(where, "", "is not a condition", 'Write {"op": "eq", "field": "status", "value": 1}')
        return
    op: Any = condition.get("op")
    if op in _GROUPS:
        yield from _conditions(condition.get("items"), f"{where}.items", depth + 1)
    elif op not in _COMPARISONS:
        said = f"'{op}'" if op is not None else ""
        why = "is not an operator of Autotask's filter" if said else "is missing"
        yield Fault(f"{where}.op", said, why, suggestion(str(op), sorted(_COMPARISONS | _GROUPS)))
    elif not isinstance(condition.get("field"), str) or not condition["field"]:
        yield Fault(f"{where}.field", "", "is missing", "Name the field that is compared")
    elif op not in ("exist", "notExist") and condition.get("value") is None:
        yield Fault(f"{where}.value", "", "is missing", "Write the value, or use the operator 'notExist'")


def _split(url: str) -> tuple[str, str] | None:
    try:
        parsed = urlsplit(url)
    except ValueError:
        return None
    return (parsed.scheme, parsed.hostname) if parsed.hostname and not parsed.username else None


_RULES: tuple[Callable[[ConnectionFile], Iterator[Fault]], ...] = (
    _token,
    _filled,
    _grant,
    _cancelling,
    _addresses,
    _hosts,
    _people,
    _messages,
    _providers,
    _modes,
    _import_filter,
)
