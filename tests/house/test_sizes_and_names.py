"""The house rules that a tool can hold: laws, sizes, names, and reasons for every exception."""

import ast
import re
import tokenize
from pathlib import Path

from tests.house.house_kit import APP, TESTS, files, functions, protocols, shown

MOST_FILE_LINES, MOST_FUNCTION_LINES, MOST_METHODS = 400, 40, 8
BANNED = re.compile(r"(utils?|common|helpers?|managers?|base)$")
LONG_FUNCTIONS = {
    "app/simulators/autotask/seeding.py:make_seed": "one literal: the customer that every demo starts with"
}
"""Functions that may be longer than the rest, each with its reason."""

EXCUSED = re.compile(r"#\s*(type:\s*ignore(\[[^\]]*\])?|noqa(:\s*[A-Z0-9, ]+)?)(?P<rest>.*)$")


def test_every_package_states_its_law_in_a_few_lines() -> None:
    for path in files(APP):
        if path.name == "__init__.py":
            law = ast.get_docstring(ast.parse(path.read_text())) or ""
            assert len(law) > 40, f"{shown(path)} says nothing about what may be in it"
            assert len(law.splitlines()) <= 8, f"{shown(path)} is an essay"


def test_every_package_has_a_law_to_state() -> None:
    folders = {path.parent for path in files(APP)}
    assert [shown(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {shown(path): len(path.read_text().splitlines()) for path in files(APP, TESTS)}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_FILE_LINES} == {}


def test_no_function_of_the_product_is_longer_than_40_lines() -> None:
    lengths = {name: lines for path in files(APP) for name, lines in functions(path)}
    long = {name for name, lines in lengths.items() if lines > MOST_FUNCTION_LINES}
    assert long == set(LONG_FUNCTIONS), "too long, or excused and short by now"


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = [
        shown(path) for path in files(APP, TESTS) if BANNED.fullmatch(path.stem) or BANNED.search(path.parent.name)
    ]
    assert names == []


def test_a_protocol_has_at_most_eight_methods() -> None:
    large = {name: methods for path in files(APP) for name, methods in protocols(path) if len(methods) > MOST_METHODS}
    assert large == {}


def test_every_public_port_says_what_each_question_means() -> None:
    silent = []
    for path in files(APP / "ports"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(parent) == "Protocol" for parent in node.bases):
                asked = [one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
                documented = [one for one in asked if ast.get_docstring(one)] or ast.get_docstring(node)
                silent += [] if documented else [f"{shown(path)}:{node.name}"]
    assert silent == []


def test_every_excuse_from_a_check_carries_its_reason() -> None:
    bare = [place for path in files(APP, TESTS) for place in _bare_excuses(path)]
    assert bare == []


def _bare_excuses(path: Path) -> list[str]:
    """Excuses without a word behind them; only comments count, not texts that speak of one."""
    with path.open("rb") as source:
        comments = [token for token in tokenize.tokenize(source.readline) if token.type == tokenize.COMMENT]
    found = []
    for comment in comments:
        excuse = EXCUSED.search(comment.string)
        if excuse and len(excuse["rest"].strip(" -#")) < 8:
            found.append(f"{shown(path)}:{comment.start[0]}: {comment.string}")
    return found


def test_no_transaction_is_open_where_a_vendor_may_be_awaited() -> None:
    """Only the adapters of the database begin one, and they cannot import a vendor (contract `adapter-rooms`)."""
    openers = re.compile(r"\.(begin|begin_nested|transaction)\(|\bbegin\(")
    rooms = [APP / room for room in ("core", "ports", "services", "worker", "web", "cli", "bootstrap")]
    assert [shown(path) for path in files(*rooms) if openers.search(path.read_text())] == []


def test_the_name_of_a_test_is_a_sentence() -> None:
    short: list[str] = []
    for path in files(TESTS):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                short += [f"{shown(path)}:{node.name}"] if node.name.count("_") < 3 else []
    assert short == []


def test_nothing_is_put_off_or_skipped() -> None:
    put_off = re.compile(r"\b(TODO|FIXME|XXX)\b|pytest\.(skip|xfail)|mark\.(skip|skipif|xfail)|for now\b")
    others = [path for path in files(APP, TESTS) if path != Path(__file__)]
    assert [shown(path) for path in others if put_off.search(path.read_text())] == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    places = re.compile(r"/(work|root|home)/|[\"']/tmp/")
    known = [shown(path) for path in files(APP, TESTS) if path != Path(__file__) and places.search(path.read_text())]
    assert known == []
