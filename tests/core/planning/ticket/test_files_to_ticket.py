"""Files become attachments; what is too large becomes a link to the work order's page."""

from decimal import Decimal
from typing import Any

import pytest

from app.core.model.connection import ConnectionFile
from app.core.model.ledger import LedgerState
from app.core.planning.ticket.files import LARGEST_FILE_BYTES
from app.core.planning.ticket.place import Place
from app.core.planning.ticket.to_ticket import file_keys_due
from tests.core.planning.ticket.ticket_kit import (
    OWNER,
    SECOND_LOOK,
    Ask,
    Complete,
    Desk,
    a_photo,
    codes,
    the_file,
    verbs,
)


def files(**settings: Any) -> ConnectionFile:
    return the_file(attachments={"enabled": True, **settings})


def attached(*rows: Any, **settings: Any) -> Desk:
    """After a push of these files."""
    world = Desk(files(**settings), files=list(rows))
    world.push_files()
    return world


def test_a_file_becomes_an_attachment_named_like_it_and_marked_with_folder_and_id() -> None:
    world = attached(a_photo())
    assert world.row("TicketAttachments") == {
        "id": 1001,
        "ticketID": 7,
        "attachmentType": "FILE_ATTACHMENT",
        "publish": 2,
        "title": "ups.jpg (#12/5)",
        "fullPath": "ups.jpg",
    }
    assert world.made[0].parent == ("Tickets", 7)
    assert world.push_files().intents == []


def test_files_of_two_folders_may_have_one_id() -> None:
    folders = [{"id": 1, "results": [a_photo(folder=1)]}, {"id": 12, "results": [a_photo()]}]
    assert verbs(attached(*folders).plan_of_files()) == []
    assert [row["title"] for row in attached(*folders).rows("TicketAttachments")] == [
        "ups.jpg (#1/5)",
        "ups.jpg (#12/5)",
    ]


@pytest.mark.parametrize(
    ("size", "is_link"),
    [(LARGEST_FILE_BYTES, False), (LARGEST_FILE_BYTES + 1, True), ("6000001", True), (None, False), ("big", False)],
)
def test_a_file_over_six_million_bytes_becomes_a_link_that_names_it(size: Any, is_link: bool) -> None:
    row = attached(a_photo(size=size)).row("TicketAttachments")
    assert (row["attachmentType"] == "URL") is is_link
    page = "https://app.fieldnation.com/workorders/70211"
    assert (row["fullPath"], row["title"]) == (page if is_link else "ups.jpg", "ups.jpg (#12/5)")


@pytest.mark.parametrize("size", ["2048", 2048.0, Decimal("2048.0")])
def test_a_size_spelled_otherwise_is_no_change(size: Any) -> None:
    world = attached(a_photo())
    world.files = [a_photo(size=size)]
    assert world.push_files().intents == []


@pytest.mark.parametrize("changed", [a_photo(size=4096), a_photo(name="ups-2.jpg")])
def test_a_changed_file_is_deleted_and_made_anew(changed: Any) -> None:
    world = attached(a_photo())
    world.files = [changed]
    assert verbs(world.push_files()) == [("delete", "12/5"), ("create", "12/5")]
    assert world.row("TicketAttachments")["fullPath"] == changed["file"]["name"]
    assert world.push_files().intents == []


def test_where_nothing_may_be_deleted_a_changed_file_is_added_beside_the_old_one() -> None:
    world = attached(a_photo(), delete=False)
    world.files = [a_photo(name="ups-2.jpg")]
    assert verbs(world.push_files()) == [("create", "12/5")]
    assert [row["fullPath"] for row in world.rows("TicketAttachments")] == ["ups.jpg", "ups-2.jpg"]
    assert world.push_files().intents == []


@pytest.mark.parametrize("delete", [True, False])
def test_a_removed_file_is_deleted_where_the_file_says_so(delete: bool) -> None:
    world = attached(a_photo(), delete=delete)
    world.files = []
    first = world.push_files()
    world.wait()
    world.push_files()
    assert (first.intents, first.looks_again) == ([], delete)
    assert len(world.rows("TicketAttachments")) == (0 if delete else 1)


def test_a_replacement_that_autotask_refused_is_made_when_it_is_tried_again() -> None:
    world = attached(a_photo())
    world.files = [a_photo(size=4096)]
    world.refused = {("create", "attachment"): LedgerState.REJECTED}
    world.push_files()
    assert codes(world.push_files().findings) == ["item_rejected"]
    world.refused = {}
    assert verbs(world.push_files(retry=True)) == [("create", "12/5")]
    assert world.push_files().intents == []


def test_a_replacement_whose_answer_was_lost_and_that_never_happened_is_made() -> None:
    world = attached(a_photo())
    world.files = [a_photo(size=4096)]
    delete, create = world.plan_of_files().intents
    world.write(delete)
    world.write(create, lost=LedgerState.VOID)
    assert verbs(world.push_files()) == [("create", "12/5")]
    assert len(world.rows("TicketAttachments")) == 1


def test_a_long_name_keeps_the_mark() -> None:
    row = attached(a_photo(name="n" * 300)).row("TicketAttachments")
    assert (len(row["title"]), row["title"][-8:], len(row["fullPath"])) == (255, " (#12/5)", 255)


def test_a_file_without_a_name_is_called_by_its_number() -> None:
    assert attached(a_photo(name="")).row("TicketAttachments")["fullPath"] == "file 12/5"


def test_a_file_without_an_id_is_said() -> None:
    plan = attached().plan_of_files()
    assert plan.findings == []
    world = Desk(files(), files=[a_photo(None)])
    assert (world.push_files().intents, codes(world.push_files().findings)) == ([], ["item_without_id"])


def test_files_of_a_project_go_to_its_task_and_nowhere_when_there_is_none() -> None:
    world = Desk(files(), place=Place("Tasks", 55), files=[a_photo()])
    world.push_files()
    assert world.row("TaskAttachments")["taskID"] == 55
    nowhere = Desk(files(), place=Place("Tasks", 0, "no task is named"), files=[a_photo()])
    plan = nowhere.push_files()
    assert (plan.intents, "no task is named" in plan.findings[0].text) == ([], True)


def test_the_files_have_a_job_of_their_own_only_when_there_is_something_to_do() -> None:
    ask, world = Ask(OWNER, SECOND_LOOK), Desk(files(), files=[a_photo()])
    assert file_keys_due(world.context(), ask, is_complete=True)
    world.push_files()
    assert not file_keys_due(world.context(), ask, is_complete=True)
    world.files = []
    assert not file_keys_due(world.context(), ask, is_complete=False)
    assert file_keys_due(world.context(), ask, is_complete=True)


def test_the_push_itself_plans_no_files_and_the_files_nothing_else() -> None:
    world = Desk(files(), files=[a_photo()])
    assert world.plan(Complete(time_logs=True, expenses=True, files=True)).intents == []
    assert {intent.kind for intent in world.plan_of_files().intents} == {"attachment"}
