"""Logs: one line per change of state, for people or as JSON, with every secret taken out."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_HIDDEN = "***"
_SECRET_KEY = re.compile(
    r"(client_?token|access_?token|refresh_?token|secret|password|passwd|authorization|api_?key|credential)", re.I
)
_IN_TEXT = (
    re.compile(
        r"((?:client_?token|access_?token|refresh_?token|client_?secret|password|secret)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',;}]+",
        re.I,
    ),
    re.compile(r"((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}", re.I),
    re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"),
)
_MAX_DEPTH = 8
# The HTTP client's own lines hold URLs, and say nothing that ours do not.
_QUIET = ("httpx", "httpcore", "asyncio", "sqlalchemy.engine")


def configure(style: Literal["console", "json"], level: str, stream: TextIO | None = None) -> None:
    """Sets up structlog, and the standard library's logging through it, once per process.

    `level` is `debug`, `info`, `warning` or `error`; lines go to `stream`, standard error unless given.
    """
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last(style, target)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: hides the values of secret keys, and secrets inside texts and URLs, at any depth."""
    return {key: _hidden(key, value, 0) for key, value in event.items()}


def redacted(text: str) -> str:
    """The text with tokens, secrets and passwords in it hidden."""
    for pattern in _IN_TEXT:
        text = pattern.sub(rf"\g<1>{_HIDDEN}", text)
    return text


def _hidden(key: str, value: Any, depth: int) -> Any:
    if _SECRET_KEY.search(key) and value not in (None, "", False, True):
        return _HIDDEN
    if isinstance(value, str):
        return redacted(value)
    if depth < _MAX_DEPTH and isinstance(value, Mapping):
        return {name: _hidden(str(name), item, depth + 1) for name, item in value.items()}
    if depth < _MAX_DEPTH and isinstance(value, list | tuple):
        return [_hidden("", item, depth + 1) for item in value]
    return value


def _last(style: Literal["console", "json"], stream: TextIO) -> list[Processor]:
    # The trace becomes text before it is redacted, so that a secret in a message of an exception is hidden too.
    head: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
    ]
    if style == "json":
        return [*head, _without_objects, redact, structlog.processors.JSONRenderer(default=str, ensure_ascii=False)]
    colors = bool(getattr(stream, "isatty", bool)())
    return [*head, _without_objects, redact, structlog.dev.ConsoleRenderer(colors=colors)]


def _without_objects(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> EventDict:
    """Exceptions and other objects as text, so that what they say can be redacted."""
    plain = (str, int, float, bool, type(None), list, tuple, dict)
    return {key: value if isinstance(value, plain) else str(value) for key, value in event.items()}
