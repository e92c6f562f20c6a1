"""Fixtures that every room may ask for, and the one check that needs the whole run."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.e2e.write_kinds import CRASHED, seen_kinds

pytest_plugins = ["tests.database"]

_FOLDER = "broker_write_kinds"


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
    """In a whole run, the writes tested for crashes must be the writes that the simulators saw, or it fails."""
    folder = getattr(session.config, _FOLDER, None)
    if folder is None:
        return
    seen = seen_kinds(Path(folder))
    shutil.rmtree(folder, ignore_errors=True)
    if _is_whole(session.config) and seen != set(CRASHED):
        print(f"\nWrites seen and never crash-tested: {sorted(seen - set(CRASHED))}")  # noqa: T201 - the summary of the run
        print(f"Writes crash-tested and never seen: {sorted(set(CRASHED) - seen)}")  # noqa: T201 - the summary of the run
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_whole(config: pytest.Config) -> bool:
    return not config.option.keyword and not config.option.markexpr and not config.option.file_or_dir
