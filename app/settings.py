"""The settings of a process: the only reader of the environment.

Every variable begins with `BROKER_`; a `.env` file in the working folder is read too, the environment being stronger.
"""

import base64
import binascii
import ipaddress
import os
import re
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.model.fault import Fault, listed, nearest

PREFIX = "BROKER_"
KEY_BYTES = 32
_MIN_TOKEN_CHARS = 16
_SHOWN = frozenset({"data_dir", "public_url", "upstream_hosts", "horizon_s", "lease_s", "mail_from", "history_days"})
_SHOWN |= frozenset({"log_format", "log_level", "autotask_discovery_url"})
_HOST_PORT = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}")


class SettingsError(Exception):
    """The settings cannot be used; `faults` is everything that is wrong with them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(fault.sentence for fault in faults))
        self.faults = tuple(faults)


class _Mend(ValueError):
    """What a validator says: why the value is wrong, and what to write instead."""

    def __init__(self, why: str, mend: str) -> None:
        super().__init__(f"{why}\0{mend}")


class Settings(BaseSettings):
    """Checked settings. Secrets do not show in the repr."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = None
    data_dir: Path = Path(".broker")
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    admin_token: SecretStr | None = None
    viewer_token: SecretStr | None = None
    public_url: str = "http://127.0.0.1:8080"
    autotask_discovery_url: str = "https://webservices.autotask.net/atservicesrest"
    autotask_integration_code: SecretStr = SecretStr("")
    upstream_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    horizon_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] = 120.0
    lease_s: Annotated[float, Field(gt=0, le=3_600, allow_inf_nan=False)] = 30.0
    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    log_format: Literal["console", "json"] = Field(default_factory=lambda: "console" if sys.stderr.isatty() else "json")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    history_days: Annotated[int, Field(ge=1, le=36_500)] = 30

    @property
    def is_embedded(self) -> bool:
        """Whether the broker runs its own PostgreSQL in the data folder."""
        return self.database_url is None

    def keys(self) -> tuple[bytes, ...]:
        """The encryption keys, 32 bytes each; the first encrypts."""
        return tuple(_key(key.get_secret_value()) for key in self.secret_keys)

    @field_validator("database_url", mode="before")
    @classmethod
    def _postgres(cls, value: Any) -> Any:
        """`postgres://` and `postgresql://` are read as the asyncpg dialect: there is no other driver here."""
        if not isinstance(value, str):
            return value
        scheme, separator, rest = value.partition("://")
        if scheme not in ("postgresql+asyncpg", "postgresql", "postgres") or not separator or not rest:
            raise _Mend("is not the URL of a PostgreSQL database", "Write postgresql+asyncpg://user:password@host/name")
        return f"postgresql+asyncpg://{rest}"

    @field_validator("secret_keys", mode="before")
    @classmethod
    def _keys(cls, value: Any) -> Any:
        items = _split(value)
        for position, item in enumerate(items, 1):
            if len(_key(item.get_secret_value() if isinstance(item, SecretStr) else item)) != KEY_BYTES:
                raise _Mend(
                    f"has a key (number {position}) that is not {KEY_BYTES} bytes in base64",
                    "Make one with: openssl rand -base64 32",
                )
        return items

    @field_validator("admin_token", "viewer_token", mode="after")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _MIN_TOKEN_CHARS:
            raise _Mend(f"has fewer than {_MIN_TOKEN_CHARS} characters", "Make one with: openssl rand -hex 24")
        return value

    @field_validator("public_url", "autotask_discovery_url", mode="after")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parsed = _parsed(value)
        if parsed is None or parsed[0] not in ("http", "https"):
            raise _Mend("is not an http or https URL", "Write one such as https://broker.example.com")
        return value.rstrip("/")

    @field_validator("upstream_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: Any) -> Any:
        items = _split(value)
        for item in items:
            if not _HOST_PORT.fullmatch(item) or int(item.rpartition(":")[2]) > 65_535:
                raise _Mend(f"names '{item}', which is not host:port", "Write a comma list such as 127.0.0.1:9001")
        return items

    @field_validator("smtp_url", mode="after")
    @classmethod
    def _mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        parsed = _parsed(value.get_secret_value()) if value is not None else ("smtp", "")
        if parsed is None or parsed[0] not in ("smtp", "smtps"):
            raise _Mend("is not the URL of a mail server", "Write smtp://user:password@host:587?starttls=true")
        return value

    @field_validator("mail_from", mode="after")
    @classmethod
    def _sender(cls, value: str | None) -> str | None:
        if value is not None and ("@" not in value or any(char in value for char in "\r\n")):
            raise _Mend("is not a mail address", "Write one such as broker@example.com")
        return value

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Generated:
    """Settings with every key and token filled in; `shown` holds those made just now, by variable, to be shown once."""

    settings: Settings
    shown: Mapping[str, str]


def load(**overrides: Any) -> Settings:
    """Reads the environment and `.env`; `overrides` (by field name) are stronger. Raises `SettingsError`."""
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsError([_fault(item) for item in error.errors(include_url=False)]) from None
    except UnicodeDecodeError:
        raise SettingsError([Fault(".env", "", "is not UTF-8 text", "Save the file as UTF-8")]) from None
    faults = [*_needs(settings), *_plain_http(settings)]
    if faults:
        raise SettingsError(faults)
    return settings


def generate(settings: Settings) -> Generated:
    """Fills in keys and tokens: from the data folder, made there on first use, when the database is embedded.

    With a database of its own every process must have the same keys, so they must be given: raises `SettingsError`.
    """
    if not settings.is_embedded:
        if not settings.secret_keys:
            mend = "Set it to a key made with: openssl rand -base64 32 (the same for every process)"
            raise SettingsError([Fault("BROKER_SECRET_KEYS", "", "is not set, and BROKER_DATABASE_URL is", mend)])
        return Generated(settings, {})
    try:
        return _generated(settings)
    except (OSError, UnicodeDecodeError) as error:
        why = f"cannot be used: {getattr(error, 'strerror', None) or 'a file in it is not text'}".lower()
        mend = "Name a folder that the broker may write to"
        raise SettingsError([Fault(f"{PREFIX}DATA_DIR", f"'{settings.data_dir}'", why, mend)]) from None


def _generated(settings: Settings) -> Generated:
    shown: dict[str, str] = {}
    filled: dict[str, Any] = {}
    if not settings.secret_keys:
        text, _ = _kept(settings.data_dir / "secret-keys", lambda: base64.b64encode(secrets.token_bytes(32)).decode())
        if not _split(text) or any(len(_key(key)) != KEY_BYTES for key in _split(text)):
            mend = "Put the right keys back; without them no stored credential opens"
            place = str(settings.data_dir / "secret-keys")
            raise SettingsError([Fault(place, "", f"holds no keys of {KEY_BYTES} bytes in base64", mend)])
        filled["secret_keys"] = tuple(SecretStr(key) for key in _split(text))
    for name in ("admin_token", "viewer_token"):
        if getattr(settings, name) is None:
            text, is_new = _kept(settings.data_dir / name.replace("_", "-"), lambda: secrets.token_urlsafe(24))
            filled[name] = SecretStr(text)
            shown |= {f"{PREFIX}{name.upper()}": text} if is_new else {}
    return Generated(settings.model_copy(update=filled), shown)


def environment() -> Mapping[str, str]:
    """What `${NAME}` in a connection file is looked up in: the environment, and `.env` below it."""
    written = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    return {**written, **os.environ}


def warnings(names: Mapping[str, str]) -> tuple[Fault, ...]:
    """Variables that begin with `BROKER_` and mean nothing, with the nearest that does."""
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    unknown = sorted(name for name in names if name.upper().startswith(PREFIX) and name.upper() not in known)
    return tuple(_unknown(name, known) for name in unknown)


def _unknown(name: str, known: list[str]) -> Fault:
    bare = {candidate.removeprefix(PREFIX): candidate for candidate in known}
    near = bare.get(nearest(name.upper().removeprefix(PREFIX), bare), "")
    return Fault(name, "", "is not a setting", f"Perhaps {near} was meant" if near else "Remove it")


def _needs(settings: Settings) -> list[Fault]:
    if settings.smtp_url is None or settings.mail_from is not None:
        return []
    mend = "Set the address that alerts come from"
    return [Fault("BROKER_MAIL_FROM", "", "is not set, and BROKER_SMTP_URL is", mend)]


def _plain_http(settings: Settings) -> list[Fault]:
    """Plain http only for loopback addresses that are named in BROKER_UPSTREAM_HOSTS."""
    url = urlsplit(settings.autotask_discovery_url)
    allowed = {host.rpartition(":")[0].strip("[]") for host in settings.upstream_hosts}
    if url.scheme == "https" or (_is_loopback(url.hostname or "") and url.hostname in allowed):
        return []
    why = "is plain http, which is for loopback addresses named in BROKER_UPSTREAM_HOSTS"
    return [Fault("BROKER_AUTOTASK_DISCOVERY_URL", f"'{settings.autotask_discovery_url}'", why, "Write https://")]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _fault(error: Any) -> Fault:
    field = str(error["loc"][0]) if error["loc"] else ""
    said = f"'{error['input']}'" if field in _SHOWN and isinstance(error["input"], str) else ""
    why, mend = _reason(error)
    return Fault(f"{PREFIX}{field.upper()}", said, why, mend)


def _reason(error: Any) -> tuple[str, str]:
    context = error.get("ctx", {})
    inner = context.get("error")
    if isinstance(inner, _Mend):
        why, _, mend = str(inner).partition("\0")
        return why, mend
    if error["type"] == "literal_error":
        choices = [choice.strip("'") for choice in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return f"is not {listed(choices)}", f"Write {listed(choices)}"
    if "gt" in context:
        return "is too small", f"Write more than {context['gt']:g}"
    if "ge" in context:
        return "is too small", f"Write {context['ge']:g} or more"
    if "le" in context:
        return "is too large", f"Write {context['le']:g} or less"
    return "is not a number", "Write digits only"


def _split(value: Any) -> Any:
    return tuple(item.strip() for item in value.split(",") if item.strip()) if isinstance(value, str) else value


def _key(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _parsed(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return (parts.scheme, parts.hostname) if parts.hostname else None


def _kept(path: Path, make: Any) -> tuple[str, bool]:
    """The text of the file, made on first use with mode 0600; and whether it was made now.

    Two processes that start together agree: the link is made by one of them, and both read what it made.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
        try:
            os.link(draft, path)
            return path.read_text(), True
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip(), False
