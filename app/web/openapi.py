"""What OpenAPI says of the routes that the framework does not see, and of every problem."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from app.web.errors import PROBLEM_TYPE
from app.web.events import EVENT_PATH
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
# Field Nation webhooks v3: these keys, and more that nobody looks at.
_EVENT_BODY = {
    "type": "object",
    "properties": {
        "event": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "example": "workorder.status.work_done"},
                "params": {"type": "object", "properties": {"work_order_id": {"type": ["integer", "string"]}}},
            },
        },
        "timestamp": {"type": "string"},
        "triggered_by_user": {"type": "object"},
        "workorder": {"type": "object"},
    },
}
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
    "401": "Unknown or revoked token, two that disagree, or a wrong signature.",
    "408": "The body did not arrive in time.",
    "503": "The broker's own trouble: nothing was accepted; send it again after `Retry-After` seconds.",
}
_TRIGGER_REFUSALS = _REFUSALS | {
    "400": "No usable id or ticket number; `detail` names the fault.",
    "413": "More than 64 KiB.",
    "422": "More than 500 tickets.",
}
_EVENT_REFUSALS = _REFUSALS | {
    "400": "No JSON object; `detail` names the fault.",
    "401": f"{_REFUSALS['401']} A connection without a Field Nation webhook secret refuses all events.",
    "413": "More than 8 MiB.",
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


def entrance_paths() -> dict[str, Any]:
    """The paths of triggers and events, whose door stands before the framework's routing."""
    return {
        TRIGGER_PATH: {
            "post": _trigger("post", "A webhook or a callout names tickets", _trigger_body()),
            "put": _trigger("put", "A callout names tickets", _trigger_body()),
            "get": _trigger("get", "A callout or a person names a ticket in the query", {}),
        },
        EVENT_PATH: {method: _event(method) for method in ("post", "put")},
    }


def _trigger(method: str, summary: str, body: dict[str, Any]) -> dict[str, Any]:
    parameter = {"name": "id", "in": "query", "schema": _NAME, "required": method == "get"}
    return {
        "tags": ["triggers"],
        "operationId": f"trigger_{method}",
        "summary": summary,
        "security": _TRIGGER_SECURITY,
        "parameters": [parameter] if method == "get" else [],
        "responses": _responses("ticket", 500, _TRIGGER_REFUSALS),
        **body,
    }


def _event(method: str) -> dict[str, Any]:
    signature = {"type": "string", "pattern": "^sha256=[0-9a-f]{64}$"}
    description = "HMAC-SHA256 of the raw body under the connection's Field Nation webhook secret."
    return {
        "tags": ["events"],
        "operationId": f"event_{method}",
        "summary": "Field Nation tells of a work order; a delivery that came before changes nothing",
        "security": _TRIGGER_SECURITY,
        "parameters": [
            {
                "name": "X-FN-Signature",
                "in": "header",
                "required": True,
                "schema": signature,
                "description": description,
            },
            {"name": "X-FN-Webhook-Id", "in": "header", "schema": {"type": "string"}},
            {"name": "X-FN-Delivery-Id", "in": "header", "schema": {"type": "string"}},
            {"name": "X-FN-Event-Trace-Id", "in": "header", "schema": {"type": "string"}},
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _EVENT_BODY}}},
        "responses": _responses("work_order", 1, _EVENT_REFUSALS),
    }


def _responses(named: str, most: int, refusals: Mapping[str, str]) -> dict[str, Any]:
    """202 and every refusal; `named` is the word for what was accepted, `most` how many of it there can be."""
    row = {
        "type": "object",
        "required": [named, "job", "state"],
        "properties": {
            named: {"type": "string", "description": "As the sender named it."},
            "job": {"type": "string"},
            "state": {"type": "string", "enum": ["queued", "merged"]},
        },
    }
    rows = {"type": "array", "maxItems": most, "items": row}
    accepted = {"type": "object", "required": ["accepted"], "properties": {"accepted": rows}}
    problem = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "202": {"description": "Committed.", "content": {"application/json": {"schema": accepted}}},
        **{status: {"description": text, "content": problem} for status, text in sorted(refusals.items())},
    }


def _trigger_body() -> dict[str, Any]:
    """The plainest spelling of each form; Autotask's webhook body and any nesting are read as well."""
    content = {
        "application/json": {"schema": _JSON_BODY},
        "application/x-www-form-urlencoded": {"schema": _FORM_BODY},
        "text/plain": {"schema": _TEXT_BODY},
    }
    return {"requestBody": {"required": True, "content": content}}
