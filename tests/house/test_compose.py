"""The container files: everything they name exists, and they are as careful as they can be checked without Docker."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from app.cli import build
from app.core.model.connection import ConnectionFile
from app.settings import Settings

ROOT = Path(__file__).parent.parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
INSTRUCTIONS = [
    tuple(line.split(maxsplit=1))
    for line in (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    if line and not line.startswith("#")
]
SETTINGS = {f"BROKER_{name.upper()}" for name in Settings.model_fields}


def arguments(instruction: str) -> list[str]:
    return [rest for name, rest in INSTRUCTIONS if name == instruction]


def test_the_services_are_there() -> None:
    plain = {name for name, service in SERVICES.items() if not service.get("profiles")}
    assert plain == {"postgres", "migrate", "web", "worker"}
    simulated = {name for name, service in SERVICES.items() if service.get("profiles") == ["simulators"]}
    assert {"simulated-autotask", "simulated-field-nation"} < simulated


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_command_of_every_service_exists_with_its_options(name: str) -> None:
    command: Any = typer.main.get_command(build())
    words = [str(word) for word in OURS[name]["command"]]
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert [word for word in words if word.startswith("-") and word not in known] == []


@pytest.mark.parametrize("file", ["docker-compose.yml", "Dockerfile", ".env.example", "Makefile"])
def test_every_variable_that_is_named_is_a_setting(file: str) -> None:
    named = set(re.findall(r"\bBROKER_[A-Z_]+\b", (ROOT / file).read_text()))
    assert named - SETTINGS == set()


def test_every_service_of_ours_has_the_settings_that_it_needs() -> None:
    for name, service in OURS.items():
        if service["command"][0] != "simulate":
            assert {"BROKER_DATABASE_URL", "BROKER_SECRET_KEYS"} <= set(service["environment"]), name


def test_the_settings_of_the_sandbox_are_usable() -> None:
    environment = SERVICES["sandbox"]["environment"]
    fields = {name.removeprefix("BROKER_").lower(): value for name, value in environment.items()}
    settings = Settings(_env_file=None, **fields)  # type: ignore[call-arg]  # read from the environment by name
    assert len(settings.keys()) == 1


def test_simulators_stand_where_the_sandbox_looks_for_them() -> None:
    allowed = SERVICES["sandbox"]["environment"]["BROKER_UPSTREAM_HOSTS"].split(",")
    for name, host in zip(("simulated-autotask", "simulated-field-nation"), allowed, strict=True):
        command = SERVICES[name]["command"]
        assert host == f"127.0.0.1:{command[command.index('--port') + 1]}"
        assert SERVICES[name]["network_mode"] == "service:sandbox"
        assert json.loads((ROOT / command[command.index("--seed") + 1]).read_text())


def test_the_connection_of_the_sandbox_fits_the_seeds() -> None:
    file = ConnectionFile.model_validate(yaml.safe_load((ROOT / "config/simulators/connection.yaml").read_text()))
    user = json.loads((ROOT / "config/simulators/autotask.json").read_text())["databases"][0]["users"][0]
    company = json.loads((ROOT / "config/simulators/field-nation.json").read_text())["companies"][0]
    assert (file.autotask.username, file.autotask.integration_code) == (user["username"], user["integration_code"])
    assert file.field_nation.client_id == company["client_id"]
    assert file.field_nation.username == company["users"][0]["username"]
    assert (
        file.field_nation.base_url.removeprefix("http://")
        in SERVICES["sandbox"]["environment"]["BROKER_UPSTREAM_HOSTS"]
    )


def test_services_wait_for_services_that_exist() -> None:
    named = {other for service in SERVICES.values() for other in service.get("depends_on", {})}
    shared = {service["network_mode"].partition(":")[2] for service in SERVICES.values() if "network_mode" in service}
    assert named | shared <= set(SERVICES)


def test_web_and_workers_start_after_the_schema_is_there() -> None:
    for name in ("web", "worker", "cli"):
        assert SERVICES[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_a_worker_is_asked_for_its_health_where_it_serves_it() -> None:
    command, check = SERVICES["worker"]["command"], SERVICES["worker"]["healthcheck"]["test"]
    assert f":{command[command.index('--health-port') + 1]}/readyz" in check[-1]


def test_images_are_pinned_by_tag() -> None:
    images = [service["image"] for service in SERVICES.values()]
    images += [rest.split()[0] for rest in arguments("FROM")]
    assert all(re.fullmatch(r"[a-z./-]+:[0-9][\w.-]+", image) for image in images), images


def test_everything_that_is_copied_exists_and_is_let_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = set(_copied())
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert copied == let_through


def _copied() -> Iterator[str]:
    for rest in arguments("COPY"):
        if not rest.startswith("--from"):
            yield from rest.split()[:-1]


def test_the_image_runs_as_nobody_special() -> None:
    assert arguments("USER") == ["10001:10001"]
    last_stage = max(index for index, (name, _) in enumerate(INSTRUCTIONS) if name == "FROM")
    assert ("USER", "10001:10001") in INSTRUCTIONS[last_stage:]


def test_the_image_is_built_from_pinned_dependencies() -> None:
    assert any("pip install -r requirements.lock" in rest for rest in arguments("RUN"))
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if re.match(r"[a-z]", line)]
    assert lines
    assert all("==" in line for line in lines)


def test_no_port_is_open_to_the_world_unless_somebody_says_so() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert all(re.match(r"127\.0\.0\.1:|\$\{PUBLISHED_ADDRESS:-127\.0\.0\.1:", port) for port in ports)
