"""`broker check`: faults by severity, each with its place and mend, and an exit code for scripts."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from app.cli.check import check
from app.cli.console import Surroundings
from app.core.model.connection import ConnectionFile
from app.core.model.finding import Finding, Severity
from app.services.file_check import CheckReport
from app.settings import Settings

FILE = """name: acme
autotask: {username: api@acme.example, secret: "${ACME_SECRET}"}
field_nation: {client_id: c, client_secret: "${ACME_SECRET}", username: u, password: "${ACME_SECRET}"}
"""
ERROR = Finding("mapping_unknown_field", Severity.ERROR, "connection", "No such field.", "Did you mean title?", "x[0]")
WARNING = Finding("mapping_gap", Severity.WARNING, "connection", "Two values have no entry.", "Add them.", "x[1]")


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACME_SECRET", "hunter2-hunter2")
    monkeypatch.setenv("BROKER_ADMIN_TOKEN", "an-admin-token-of-tests")
    monkeypatch.setenv("BROKER_VIEWER_TOKEN", "a-viewer-token-of-tests")
    Path("acme.yaml").write_text(FILE)


@dataclass
class Desk:
    """A desk whose `mappings` give one report; keeps what it was asked about."""

    report: CheckReport
    asked: list[Any] = field(default_factory=list)

    @property
    def mappings(self) -> "Desk":
        return self

    async def check(self, file: ConnectionFile) -> CheckReport:
        self.asked.append(file.autotask.secret.get_secret_value())
        return self.report

    async def check_named(self, name: str) -> CheckReport:
        self.asked.append(name)
        return self.report


def run(desk: Desk, *arguments: str) -> Result:
    @asynccontextmanager
    async def opened(settings: Settings) -> AsyncIterator[Any]:
        yield desk

    app = Typer()
    app.command()(check)
    result = CliRunner().invoke(app, list(arguments), obj=Surroundings(opened))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_errors_come_before_warnings_and_end_with_three() -> None:
    desk = Desk(CheckReport((WARNING, ERROR)))
    result = run(desk, "acme.yaml")
    assert result.exit_code == 3
    assert result.stdout.index("x[0]: No such field. Did you mean title?") < result.stdout.index("x[1]: Two values")
    assert desk.asked == ["hunter2-hunter2"]


def test_warnings_alone_are_shown_and_do_not_fail() -> None:
    result = run(Desk(CheckReport((WARNING,))), "acme")
    assert (result.exit_code, "Add them." in result.stdout) == (0, True)


def test_a_name_is_checked_as_it_is_stored() -> None:
    desk = Desk(CheckReport(()))
    result = run(desk, "acme")
    assert (result.exit_code, result.stdout, desk.asked) == (0, "acme: nothing to mend.\n", ["acme"])


def test_json_holds_every_finding_of_every_connection() -> None:
    result = run(Desk(CheckReport((ERROR,))), "acme.yaml", "--json")
    (row,) = json.loads(result.stdout)
    assert (result.exit_code, row["name"], row["sound"], row["faults"]) == (3, "acme", False, [])
    assert row["findings"][0]["mend"] == "Did you mean title?"


def test_faults_of_the_file_itself_are_told_without_asking_anybody() -> None:
    Path("acme.yaml").write_text(FILE.replace("client_id", "client_di"))
    desk = Desk(CheckReport(()))
    result = run(desk, "acme.yaml")
    assert (result.exit_code, desk.asked) == (3, [])
    assert "client_id" in result.stderr


def test_a_file_that_is_not_there_is_bad_usage() -> None:
    result = run(Desk(CheckReport(())), "other.yaml")
    assert (result.exit_code, "There is no file other.yaml." in result.stderr) == (2, True)
