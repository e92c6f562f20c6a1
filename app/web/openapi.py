"""What OpenAPI says of the routes that the framework does not see, and of every problem."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from app.web.errors import PROBLEM_TYPE
from app.web.triggers import TRIGGER_PATH

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
    },
}
_ACCEPTED = {
    "type": "object",
    "required": ["accepted"],
    "properties": {
        "accepted": {
            "type": "array",
            "maxItems": 500,
            "items": {
                "type": "object",
                "required": ["ticket", "job", "state"],
                "properties": {
                    "ticket": {"type": "string", "description": "As the sender named it."},
                    "job": {"type": "string"},
                    "state": {"type": "string", "enum": ["queued", "merged"]},
                },
            },
        }
    },
}
_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1, "example": 12345}
_NUMBER = {"type": "string", "pattern": r"^T[0-9]{8}\.[0-9]{1,9}$", "example": "T20260527.0006"}
_NAME = {"oneOf": [_ID, _NUMBER]}
_JSON_BODY = {
    "oneOf": [
        {"type": "object", "required": ["id"], "properties": {"id": _NAME}, "additionalProperties": False},
        {"type": "array", "items": _NAME, "minItems": 1, "maxItems": 500},
    ]
}
_FORM_BODY = {"type": "object", "required": ["id"], "properties": {"id": _NAME}, "additionalProperties": False}
_TEXT_BODY = {"type": "string", "pattern": r"^[1-9][0-9]{0,17}$", "example": "12345"}
_SCHEMES = {
    "TriggerTokenInQuery": {"type": "apiKey", "in": "query", "name": "client_token"},
    "TriggerTokenInHeader": {"type": "apiKey", "in": "header", "name": "X-Client-Token"},
    "TriggerToken": {"type": "http", "scheme": "bearer", "description": "A connection's trigger token."},
    "AccessToken": {"type": "http", "scheme": "bearer", "description": "The viewer's or the admin's token."},
}
_TRIGGER_SECURITY: list[dict[str, list[str]]] = [
    {"TriggerTokenInQuery": []},
    {"TriggerTokenInHeader": []},
    {"TriggerToken": []},
]
_REFUSALS = {
    "400": "No usable id or ticket number; `detail` names the fault.",
    "401": "Unknown or revoked token, two that disagree, or a wrong signature.",
    "408": "The body did not arrive in time.",
    "413": "More than 64 KiB.",
    "422": "More than 500 tickets.",
    "503": "The broker's own trouble: nothing was accepted; send it again after `Retry-After` seconds.",
}


def describe(app: FastAPI, paths: Mapping[str, Any]) -> None:
    """Completes the application's OpenAPI document with problems, security and the paths given."""
    own = app.openapi

    def complete() -> dict[str, Any]:
        document = own()
        document["paths"] = {**paths, **document["paths"]}
        components = document.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = _PROBLEM
        components["securitySchemes"] = components.get("securitySchemes", {}) | _SCHEMES
        return document

    app.openapi = complete  # type: ignore[method-assign]  # the way FastAPI documents


def trigger_paths() -> dict[str, Any]:
    """The trigger's path, whose door stands before the framework's routing."""
    return {
        TRIGGER_PATH: {
            "post": _operation("post", "A webhook or a callout names tickets", _body()),
            "put": _operation("put", "A callout names tickets", _body()),
            "get": _operation("get", "A callout or a person names a ticket in the query", {}),
        }
    }


def _operation(method: str, summary: str, body: dict[str, Any]) -> dict[str, Any]:
    parameter = {"name": "id", "in": "query", "schema": _NAME, "required": method == "get"}
    responses: dict[str, Any] = {
        status: {"description": text, "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        for status, text in _REFUSALS.items()
    }
    accepted = {"description": "Committed.", "content": {"application/json": {"schema": _ACCEPTED}}}
    return {
        "tags": ["triggers"],
        "operationId": f"trigger_{method}",
        "summary": summary,
        "security": _TRIGGER_SECURITY,
        "parameters": [parameter] if method == "get" else [],
        "responses": {"202": accepted, **responses},
        **body,
    }


def _body() -> dict[str, Any]:
    """The plainest spelling of each form; Autotask's webhook body and any nesting are read as well."""
    content = {
        "application/json": {"schema": _JSON_BODY},
        "application/x-www-form-urlencoded": {"schema": _FORM_BODY},
        "text/plain": {"schema": _TEXT_BODY},
    }
    return {"requestBody": {"required": True, "content": content}}
