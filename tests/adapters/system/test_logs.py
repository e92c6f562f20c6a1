"""Logs: one line for each event, and no secret in any."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.adapters.system import logs


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def lines(style: str = "json", level: str = "info", **event: object) -> str:
    stream = io.StringIO()
    logs.configure(style, level, stream)  # type: ignore[arg-type]  # a text of the parameters
    structlog.get_logger("place").info("happened", **event)
    return stream.getvalue()


def test_a_line_is_json_with_a_time_in_utc() -> None:
    line = json.loads(lines(connection="acme", n=1))
    assert (line["event"], line["level"], line["logger"], line["connection"], line["n"]) == (
        "happened",
        "info",
        "place",
        "acme",
        1,
    )
    assert line["timestamp"].endswith("Z")


def test_a_line_for_people_holds_the_same() -> None:
    text = lines("console", connection="acme")
    assert "happened" in text
    assert "acme" in text


def test_what_is_below_the_level_is_left_out() -> None:
    assert lines(level="warning") == ""


@pytest.mark.parametrize("style", ["console", "json"])
@pytest.mark.parametrize(
    "event",
    [
        {"client_token": "hunter2"},
        {"access_token": "hunter2"},
        {"secret": "hunter2"},
        {"password": "hunter2"},
        {"headers": {"Authorization": "Bearer hunter2", "Secret": "hunter2"}},
        {"rows": [{"field_nation": {"client_secret": "hunter2"}}]},
        {"url": "https://x/v1?client_token=hunter2&y=1"},
        {"url": "https://x/api?a=1&access_token=hunter2"},
        {"url": "postgresql://broker:hunter2@db/broker"},
        {"body": '{"password": "hunter2"}'},
        {"said": "sent Bearer hunter2hunter2"},
        {"error": ValueError("no such token: access_token=hunter2")},
    ],
)
def test_no_secret_stands_in_a_line(style: str, event: dict[str, object]) -> None:
    text = lines(style, **event)
    assert "happened" in text
    assert "hunter2" not in text


def test_a_trace_hides_what_its_message_holds() -> None:
    stream = io.StringIO()
    logs.configure("json", "info", stream)
    try:
        raise ValueError("https://x?access_token=hunter2")
    except ValueError:
        structlog.get_logger("place").exception("failed")
    line = json.loads(stream.getvalue())
    assert "ValueError" in line["exception"]
    assert "hunter2" not in stream.getvalue()


def test_lines_of_other_libraries_come_the_same_way() -> None:
    stream = io.StringIO()
    logs.configure("json", "info", stream)
    logging.getLogger("library").warning("GET %s", "https://x?access_token=hunter2&b=1")
    logging.getLogger("httpx").info("HTTP Request: GET https://x")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"]) == ("GET https://x?access_token=***&b=1", "warning")


def test_harmless_words_stay() -> None:
    line = json.loads(lines(text="the token was rotated", live_tokens=2, secret=None, keys=["a"]))
    assert (line["text"], line["live_tokens"], line["secret"], line["keys"]) == (
        "the token was rotated",
        2,
        None,
        ["a"],
    )
