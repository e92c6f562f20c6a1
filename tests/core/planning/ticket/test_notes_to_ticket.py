"""Messages become notes: written once, never changed, never taken away."""

from typing import Any

import pytest

from app.core.planning.ticket.place import Place
from app.core.planning.ticket.wishes import CUT
from tests.core.mapping.outbound_kit import compiled, rule
from tests.core.planning.ticket.ticket_kit import Desk, codes, message, the_file, verbs


def test_a_message_becomes_a_note_whose_title_says_who_wrote_it_and_ends_with_its_mark() -> None:
    world = Desk(messages=[message()])
    world.push()
    assert world.row("TicketNotes") == {
        "id": 1001,
        "ticketID": 7,
        "title": "Field Nation: Ada Byron, Provider (#501)",
        "description": "On site.",
        "noteType": 3,
        "publish": 2,
    }
    assert world.made[0].parent == ("Tickets", 7)
    assert world.push().intents == []


@pytest.mark.parametrize(
    ("by", "title"),
    [
        ({"id": 88, "name": "Ada Byron"}, "Field Nation: Ada Byron (#501)"),
        ({"id": 88, "role": "Buyer"}, "Field Nation: Buyer (#501)"),
        (None, "Field Nation (#501)"),
    ],
)
def test_a_title_says_what_is_known_of_the_author(by: Any, title: str) -> None:
    world = Desk(messages=[message(**{"from": by})])
    world.push()
    assert world.row("TicketNotes")["title"] == title


@pytest.mark.parametrize(
    ("role", "is_sent"),
    [
        ("FROMTECH", True),
        ("TECHTOMANAGER", True),
        ("REPLY", True),
        ("REPLYTOTHREAD", True),
        ("replytothread", True),
        ("INTERNAL", False),
        ("STAFF_NOTE", False),
        ("ASSIGNEDTECH", False),
        ("", False),
        (None, False),
    ],
)
def test_only_messages_of_the_kinds_in_the_file_are_sent(role: Any, is_sent: bool) -> None:
    assert bool(Desk(messages=[message(role=role)]).plan().intents) is is_sent


def test_the_file_may_send_other_kinds() -> None:
    world = Desk(the_file(notes={"send": ["INTERNAL"]}), messages=[message(role="INTERNAL"), message("502")])
    assert verbs(world.plan()) == [("create", "501")]


def test_replies_become_notes_of_their_own_each_once() -> None:
    reply = message("502", "Good.", "REPLY", replies=[message("503", "Bye.", "REPLYTOTHREAD")])
    world = Desk(messages=[message(replies=[reply]), reply])
    world.push()
    assert [row["description"] for row in world.rows("TicketNotes")] == ["On site.", "Good.", "Bye."]
    assert world.push().intents == []


@pytest.mark.parametrize("text", ["", "  \n", None])
def test_a_message_without_text_makes_no_note(text: Any) -> None:
    plan = Desk(messages=[message(text=text)]).plan()
    assert (plan.intents, plan.findings) == ([], [])


def test_a_long_text_is_cut_and_says_so() -> None:
    world = Desk(messages=[message(text="w" * 40_000)])
    assert codes(world.push().findings) == ["text_cut"]
    text = world.row("TicketNotes")["description"]
    assert (len(text), text[-len(CUT) :]) == (32_000, CUT)


def test_a_long_title_keeps_its_mark_and_the_length_of_the_field() -> None:
    world = Desk(messages=[message(**{"from": {"name": "N" * 400}})])
    world.push()
    title = world.row("TicketNotes")["title"]
    assert (len(title), title[-7:]) == (250, " (#501)")
    short = Desk(messages=[message(**{"from": {"name": "N" * 400}})], lengths={"TicketNotes": {"title": 60}})
    short.push()
    title = short.row("TicketNotes")["title"]
    assert (len(title), title[-7:]) == (60, " (#501)")


def test_a_note_is_never_changed_and_never_taken_away() -> None:
    world = Desk(rules=compiled(rule("title", "TicketNote.[0].Title")), messages=[message()])
    world.push()
    world.messages = [message(text="Something else.", **{"from": {"name": "Bo"}})]
    assert world.push_twice(resync=True, retry=True).intents == []
    world.messages = []
    plan = world.push_twice(delete=True)
    assert (plan.intents, plan.looks_again) == ([], False)
    assert world.row("TicketNotes")["description"] == "On site."


def test_a_mapped_title_keeps_the_mark_at_its_end() -> None:
    world = Desk(rules=compiled(rule("title", "TicketNote.[0].Title")), messages=[message()])
    world.push()
    assert world.row("TicketNotes")["title"] == "Replace UPS (#501)"


def test_notes_of_a_project_are_notes_of_its_task() -> None:
    world = Desk(place=Place("Tasks", 55), messages=[message()])
    world.push()
    assert (world.row("TaskNotes")["taskID"], world.made[0].parent) == (55, ("Tasks", 55))


def test_a_message_without_an_id_is_said_and_withholds_no_status() -> None:
    plan = Desk(messages=[message(None), message("502")]).push()
    assert (verbs(plan), codes(plan.findings), plan.is_failing) == ([("create", "502")], ["item_without_id"], False)


def test_a_setting_that_is_changed_later_rewrites_no_note() -> None:
    world = Desk(messages=[message()])
    world.push()
    world.file = the_file(notes={"note_type": 9, "publish": 1})
    assert world.push().intents == []
