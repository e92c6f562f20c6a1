"""The stage: both simulators, a database of its own and the broker, each in its own process, all on this machine."""

import asyncio
import base64
import contextlib
import secrets
import shlex
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from app.adapters.postgres.embedded import start_embedded
from app.cli.demo.children import Children
from app.settings import KEY_BYTES, Settings, load

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk

_INTEGRATION_CODE = "FIELDNATION0SIMULATED0CODE1"
# The demo's database is thrown away: it need not survive a crash of the machine.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
PARTS = 4
"""How often `stage` says that another part stands: the database, two simulators, the broker."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everybody stands. `settings` are those of the demo's own broker; a shell gets them from `env_file`."""

    settings: Settings
    desk: "Desk"
    autotask: str
    field_nation: str
    web: str
    http: httpx.AsyncClient
    env_file: Path

    async def sim(self, method: str, url: str, body: Any = None) -> Any:
        """One call to a simulator, for its truth or as a person there."""
        answer = await self.http.request(method, url, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@dataclass(frozen=True, slots=True)
class _Ports:
    autotask: int
    field_nation: int
    web: int

    def at(self, name: str) -> str:
        return f"http://127.0.0.1:{getattr(self, name)}"


@contextlib.asynccontextmanager
async def stage(port: int, stands: Callable[[], None]) -> AsyncIterator[Stage]:
    """Everything started and answering; stopped again at the end, whatever happens in between.

    `stands` is called as each of the `PARTS` is up. Raises `RuntimeError` when something cannot start.
    """
    ports = _Ports(free_port(), free_port(), port or free_port())
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="broker-demo-")))
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30, trust_env=False))
        database = await stack.enter_async_context(contextlib.AsyncExitStack())
        family = Children(folder)
        stack.push_async_callback(family.end)
        await family.start("autotask", "simulate", "autotask", "--port", str(ports.autotask))
        await family.start("field-nation", "simulate", "field-nation", "--port", str(ports.field_nation))
        variables = _variables(folder, ports) | await _database(database, folder)
        await family.start("broker", "serve", "--port", str(ports.web), variables=variables)
        settings = _settings(variables)
        desk = await stack.enter_async_context((await _bootstrap()).operator(settings))
        stands()
        await _all_answer(family, http, ports, stands)
        env_file = _env_file(folder, variables)
        yield Stage(settings, desk, ports.at("autotask"), ports.at("field_nation"), ports.at("web"), http, env_file)


async def _bootstrap() -> Any:
    """The wiring, imported beside what else is starting: it takes as long."""
    return await asyncio.to_thread(import_module, "app.bootstrap")


async def _database(stack: contextlib.AsyncExitStack, folder: Path) -> dict[str, str]:
    """A fresh database on the person's server, or a server of its own in the folder, both until the end."""
    given = load()
    if given.database_url is None:
        await asyncio.gather(_own_server(stack, folder), _bootstrap())
        return {}
    url = await stack.enter_async_context((await _bootstrap()).scratch_database(given.database_url.get_secret_value()))
    return {"BROKER_DATABASE_URL": url}


async def _own_server(stack: contextlib.AsyncExitStack, folder: Path) -> None:
    server = await start_embedded(folder, _FAST)
    stack.push_async_callback(server.stop)


def _variables(folder: Path, ports: _Ports) -> dict[str, str]:
    """The demo's own settings; nothing of the person's environment steers it but the database."""
    return {
        "BROKER_DATA_DIR": str(folder),
        "BROKER_PUBLIC_URL": ports.at("web"),
        "BROKER_AUTOTASK_DISCOVERY_URL": f"{ports.at('autotask')}/atservicesrest",
        "BROKER_AUTOTASK_INTEGRATION_CODE": _INTEGRATION_CODE,
        "BROKER_UPSTREAM_HOSTS": f"127.0.0.1:{ports.autotask},127.0.0.1:{ports.field_nation}",
        "BROKER_SECRET_KEYS": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
        "BROKER_ADMIN_TOKEN": secrets.token_urlsafe(24),
        "BROKER_VIEWER_TOKEN": secrets.token_urlsafe(24),
        "BROKER_LOG_FORMAT": "json",
        "BROKER_LOG_LEVEL": "warning",
    }


def _settings(variables: Mapping[str, str]) -> Settings:
    """Every setting is given, so that none is taken from the environment."""
    usual = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    return load(**usual | {name.removeprefix("BROKER_").lower(): value for name, value in variables.items()})


def _env_file(folder: Path, variables: Mapping[str, str]) -> Path:
    """Lets a person's shell talk to this broker."""
    file = folder / "env"
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()))
    return file


async def _all_answer(family: Children, http: httpx.AsyncClient, ports: _Ports, stands: Callable[[], None]) -> None:
    for name, place, path in (
        ("autotask", "autotask", "/_sim/calls"),
        ("field-nation", "field_nation", "/_sim/calls"),
        ("broker", "web", "/readyz"),
    ):
        await family.answers(name, http, ports.at(place) + path)
        stands()


def check_port(port: int) -> None:
    """Raises `RuntimeError` when nobody may listen on it now; 0 is always well."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise RuntimeError(f"port {port} cannot be had ({why}); name another one, or none for a free one") from None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
