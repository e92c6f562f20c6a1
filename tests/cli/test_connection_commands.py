"""The commands, over the real services and small fakes of what they ask."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner, Result

from app.adapters.system.secrets import AesSealer
from app.cli import build
from app.core.model.failure import Transient
from app.settings import Settings
from tests.fakes.connections import KEY, FakeDesk

FILE = """name: acme
autotask: {username: api@acme.example, secret: "${ACME_SECRET}"}
field_nation: {client_id: c, client_secret: "${ACME_SECRET}", username: u, password: "${ACME_SECRET}"}
time_entries: {resource_id: 29682885, role_id: 29683354}
expenses: {submitter_id: 29682885, expense_category: 2, payment_type: 1}
mappings:
  inbound:
    - {source: Title, target: title, action: sync}
"""


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACME_SECRET", "hunter2-hunter2")
    monkeypatch.setenv("BROKER_ADMIN_TOKEN", "an-admin-token-of-tests")
    monkeypatch.setenv("BROKER_VIEWER_TOKEN", "a-viewer-token-of-tests")
    Path("acme.yaml").write_text(FILE)
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


class House:
    """Runs commands against one desk, and keeps everything that was printed."""

    def __init__(self) -> None:
        self.desk = FakeDesk()
        self.away: Exception | None = None
        self.printed = ""

    def run(self, *arguments: str) -> Result:
        @asynccontextmanager
        async def opened(settings: Settings) -> AsyncIterator[Any]:
            if self.away:
                raise self.away
            yield self.desk

        result = CliRunner().invoke(build(opened), list(arguments))
        self.printed += result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    assert "hunter2" not in house.printed


def applied(house: House) -> House:
    assert house.run("connection", "apply", "acme.yaml").exit_code == 0
    return house


def test_applying_prints_the_difference_and_stores(house: House) -> None:
    result = house.run("connection", "apply", "acme.yaml")
    assert result.exit_code == 0
    assert result.stdout.startswith("acme: created\n")
    assert "autotask.secret" in result.stdout
    assert len(house.desk.store.rows) == 1


def test_a_dry_run_says_what_would_be_done(house: House) -> None:
    result = house.run("connection", "apply", "acme.yaml", "--dry-run")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "acme: would be created")
    assert house.desk.store.rows == {}


def test_applying_as_json_is_one_list_of_reports(house: House) -> None:
    result = house.run("connection", "apply", "acme.yaml", "--json")
    (report,) = json.loads(result.stdout)
    assert (report["name"], report["verb"], report["findings"]) == ("acme", "created", [])
    assert {"path": "autotask.secret", "before": "not set", "after": "set", "rule": ""} in report["changes"]


def test_a_broken_file_is_refused_with_every_complaint_and_nothing_is_applied(house: House) -> None:
    Path("broken.yaml").write_text("name: beta\nautotask: 5\n")
    result = house.run("connection", "apply", "acme.yaml", "broken.yaml")
    assert result.exit_code == 1
    assert "autotask (line 2): 5 is not a group of keys" in result.stderr
    assert "field_nation: is missing" in result.stderr
    assert house.desk.store.rows == {}


def test_one_name_in_two_files_is_refused(house: House) -> None:
    Path("again.yaml").write_text(FILE)
    result = house.run("connection", "apply", "acme.yaml", "again.yaml")
    assert (result.exit_code, "'acme' stands in two of the files" in result.stderr) == (1, True)


def test_a_refused_file_ends_with_1_and_says_why(house: House) -> None:
    Path("acme.yaml").write_text(FILE.replace("Title", "Titel"))
    result = house.run("connection", "apply", "acme.yaml")
    assert (result.exit_code, result.stdout.startswith("acme: refused")) == (1, True)
    assert "mappings.inbound[0].source" in result.stdout


def test_no_file_is_bad_usage(house: House) -> None:
    assert house.run("connection", "apply").exit_code == 2
    assert house.run("connection", "fly").exit_code == 2


def test_listing_and_showing(house: House) -> None:
    empty = house.run("connection", "list")
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert json.loads(house.run("connection", "list", "--json").stdout) == []
    applied(house)
    assert "acme" in house.run("connection", "list").stdout
    (row,) = json.loads(house.run("connection", "list", "--json").stdout)
    assert (row["name"], row["state"], row["pause"]) == ("acme", "active", None)
    shown = json.loads(house.run("connection", "show", "acme", "--json").stdout)
    assert shown["file"]["field_nation"]["password"] == "(set)"
    assert "username: api@acme.example" in house.run("connection", "show", "acme").stdout


def test_an_unknown_name_ends_with_1_and_a_sentence(house: House) -> None:
    for command in ("show", "export", "delete", "test", "trigger-url", "pause", "resume"):
        result = applied(house).run("connection", command, "acne")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "There is no connection named 'acne'. Perhaps 'acme' was meant.\n"


def test_an_export_can_be_applied_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    text = applied(house).run("connection", "export", "acme").stdout
    for name in ("ACME_AUTOTASK_SECRET", "ACME_FN_CLIENT_SECRET", "ACME_FN_PASSWORD"):
        assert f"${{{name}}}" in text
        monkeypatch.setenv(name, "hunter2-hunter2")
    Path("exported.yaml").write_text(text)
    assert house.run("connection", "apply", "exported.yaml").stdout == "acme: unchanged\n"


def test_a_test_shows_the_matrix_and_fails_for_a_missing_right(house: House) -> None:
    assert applied(house).run("connection", "test", "acme").exit_code == 0
    house.desk.vendors.denied = frozenset({("Tickets", "view")})
    result = house.run("connection", "test", "acme")
    assert result.exit_code == 1
    assert "NOT granted" in result.stdout
    report = json.loads(house.run("connection", "test", "acme", "--json").stdout)
    assert report["sound"] is False
    assert report["permissions"][0]["state"] == "fail"


def test_the_trigger_url_alone_is_on_standard_output_and_once(house: House) -> None:
    first = applied(house).run("connection", "trigger-url", "acme")
    assert first.stdout == "https://broker.example/v1/broker/inbound?client_token=made-token-number-1\n"
    again = house.run("connection", "trigger-url", "acme")
    assert (again.exit_code, again.stdout, "--rotate" in again.stderr) == (1, "", True)
    rotated = json.loads(house.run("connection", "trigger-url", "acme", "--rotate", "--json").stdout)
    assert (rotated["live_tokens"], rotated["url"][-1]) == (2, "2")


def test_pausing_resuming_and_deleting(house: House) -> None:
    assert applied(house).run("connection", "pause", "acme").exit_code == 0
    assert json.loads(house.run("connection", "list", "--json").stdout)[0]["pause"]["by_person"] is True
    assert house.run("connection", "resume", "acme").exit_code == 0
    assert house.run("connection", "delete", "acme").exit_code == 0
    assert json.loads(house.run("connection", "list", "--json").stdout) == []
    assert "archived" in house.run("connection", "list", "--archived").stdout


def test_keys_are_rotated(house: House) -> None:
    applied(house).desk.keys = (b"n" * 32, KEY)
    assert json.loads(house.run("keys", "rotate", "--json").stdout) == {"resealed": 3, "not_opened": []}
    sealed = next(iter(house.desk.store.sealed.values()))
    assert AesSealer([b"n" * 32]).open("acme", "autotask.secret", sealed["autotask.secret"])
    house.desk.keys = (b"z" * 32,)
    result = house.run("keys", "rotate")
    assert (result.exit_code, "no key opens autotask.secret" in result.stderr) == (1, True)


def test_the_doctor_is_a_table_and_json(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_LEASE_SECONDS", "3")
    assert applied(house).run("doctor").exit_code == 0
    checks = json.loads(house.run("doctor", "--json").stdout)
    assert [(check["name"], check["state"]) for check in checks][:3] == [
        ("settings", "pass"),
        ("settings", "warn"),
        ("database", "pass"),
    ]
    assert "BROKER_LEASE_S" in checks[1]["text"]


def test_the_doctor_reports_a_database_that_is_away(house: House) -> None:
    house.away = Transient("The database does not answer.")
    result = house.run("doctor", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[-1]["state"] == "fail"


def test_tokens_that_a_command_made_are_shown_this_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BROKER_ADMIN_TOKEN")
    first, second = house.run("connection", "list", "--json"), house.run("connection", "list", "--json")
    assert first.stderr.startswith("BROKER_ADMIN_TOKEN=")
    assert (first.stdout, second.stderr) == ("[]\n", "")


def test_a_database_that_is_away_ends_a_command_with_1(house: House) -> None:
    house.away = Transient("The database does not answer.")
    result = house.run("connection", "list")
    assert (result.exit_code, result.stderr) == (1, "The database does not answer.\n")


def test_bad_settings_end_every_command_with_2_and_one_list(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_LEASE_S", "soon")
    monkeypatch.setenv("BROKER_ADMIN_TOKEN", "hunter2")
    result = house.run("connection", "list")
    assert result.exit_code == 2
    assert [line.split(":")[0] for line in result.stderr.splitlines()[1:]] == [
        "  - BROKER_ADMIN_TOKEN",
        "  - BROKER_LEASE_S",
    ]
    assert house.run("doctor").exit_code == 2
