"""The guide for operators is complete: whoever meets a code finds it there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("core/mapping", "core/planning", "services", "adapters")
GUIDE = (ROOT / "docs" / "operations.md").read_text()
CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def test_every_code_that_a_person_may_meet_is_explained() -> None:
    explained = set(re.findall(r"`([a-z_]+)`", GUIDE))
    assert sorted(codes() - explained) == []


def test_every_code_that_is_explained_exists() -> None:
    listed = {code for row in re.findall(r"^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \|", GUIDE, re.M) for code in _names(row)}
    written = "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    # Two families are made of a system's name and an ending.
    made = {f"{system}_{end}" for system in ("autotask", "field_nation") for end in ("refused", "not_checked")}
    made |= {"other_database", "other_company"}
    assert sorted(code for code in listed - made if f'"{code}"' not in written) == []


def codes() -> set[str]:
    """Every literal that is given as the parameter `code` of a function or class of these rooms."""
    trees = [ast.parse(path.read_text()) for room in ROOMS for path in (ROOT / "app" / room).rglob("*.py")]
    trees += [ast.parse((ROOT / "app" / "core" / "model" / f"{name}.py").read_text()) for name in _NOUNS]
    places = {name: place for tree in trees for name, place in _places(tree)}
    return {code for tree in trees for code in _given(tree, places)} - _NOT_FOR_PEOPLE


_NOUNS = ("failure", "finding", "outcome")
_NOT_FOR_PEOPLE = {"unauthorized"}


def _places(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The position of the parameter `code` of everything that has one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            fields = [one.target.id for one in node.body if isinstance(one, ast.AnnAssign) and _is_name(one.target)]
            inits = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
            names = [one.arg for one in inits[0].args.args[1:]] if inits else fields
            if "code" in names:
                yield node.name, names.index("code")
        elif isinstance(node, ast.FunctionDef):
            names = [one.arg for one in node.args.args if one.arg not in ("self", "cls")]
            if "code" in names:
                yield node.name, names.index("code")


def _given(tree: ast.AST, places: dict[str, int]) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in places:
            continue
        value = next((one.value for one in node.keywords if one.arg == "code"), None)
        if value is None and places[name] < len(node.args):
            value = node.args[places[name]]
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and CODE.fullmatch(value.value):
            yield value.value


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def _names(row: str) -> list[str]:
    return re.findall(r"`([a-z_]+)`", row)
