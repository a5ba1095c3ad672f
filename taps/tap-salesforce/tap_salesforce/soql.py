"""Builds the queries. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reading_kit.timestamps import format_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Salesforce refuses date-time filters before this instant.
EARLIEST_FILTER = datetime(1700, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


@dataclass(frozen=True, slots=True)
class Window:
    """The rows to read by their replication key: ``start <= key < end``.

    Attributes:
        key: The field that bounds the window; none reads the whole table.
        start: First instant inside, none for no lower bound.
        end: First instant outside: the server's time when the read was planned.
    """

    key: str | None
    start: datetime | None
    end: datetime

    def conditions(self) -> list[str]:
        """Give the conditions of the WHERE clause."""
        if self.key is None:
            return []
        start = self.start and max(self.start, EARLIEST_FILTER)
        lower = [f"{self.key} >= {format_instant(start)}"] if start else []
        return [*lower, f"{self.key} < {format_instant(self.end)}"]

    def halves(self, *, earliest: datetime) -> tuple[Window, Window]:
        """Split in the middle; an open start counts as ``earliest``."""
        start = max(self.start, EARLIEST_FILTER) if self.start else earliest
        middle = start + (self.end - start) / 2
        # SOQL knows milliseconds only; both halves must meet at the same one.
        middle = middle.replace(microsecond=middle.microsecond // 1000 * 1000)
        return replace(self, end=middle), replace(self, start=middle)


def build_query(
    *,
    fields: Sequence[str],
    object_name: str,
    conditions: Sequence[str] = (),
    order_by: Sequence[str] = (),
    limit_rows: int | None = None,
) -> str:
    """Write a SELECT statement.

    Raises:
        ValueError: a name is not an API name.
    """
    for name in (*fields, object_name, *order_by):
        if not _NAME.fullmatch(name):
            raise ValueError(f"not an API name: {name!r}")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    order = (
        f" ORDER BY {', '.join(f'{name} ASC' for name in order_by)}" if order_by else ""
    )
    limit = f" LIMIT {limit_rows}" if limit_rows is not None else ""
    columns = ", ".join(fields)
    # Names are checked above; this is SOQL, which only reads.
    return f"SELECT {columns} FROM {object_name}{where}{order}{limit}"  # noqa: S608


def build_id_condition(field: str, ids: Sequence[str]) -> str:
    """Write ``field IN ('…')``.

    Raises:
        ValueError: a value is not a Salesforce id.
    """
    for value in ids:
        if not _ID.fullmatch(value):
            raise ValueError(f"not a Salesforce id: {value!r}")
    quoted = ", ".join(f"'{value}'" for value in ids)
    return f"{field} IN ({quoted})"


def fingerprint(query: str) -> str:
    """Give the SHA-256 of a query, by which a job is known again."""
    return hashlib.sha256(query.encode()).hexdigest()
