"""Fixtures that every room may ask for, and the one check that needs the whole run."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.e2e.write_kinds import CRASHED, PERSONAL, seen_kinds

pytest_plugins = ["tests.database"]

# On a busy machine drawing an example may take a second; that says nothing about the code.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

_FOLDER = "broker_write_kinds"


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a run may ask for more of: a third, and a quarter, of what was once shown to hold are played each time."""
    parser.addoption("--histories", type=int, default=108, help="how many histories of deliveries are played")
    parser.addoption("--crash-pairs", type=int, default=16, help="how many work orders of a customer die twice")


def pytest_configure(config: pytest.Config) -> None:
    """The process that collects results makes the folder in which all processes note the writes they saw."""
    if not hasattr(config, "workerinput"):
        setattr(config, _FOLDER, tempfile.mkdtemp(prefix="broker-write-kinds-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tells each worker of the run where that folder is."""
    node.workerinput[_FOLDER] = getattr(node.config, _FOLDER)  # type: ignore[attr-defined]  # of the xdist plugin


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a whole run, the writes tested for crashes, and those of a person's commands, must be the writes that the
    simulators saw, or it fails."""
    folder = getattr(session.config, _FOLDER, None)
    if folder is None:
        return
    seen = seen_kinds(Path(folder))
    shutil.rmtree(folder, ignore_errors=True)
    known = PERSONAL | set(CRASHED)
    if _is_whole(session.config) and seen != known:
        print(f"\nWrites seen and never crash-tested: {sorted(seen - known)}")  # noqa: T201 - the summary of the run
        print(f"Writes known and never seen: {sorted(known - seen)}")  # noqa: T201 - the summary of the run
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_whole(config: pytest.Config) -> bool:
    return not config.option.keyword and not config.option.markexpr and not config.option.file_or_dir
