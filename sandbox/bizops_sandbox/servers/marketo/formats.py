"""How the service writes values: dates of three kinds, booleans, numbers, CSV."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PLAIN = re.compile(r'[^"\r\n]*').fullmatch


def plain_datetime(moment: datetime) -> str:
    """Write `2018-01-31T23:59:59Z`, as the lead database does."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat()[:19] + "Z"


def asset_datetime(moment: datetime) -> str:
    """Write `2018-01-31T23:59:59Z+0000`, as the asset API does."""
    return plain_datetime(moment) + "+0000"


def rest_value(value: Any) -> Any:  # noqa: ANN401
    """Return a value as the lead database's JSON has it."""
    if isinstance(value, datetime):
        return plain_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def asset_value(value: Any) -> Any:  # noqa: ANN401
    """Return a value as the asset API's JSON has it, nested ones too."""
    if isinstance(value, datetime):
        return asset_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: asset_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [asset_value(inner) for inner in value]
    return value


def asset_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an asset as JSON has it."""
    return {name: asset_value(value) for name, value in row.items()}


def csv_cell(value: Any) -> str:  # noqa: ANN401
    """Return a value as a cell's text, not yet quoted; nothing is `null`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return plain_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def csv_line(cells: Iterable[str], separator: str, *, is_escaped: bool = True) -> str:
    """Join cells to a line, quoted where they must be.

    With `is_escaped` false, quotes inside quoted cells stand as they are: some
    versions of the service wrote such files.
    """
    quoted = []
    for cell in cells:
        if separator in cell or not _PLAIN(cell):
            inner = cell.replace('"', '""') if is_escaped else cell
            quoted.append(f'"{inner}"')
        else:
            quoted.append(cell)
    return separator.join(quoted) + "\n"
