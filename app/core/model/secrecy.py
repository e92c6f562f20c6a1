"""Taking the secrets out of a connection file, and putting placeholders where they stood."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from app.core.model.connection import SECRET_FIELDS, ConnectionFile

_REQUIRED = frozenset({"autotask.secret", "field_nation.client_secret"})
_RULE_KEYS = ["id", "source", "source_field", "target", "target_field", "action"]
_SUFFIX = {
    "autotask.secret": "AUTOTASK_SECRET",
    "autotask.webhook_secret": "HOOK_SECRET",
    "field_nation.client_secret": "FN_CLIENT_SECRET",
    "field_nation.password": "FN_PASSWORD",
    "field_nation.webhook_secret": "FN_HOOK_SECRET",
    "client_token": "TRIGGER_TOKEN",
}


def split_secrets(file: ConnectionFile) -> tuple[ConnectionFile, dict[str, str]]:
    """The file without a secret in it, and the plain secrets by their path; blank ones are left out."""
    secrets = {}
    for path in SECRET_FIELDS:
        secret = _at(file, path)
        if isinstance(secret, SecretStr) and secret.get_secret_value():
            secrets[path] = secret.get_secret_value()
    return _with(file, {path: SecretStr("") if path in _REQUIRED else None for path in SECRET_FIELDS}), secrets


def with_secrets(file: ConnectionFile, secrets: Mapping[str, str]) -> ConnectionFile:
    """The file with those plain secrets at their paths."""
    return _with(file, {path: SecretStr(text) for path, text in secrets.items()})


def placeholder(connection: str, path: str) -> str:
    """`${ACME_AUTOTASK_SECRET}`: what an exported file holds where the secret of that path stood."""
    return f"${{{connection.upper().replace('-', '_')}_{_SUFFIX[path]}}}"


def as_document(file: ConnectionFile, secret_paths: Mapping[str, str]) -> dict[str, Any]:
    """The file as plain data, without defaults, with the texts of `secret_paths` at those paths.

    Other texts are escaped, so that a file written from it reads back as the same.
    """
    bare, _ = split_secrets(file)
    plain: dict[str, Any] = _escaped(bare.model_dump(mode="json", exclude_defaults=True))
    for path in SECRET_FIELDS:
        *parents, key = path.split(".")
        part = plain
        for parent in parents:
            part = part.setdefault(parent, {})
        part.pop(key, None)
        if path in secret_paths:
            part[key] = secret_paths[path]
    return _in_written_order(plain)


def _at(file: ConnectionFile, path: str) -> object:
    value: object = file
    for key in path.split("."):
        value = getattr(value, key)
    return value


def _with(file: ConnectionFile, values: Mapping[str, SecretStr | None]) -> ConnectionFile:
    parts: dict[str, dict[str, SecretStr | None]] = {}
    for path, value in values.items():
        parent, _, key = path.rpartition(".")
        parts.setdefault(parent, {})[key] = value
    changed: dict[str, Any] = dict(parts.pop("", {}))
    for parent, update in parts.items():
        changed[parent] = getattr(file, parent).model_copy(update=update)
    return file.model_copy(update=changed)


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value


def _in_written_order(plain: dict[str, Any]) -> dict[str, Any]:
    def ordered(part: dict[str, Any], names: list[str]) -> dict[str, Any]:
        return {name: part[name] for name in names if name in part}

    for direction, rules in plain.get("mappings", {}).items():
        # The database keeps no order of keys: a rule reads best as source, target, action, and the rest.
        plain["mappings"][direction] = [{**ordered(rule, _RULE_KEYS), **rule} for rule in rules]
    top = ordered(plain, list(ConnectionFile.model_fields))
    for name, field in ConnectionFile.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        if inner and name in top:
            top[name] = ordered(top[name], list(inner))
    return top
