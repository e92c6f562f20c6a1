"""No wrong mapping survives: each broken file is refused, at its place, with the sentence that mends it."""

from pathlib import Path

import pytest

from app.adapters.system.connection_file import load
from app.core.model.finding import Severity
from tests.services.connections.check_kit import HEAD, checked, loaded, said
from tests.services.connections.wrong_files import Wrong
from tests.services.connections.wrong_mappings import DIRECTIONS, PLACES, TYPES
from tests.services.connections.wrong_values import DEMANDS, IDS

WRONG = (*PLACES, *TYPES, *IDS, *DEMANDS, *DIRECTIONS)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
async def test_a_wrong_file_is_refused_with_the_sentence_that_mends_it(wrong: Wrong, tmp_path: Path) -> None:
    report = await checked(loaded(tmp_path, wrong.text))
    errors = [one for one in report.findings if one.severity is Severity.ERROR]
    assert (wrong.field, wrong.mend) in {(one.field, one.mend) for one in errors}, said(report.findings)
    assert not report.is_sound


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
async def test_one_fault_is_one_error(wrong: Wrong, tmp_path: Path) -> None:
    report = await checked(loaded(tmp_path, wrong.text))
    errors = [one for one in report.findings if one.severity is Severity.ERROR]
    assert len(errors) == 1, said(errors)


def test_a_message_type_that_is_misspelt_is_told_before_anybody_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(HEAD + "notes: {send: [FROMTECH, TECHTOMANGER]}\n")
    (fault,) = load(path, {}).faults
    assert (fault.where, fault.mend) == ("notes.send[1]", "Perhaps 'TECHTOMANAGER' was meant")


def test_there_are_at_least_forty_and_no_two_are_the_same() -> None:
    assert len({wrong.text for wrong in WRONG}) == len(WRONG) >= 40
