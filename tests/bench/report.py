"""What a benchmark hands over: a section of the page, and the same as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.page import write_section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.bench.machine import Machine

PAGE = Path(__file__).parents[2] / "doc" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one benchmark.

    Attributes:
        name: Name of its section.
        title: Heading of its section, if that is new.
        machine: What it was measured on.
        tables: Markdown.
        data: The same and more, for programs.
    """

    name: str
    title: str
    machine: Machine
    tables: str
    data: Mapping[str, Any]


def hand_over(
    report: Report, *, command: str, json_path: str | None, writes_page: bool
) -> None:
    """Print a report, and write it where it was asked for.

    Args:
        report: What to hand over.
        command: The command that makes it.
        json_path: File for the JSON form; `-` prints it instead of the tables.
        writes_page: Whether its section of doc/benchmarks.md is replaced.
    """
    text = f"`{command}`, {report.machine}\n\n{report.tables}"
    document = json.dumps(report.data, indent=2, ensure_ascii=False)
    if json_path == "-":
        print(document)
    else:
        print(f"\n{text}\n")
        if json_path is not None:
            Path(json_path).write_text(f"{document}\n", "utf-8")
    if writes_page:
        write_section(PAGE, report.name, title=report.title, body=text)


def note(text: str) -> None:
    """Say how far things are, where it disturbs no output."""
    print(text, file=sys.stderr, flush=True)
