"""What sqlfluff needs to render the models without dbt and without a warehouse.

The macros of the project itself are rendered as they are. Only what asks dbt or the
warehouse stands here: dbt's own macros, the vars, and the reading of raw tables.
"""

from __future__ import annotations

from pathlib import Path

import yaml

_PROJECT = Path(__file__).parents[1] / "dbt_project.yml"
_VARS = yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["vars"]


def var(name: str, default: object = None) -> object:
    """Give the project's default of a var."""
    return _VARS.get(name, default)


def salesforce_field(meaning: str) -> str:
    """Give a name that stands for a company's own field."""
    return meaning


zuora_field = salesforce_field


def source_or_empty(
    _source: str, table: str, columns: list[tuple[str, str, str]], **_key: str
) -> str:
    """Give a select of the columns that the macro of this name gives."""
    names = [alias for _, _, alias in columns]
    names += ["is_deleted", "loaded_at", "is_latest_version"]
    return f"select {', '.join(names)} from {table.lower()}"  # noqa: S608  # never run


def staged(
    _source: str, table: str, columns: list[tuple[str, str, str]], **_key: str
) -> str:
    """Give a select of the columns that the macro of this name gives."""
    names = ", ".join(alias for _, _, alias in columns)
    return f"select {names}, is_deleted, loaded_at from {table.lower()}"  # noqa: S608


def marketo_activities() -> str:
    """Give a select of what the macro of this name gives."""
    return "select * from activities"


class dbt:  # noqa: N801  # the name under which dbt gives its macros
    """The macros of dbt that the models call, as they render on PostgreSQL."""

    @staticmethod
    def hash(text: str) -> str:
        """Render a hash."""
        return f"md5(cast({text} as text))"

    @staticmethod
    def date_trunc(part: str, instant: str) -> str:
        """Render the start of a part of time."""
        return f"date_trunc('{part}', {instant})"

    @staticmethod
    def dateadd(part: str, interval: str | int, instant: str) -> str:
        """Render a later, or earlier, instant."""
        return f"{instant} + ((interval '1 {part}') * ({interval}))"

    @staticmethod
    def datediff(first: str, second: str, _part: str) -> str:
        """Render the days between two days."""
        return f"(cast({second} as date) - cast({first} as date))"

    @staticmethod
    def split_part(text: str, delimiter: str, number: int) -> str:
        """Render one part of a text."""
        return f"split_part({text}, {delimiter}, {number})"

    @staticmethod
    def bool_or(expression: str) -> str:
        """Render whether any of a group is true."""
        return f"bool_or({expression})"
