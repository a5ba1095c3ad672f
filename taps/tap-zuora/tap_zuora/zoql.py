"""Writes queries: Export ZOQL for AQuA, SQL for Data Query. Pure.

Literals carry an offset, because without one they are read in the tenant's zone.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from tap_zuora.describing import DELETED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tap_zuora.describing import FieldSpec
    from tap_zuora.windows import Part, Window

#: Names of Data Query's tables that are not the object's in lower case.
_TABLES = {"Order": "orders"}


def write_zoql(
    object_name: str, fields: Sequence[FieldSpec], part: Part, *, key: FieldSpec | None
) -> str:
    """Write the Export ZOQL of a part of an object.

    Args:
        object_name: The object.
        fields: The columns, in order.
        part: What to read.
        key: The field windows are about; none where there is no window.
    """
    names = ", ".join(field.source for field in fields)
    conditions = []
    if key is not None and part.window is not None:
        low, high = _write_bounds(part.window, is_date=key.kind == "date")
        conditions = [f"{key.source} >= '{low}'", f"{key.source} < '{high}'"]
    rest = _write_rest(conditions, part, "Id")
    return f"select {names} from {object_name}{rest}"  # noqa: S608 - describe's names


def write_sql(
    object_name: str,
    fields: Sequence[FieldSpec],
    part: Part,
    *,
    key: FieldSpec | None,
    has_deleted: bool,
) -> str:
    """Write the SQL of a part of an object; columns are named as the properties.

    Date-times come in the tenant's zone unless another one is asked for.
    """
    columns = [_write_column(field) for field in fields]
    if has_deleted:
        columns.append(DELETED.lower())
    conditions = []
    if key is not None and part.window is not None:
        name = key.name.lower()
        low, high = _write_sql_bounds(part.window, is_date=key.kind == "date")
        conditions = [f"{name} >= {low}", f"{name} < {high}"]
    table = _TABLES.get(object_name, object_name.lower())
    rest = _write_rest(conditions, part, "id")
    named = ", ".join(columns)
    return f"select {named} from {table}{rest}"  # noqa: S608 - describe's names


def fingerprint(*, api: str, fields: Sequence[FieldSpec], has_deleted: bool) -> str:
    """Give a short hash of what a query asks for, whatever its window."""
    columns = [field.source for field in fields]
    text = json.dumps([api, has_deleted, *columns])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write_rest(conditions: list[str], part: Part, id_name: str) -> str:
    if part.after_id:
        conditions = [*conditions, f"{id_name} > '{_quote(part.after_id)}'"]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    if part.limit_rows is None:
        return where
    return f"{where} order by {id_name} limit {part.limit_rows}"


def _quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _write_bounds(window: Window, *, is_date: bool) -> tuple[str, str]:
    if is_date:
        return _write_days(window)
    return window.start.isoformat("T", "seconds"), window.end.isoformat("T", "seconds")


def _write_days(window: Window) -> tuple[str, str]:
    """Give whole days around the window, for keys that are dates."""
    last = window.end - timedelta(seconds=1)
    return (
        window.start.date().isoformat(),
        (last.date() + timedelta(days=1)).isoformat(),
    )


def _write_sql_bounds(window: Window, *, is_date: bool) -> tuple[str, str]:
    if is_date:
        low, high = _write_days(window)
        return f"DATE '{low}'", f"DATE '{high}'"
    return _write_timestamp(window.start), _write_timestamp(window.end)


def _write_timestamp(value: datetime) -> str:
    return f"TIMESTAMP '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}.000 +00:00'"


def _write_column(field: FieldSpec) -> str:
    name = field.name.lower()
    if field.kind == "datetime":
        return f"at_timezone({name}, 'UTC') as {name}"
    return name
