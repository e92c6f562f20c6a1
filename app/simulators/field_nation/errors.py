"""Refusals and the several body shapes in which the vendor is known to word them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.simulators.field_nation.settings import Settings


@dataclass
class Refusal(Exception):
    """An answer that is not a success. `family` is the API that speaks: rest, token or webhooks."""

    status: int
    message: str
    family: str = "rest"
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.message}"


OAUTH_WORDS = {400: "invalid_request", 401: "invalid_token", 403: "insufficient_scope"}

# Field Nation REST v2 schema (its two error objects), the vendor's C# SDK of 2017, and the developer portal's prose.
SHAPES: dict[str, Callable[[int, str], dict[str, Any]]] = {
    "status": lambda code, text: {"status": code, "message": text},
    "status_code": lambda code, text: {"status_code": code, "message": text},
    "sdk": lambda code, text: {"code": code, "message": text, "trace": [], "fields": []},
    "nested": lambda code, text: {"error": {"code": code, "message": text, "details": []}},
    "oauth": lambda code, text: {"error": OAUTH_WORDS.get(code, "error"), "error_description": text},
}


def error_body(refusal: Refusal, settings: Settings, path: str, at: str) -> dict[str, Any]:
    """The JSON body of a refusal. `path` and `at` (ISO time) fill the envelope of the webhooks API."""
    if refusal.family == "webhooks":
        envelope = {"timestamp": at, "path": path}
        return {"metadata": envelope, "errors": [{"code": refusal.status, "message": refusal.message}], "result": {}}
    return SHAPES[_shape_name(refusal, settings)](refusal.status, refusal.message)


def _shape_name(refusal: Refusal, settings: Settings) -> str:
    if settings.error_shape != "documented":
        return settings.error_shape
    # Field Nation API playground: the token endpoint, and REST answers to a 404, use `status_code`.
    return "status_code" if refusal.family == "token" or refusal.status == 404 else "status"
