"""The checkout as the house tests see it: its Python files, parsed."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP, TESTS = ROOT / "app", ROOT / "tests"


def files(*roots: Path) -> list[Path]:
    """Every Python file below those folders, in one order."""
    return sorted(path for root in roots for path in root.rglob("*.py") if "__pycache__" not in path.parts)


def shown(path: Path) -> str:
    """The path as people name it: `app/core/model/job.py`."""
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function of a file, as `app/x.py:name`, with its length in lines."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            yield f"{shown(path)}:{node.name}", node.end_lineno - node.lineno + 1


def protocols(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Each protocol of a file with the names of its methods."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and any(ast.unparse(parent) == "Protocol" for parent in node.bases):
            methods = [one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
            yield f"{shown(path)}:{node.name}", methods
