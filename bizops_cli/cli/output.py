"""The only writers to the terminal; every one of them redacts."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from bizops_cli.redact import Secret, redact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_cli.errors import BizopsError


def say(text: str = "") -> None:
    """Print a line of result."""
    click.echo(redact(text))


def note(text: str) -> None:
    """Print a line that is not the result, such as progress or a warning."""
    click.echo(redact(text), err=True)


def print_json(value: object) -> None:
    """Print a result as indented JSON; dataclasses, dates and decimals are fine."""
    click.echo(redact(json.dumps(value, indent=2, default=plain, ensure_ascii=False)))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print aligned columns; numbers go to the right, None is a dash."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [
        max(len(header), *(len(row[index]) for row in cells), 0)
        for index, header in enumerate(headers)
    ]
    is_number = [
        bool(rows)
        and all(isinstance(row[i], int | float | Decimal | None) for row in rows)
        for i in range(len(headers))
    ]
    for line in [list(headers), *cells]:
        say(_aligned(line, widths, is_number))


def print_error(error: BizopsError) -> None:
    """Print message, facts and next step to stderr."""
    note(click.style("Error: ", fg="red", bold=True) + error.message)
    for key, value in error.context.items():
        note(f"  {key}: {value}")
    if error.next_step:
        note(click.style("Next: ", bold=True) + error.next_step)


def _aligned(line: list[str], widths: list[int], is_number: list[bool]) -> str:
    padded = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(line, widths, is_number, strict=True)
    )
    return "  ".join(padded).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value)


def plain(value: object) -> object:
    """Return what `json.dumps` writes for a value it does not know; its `default`."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: getattr(value, field.name)
            for field in dataclasses.fields(value)
        }
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | PurePath | Secret):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
