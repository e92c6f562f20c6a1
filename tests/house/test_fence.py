"""The fence: each import contract holds, and each is seen to break when something is imported that it forbids."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.house_kit import APP, ROOT, files

_ALL_KEPT, _BROKEN = 0, 1

TRESPASSES = {
    "rooms": ("app/services/pairs.py", "import app.web.app"),
    "core-rooms": ("app/core/model/ids.py", "import app.core.planning.rules"),
    "adapter-rooms": ("app/adapters/fieldnation/wire.py", "import app.adapters.autotask.client"),
    "core-is-pure": ("app/core/planning/retry.py", "import asyncio"),
    "ports-know-nouns": ("app/ports/clock.py", "import app.core.mapping.engine"),
    "stories-know-no-framework": ("app/worker/lane.py", "import sqlalchemy"),
    "adapters-know-no-verbs": ("app/adapters/postgres/jobs.py", "import app.core.planning.retry"),
    "web-knows-no-sql": ("app/web/triggers.py", "import asyncpg"),
    "settings-once": ("app/services/doctor.py", "import app.settings"),
    "simulators-share-nothing": ("app/simulators/field_nation/wire.py", "import app.core.model.ids"),
    "nothing-imports-simulators": ("app/cli/work.py", "import app.simulators.autotask.app"),
    "no-cycles": ("app/core/model/job.py", "import app.core.mapping.engine"),
}
"""For each contract a file of the room it guards, and an import that it forbids there."""

NEW_ROOMS = {
    "rooms": "app/basement",
    "core-rooms": "app/core/attic",
    "adapter-rooms": "app/adapters/pigeon",
}
"""Contracts that know every room: a new one breaks them until the map is changed on purpose."""


def contracts() -> list[str]:
    """Ids of the contracts in the order of the project file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["id"] for contract in project["tool"]["importlinter"]["contracts"]]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the tree, to trespass in."""
    for path in files(APP):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return tmp_path


def linted(house: Path, contract: str = "") -> subprocess.CompletedProcess[str]:
    """What import-linter says of the copy, for one contract or all."""
    call = (
        "import sys; from importlinter.cli import lint_imports_command; sys.path.insert(0, '.'); lint_imports_command()"
    )
    only = ["--contract", contract] if contract else []
    command = [sys.executable, "-P", "-c", call, "--config", "pyproject.toml", "--no-cache", *only]
    return subprocess.run(command, cwd=house, capture_output=True, text=True, timeout=120, check=False)


def test_every_contract_has_its_trespass() -> None:
    assert set(TRESPASSES) == set(contracts())


def test_the_tree_as_it_stands_keeps_every_contract(house: Path) -> None:
    said = linted(house)
    assert said.returncode == _ALL_KEPT, said.stdout
    assert f"{len(contracts())} kept, 0 broken" in said.stdout


@pytest.mark.parametrize("contract", sorted(TRESPASSES))
def test_a_forbidden_import_breaks_its_contract(house: Path, contract: str) -> None:
    name, forbidden = TRESPASSES[contract]
    path = house / name
    path.write_text(f"{path.read_text()}\n{forbidden}\n")
    said = linted(house, contract)
    assert said.returncode == _BROKEN, said.stdout + said.stderr
    assert "0 kept, 1 broken" in said.stdout


@pytest.mark.parametrize("contract", sorted(NEW_ROOMS))
def test_a_room_that_is_not_on_the_map_breaks_the_contract(house: Path, contract: str) -> None:
    room = house / NEW_ROOMS[contract]
    room.mkdir(parents=True)
    (room / "__init__.py").write_text('"""A room that nobody planned."""\n')
    said = linted(house, contract)
    assert said.returncode == _BROKEN, said.stdout + said.stderr
