"""Rules of style that neither linter nor type checker sees (style.md §3)."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import bizops_cli

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(bizops_cli.__file__).parent
MODULES = sorted(
    file for file in PACKAGE.rglob("*.py") if "_transform" not in file.parts
)
FILE_LIMIT, FUNCTION_LIMIT = 400, 50


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without its docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _functions() -> Iterator[tuple[str, int]]:
    for file in MODULES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file.relative_to(PACKAGE)}:{node.name}", _length(node)


def _reads_environment(tree: ast.AST) -> bool:
    words = {"environ", "environb", "getenv", "putenv"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in words)
        or (isinstance(node, ast.ImportFrom) and words & {n.name for n in node.names})
        for node in ast.walk(tree)
    )


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 40


def test_no_function_is_longer_than_fifty_lines() -> None:
    assert [name for name, length in _functions() if length > FUNCTION_LIMIT] == []


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    assert [
        file.name
        for file in MODULES
        if len(file.read_text("utf-8").splitlines()) > FILE_LIMIT
    ] == []


def test_only_config_and_process_read_the_environment() -> None:
    readers = [
        str(file.relative_to(PACKAGE))
        for file in MODULES
        if _reads_environment(ast.parse(file.read_text("utf-8")))
    ]
    assert [
        name
        for name in readers
        if name != "config/env.py" and not name.startswith("process/")
    ] == []


def test_no_module_is_an_attic() -> None:
    attics = {"utils", "util", "helpers", "common", "misc"}
    assert [file.stem for file in MODULES if file.stem in attics] == []
