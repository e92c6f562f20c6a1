"""`broker connection versions` and `revert`: what is listed, shown and applied again."""

import json
import os
import pwd
from pathlib import Path

from tests.cli.test_connection_commands import FILE, House, _own_folder, applied, house

__all__ = ["_own_folder", "house"]
ME = pwd.getpwuid(os.getuid()).pw_name


def twice(house: House) -> House:
    applied(house)
    Path("acme.yaml").write_text(FILE.replace("Title", "id") + "time_zone: America/Chicago\n")
    return applied(house)


def test_versions_are_listed_with_who_applied_them(house: House) -> None:
    result = twice(house).run("connection", "versions", "acme")
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["version", "is", "active", "at", "who", "note", "paths", "changed"]
    assert (lines[1].split()[:2], lines[2].split()[:2]) == (["1", "no"], ["2", "yes"])
    rows = json.loads(house.run("connection", "versions", "acme", "--json").stdout)
    assert [(row["version"], row["who"], row["is_active"]) for row in rows] == [(1, ME, False), (2, ME, True)]
    assert rows[1]["paths_changed"] == 2


def test_the_difference_of_a_version_shows_a_changed_rule_by_its_key(house: House) -> None:
    result = twice(house).run("connection", "versions", "acme", "--show", "2")
    assert result.stdout.startswith("acme: version 2 against version 1\n")
    assert "mappings.inbound[0].source (title)" in result.stdout
    found = json.loads(house.run("connection", "versions", "acme", "--show", "2", "--json").stdout)
    assert (found["version"], found["against"]) == (2, 1)
    assert {"path": "time_zone", "before": "UTC", "after": "America/Chicago", "rule": ""} in found["changes"]


def test_the_first_version_shows_its_rules_in_one_line_each(house: House) -> None:
    result = applied(house).run("connection", "versions", "acme", "--show", "1")
    assert result.stdout.startswith("acme: version 1 against nothing before it\n")
    assert "Title -> title, sync" in result.stdout


def test_two_versions_are_compared_in_any_direction(house: House) -> None:
    result = twice(house).run("connection", "versions", "acme", "--show", "1", "--against", "2", "--json")
    changes = {change["path"]: (change["before"], change["after"]) for change in json.loads(result.stdout)["changes"]}
    assert changes["time_zone"] == ("America/Chicago", "UTC")
    same = house.run("connection", "versions", "acme", "--show", "2", "--against", "2")
    assert (same.exit_code, same.stderr) == (0, "They are the same.\n")
    assert house.run("connection", "versions", "acme", "--against", "2").exit_code == 2


def test_a_revert_prints_the_difference_and_makes_a_version(house: House) -> None:
    tried = twice(house).run("connection", "revert", "acme", "--dry-run")
    assert (tried.exit_code, tried.stdout.splitlines()[0]) == (0, "acme: would be changed")
    result = house.run("connection", "revert", "acme")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "acme: changed")
    assert "mappings.inbound[0].source (title)" in result.stdout
    rows = json.loads(house.run("connection", "versions", "acme", "--json").stdout)
    assert (rows[-1]["version"], rows[-1]["who"], rows[-1]["note"]) == (3, ME, "back to version 1")
    report = json.loads(house.run("connection", "revert", "acme", "--to", "2", "--json").stdout)
    assert report["verb"] == "changed"


def test_going_back_to_what_is_not_there_ends_with_1_and_a_sentence(house: House) -> None:
    twice(house)
    for arguments, sentence in {
        ("revert", "acme", "--to", "9"): "acme has no version 9; it has versions 1 to 2.",
        ("revert", "acme", "--to", "2"): "Version 2 of acme is the active one: there is nothing to go back to.",
        ("versions", "acme", "--show", "9"): "acme has no version 9; it has versions 1 to 2.",
        ("versions", "acne"): "There is no connection named 'acne'. Perhaps 'acme' was meant.",
    }.items():
        result = house.run("connection", *arguments)
        assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{sentence}\n")


def test_a_version_that_is_refused_ends_with_1_and_changes_nothing(house: House) -> None:
    twice(house).desk.vendors.ci = 4712
    result = house.run("connection", "revert", "acme")
    assert (result.exit_code, result.stdout.startswith("acme: refused")) == (1, True)
    assert len(json.loads(house.run("connection", "versions", "acme", "--json").stdout)) == 2
