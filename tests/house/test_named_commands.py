"""What our texts tell people to type can be typed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from app.cli import build

ROOT = Path(__file__).parent.parent.parent
TEXTS = [
    ROOT / "README.md",
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "config").rglob("*.y*ml"),
    *(ROOT / "app").rglob("*.py"),
]
# In backquotes anywhere; at the start of a line in a block of commands.
NAMED = re.compile(r"`broker ([a-z][^`\n]*)`|^(?:\s*#?\s*)broker ([a-z][a-z-]* .*|[a-z][a-z-]*)$", re.M)


def test_every_command_that_a_text_names_exists() -> None:
    root = typer.main.get_command(build())
    missing = [f"{path.relative_to(ROOT)}: broker {words}" for path, words in named() if not _exists(root, words)]
    assert missing == []


@pytest.mark.parametrize("words", ["connection aply FILE", "fly", "jobs retry --everything"])
def test_a_command_that_does_not_exist_is_noticed(words: str) -> None:
    assert not _exists(typer.main.get_command(build()), words)


def named() -> Iterator[tuple[Path, str]]:
    for path in TEXTS:
        for quoted, typed in NAMED.findall(path.read_text()):
            yield path, (quoted or typed).partition("#")[0].strip()


def _exists(command: Any, words: str) -> bool:
    """Whether the words lead to a command that has all the options they use; `a / b` names several."""
    rest = [word.rstrip(",") for word in words.replace("[", " ").replace("]", " ").split()]
    while hasattr(command, "commands") and rest and not rest[0].startswith(("-", "...")):
        choices = rest.pop(0).split("/")
        if any(choice not in command.commands for choice in choices):
            return False
        command = command.commands[choices[0]]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return all(word.partition("=")[0] in known for word in rest if word.startswith("--"))
