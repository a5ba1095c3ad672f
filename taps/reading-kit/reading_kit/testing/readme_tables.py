"""Tables of a README that come from the code, between marks in the text.

A tap's ``tests/test_readme.py`` makes the tables of its own streams, names them in a
`Readme`, and checks it; run as a program the same file writes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

KINDS = {"boolean": "true/false", "integer": "whole number", "array": "list"}


@dataclass(frozen=True, slots=True)
class Readme:
    """A README and the tables of the code that belong between its marks, by name."""

    path: Path
    tables: Mapping[str, str]

    def check(self) -> None:
        """See that the tables of the file are those of the code.

        Raises:
            AssertionError: they are not, or the file lacks a table's marks.
        """
        text = self.path.read_text("utf-8")
        if fill(text, self.tables) != text:
            raise AssertionError(
                f"tables of {self.path} are not those of the code; "
                "run: python tests/test_readme.py"
            )

    def write(self) -> None:
        """Put the tables of the code into the file."""
        text = self.path.read_text("utf-8")
        self.path.write_text(fill(text, self.tables), "utf-8")


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    lines = [header, ["---"] * len(header), *rows]
    table = ["| " + " | ".join(line) + " |" for line in lines]
    table[1] = "|" + "---|" * len(header)
    return "\n".join(table)


def settings_table(schema: Mapping[str, Any]) -> str:
    """Describe each setting of a config schema in a row."""
    header = ("setting", "type", "default", "meaning")
    rows = [_setting_row(name, spec) for name, spec in schema["properties"].items()]
    return markdown_table(header, rows)


def _setting_row(name: str, spec: Mapping[str, Any]) -> tuple[str, str, str, str]:
    kinds = [kind for kind in spec["type"] if kind != "null"]
    kind = " or ".join(KINDS.get(k, k) for k in kinds)
    if spec.get("secret"):
        kind += ", secret"
    default = spec.get("default")
    shown = "" if default in (None, []) else f"`{str(default).lower()}`"
    if isinstance(default, str):
        shown = f"`{default}`"
    choices = [f"`{c}`" for c in spec.get("enum", []) if c is not None]
    suffix = f" One of {', '.join(choices)}." if choices else ""
    return f"`{name}`", kind, shown, f"{spec['description']}{suffix}"


def fill(text: str, tables: Mapping[str, str]) -> str:
    """Put tables between the marks ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->``.

    Raises:
        AssertionError: the text lacks the marks of a table.
    """
    for name, table in tables.items():
        block = rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)"
        put = table.replace("\\", "\\\\")
        text, count = re.subn(block, rf"\g<1>{put}\n\g<2>", text, flags=re.DOTALL)
        if count != 1:
            raise AssertionError(f"the text lacks the marks of the table {name}")
    return text
