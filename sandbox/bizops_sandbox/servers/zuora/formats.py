"""How values look on the wire: in batch-query's CSV, in Data Query's, in JSON."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

    from bizops_sandbox.projections.zuora_tenant import Row
    from bizops_sandbox.servers.zuora.selection import Cell

    Writer = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """How a CSV file writes its values.

    Attributes:
        zone: Of date-times; each cell may name its own.
        has_colon: Whether offsets are `+00:00` in place of `+0000`.
        milliseconds: Whether seconds have a fraction.
        between: What stands between date and time.
        null: The text of an absent value.
        delimiter: What stands between cells.
    """

    zone: str = "UTC"
    has_colon: bool = False
    milliseconds: bool = False
    between: str = "T"
    null: str = ""
    delimiter: str = ","


def csv_rows(
    cells: Sequence[Cell], rows: Sequence[Row], style: CsvStyle
) -> list[list[str]]:
    """Write rows as lists of texts, the header first."""
    columns = [_column(cell, rows, style) for cell in cells]
    header = [cell.header for cell in cells]
    return [header, *map(list, zip(*columns, strict=True))] if rows else [header]


def csv_bytes(lines: Sequence[Sequence[str]], *, delimiter: str = ",") -> bytes:
    """Write lists of texts as CSV: quoted where needed, lines end with a newline."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(lines)
    return out.getvalue().encode("utf-8")


def json_lines(cells: Sequence[Cell], rows: Sequence[Row], style: CsvStyle) -> bytes:
    """Write rows as JSON lines, as Data Query's outputFormat JSON has them."""
    encode = msgspec.json.Encoder().encode_lines
    writer = _instant_writer(ZoneInfo(style.zone), style)
    return encode(
        [{c.header: _json_value(c.read(row), writer) for c in cells} for row in rows]
    )


def json_value(value: Any, zone: str) -> Any:  # noqa: ANN401
    """Write a value of a record of `action/query`."""
    writer = _instant_writer(
        ZoneInfo(zone), CsvStyle(has_colon=True, milliseconds=True)
    )
    return _json_value(value, writer)


def _json_value(value: Any, write_instant: Writer) -> Any:  # noqa: ANN401
    if isinstance(value, datetime):
        return write_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return msgspec.Raw(decimal_text(value).encode("ascii"))
    return value


def decimal_text(value: Decimal) -> str:
    """Write a number without an exponent and without zeros at its end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _column(cell: Cell, rows: Sequence[Row], style: CsvStyle) -> list[str]:
    """Write a column; by column, because that is several times faster than by row."""
    read, null = cell.read, style.null
    write_instant = _instant_writer(ZoneInfo(cell.zone or style.zone), style)
    return [
        null if value is None else _text(value, write_instant)
        for value in map(read, rows)
    ]


def _text(value: Any, write_instant: Writer) -> str:  # noqa: ANN401
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return write_instant(value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    return str(value)


def _instant_writer(zone: tzinfo, style: CsvStyle) -> Writer:
    timespec = "milliseconds" if style.milliseconds else "seconds"

    def write(instant: datetime) -> str:
        text = instant.astimezone(zone).isoformat(style.between, timespec)
        if style.has_colon:
            return text.removesuffix("+00:00") + "Z" if zone is _UTC else text
        return text[:-3] + text[-2:]

    return write


_UTC = ZoneInfo("UTC")
