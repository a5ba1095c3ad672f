"""What is loaded: some streams of some rows, the same bytes on every machine.

Every column repeats a pool of drawn values whose size is a prime of its own, so that
rows differ, ten million of them are made in a minute, and the right sums over a column
are known without reading it back. The second edition has the keys of the first and
new values: loading it is the upsert.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import md5
from itertools import cycle, islice
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from tests.bench.shape import KEY, Column, Kind, columns_of_width

if TYPE_CHECKING:
    from collections.abc import Iterator

Edition = Literal[1, 2]
EDITIONS: tuple[Edition, ...] = (1, 2)

_KEY_MODULUS = 2_147_483_647  # a prime: no two rows share a key
_COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_KEY_STEP = 48_271
_SMALLEST_POOL = 1_000


@dataclass(frozen=True, slots=True)
class Workload:
    """What to load.

    Attributes:
        rows: Rows in all, shared out evenly over the streams.
        width: Columns of each stream, the key included.
        streams: Number of streams.
        state_every: Records of a stream between two STATE messages.
        seed: Seed of all draws.
    """

    rows: int
    width: int = 20
    streams: int = 1
    state_every: int = 10_000
    seed: int = 1

    @property
    def name(self) -> str:
        """Return a short name, for folders and headings."""
        return (
            f"{self.streams}x{self.rows // self.streams}x{self.width}"
            f"-s{self.state_every}-{self.seed}"
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns of each stream."""
        return columns_of_width(self.width)

    @property
    def stream_names(self) -> tuple[str, ...]:
        """Return the names of the streams."""
        if self.streams == 1:
            return ("opportunity",)
        return tuple(f"opportunity_{i:04d}" for i in range(self.streams))

    @property
    def rows_per_stream(self) -> int:
        """Return the rows of each stream; their total is what is really loaded."""
        return max(1, self.rows // self.streams)

    @property
    def total_rows(self) -> int:
        """Return the rows of all streams."""
        return self.rows_per_stream * self.streams


@dataclass(frozen=True, slots=True)
class Pool:
    """The values of one column, over and over in this order.

    Attributes:
        json: Each as JSON text, with its name before it.
        csv: Each as a CSV field; empty for null.
        copy: Each as a field of COPY text.
        digests: Each as a number to sum up (see `digest`); None for null.
    """

    json: tuple[str, ...]
    csv: tuple[str, ...]
    copy: tuple[str, ...]
    digests: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is true of a column: how many values are not null, and their sum."""

    filled: int
    total: Decimal


def keys(workload: Workload, stream_index: int) -> Iterator[str]:
    """Give the keys of a stream, scattered as real ones are."""
    first = stream_index * workload.rows_per_stream
    for number in range(first, first + workload.rows_per_stream):
        yield f"006{number * _KEY_STEP % _KEY_MODULUS:012d}AAA"


def pools(workload: Workload, edition: Edition) -> tuple[Pool, ...]:
    """Draw the values of every column but the key."""
    sizes = _primes(at_least=_SMALLEST_POOL)
    return tuple(
        _pool(column, Random(f"{workload.seed}/{edition}/{column.name}"), next(sizes))  # noqa: S311
        for column in workload.columns
        if column.kind != "key"
    )


def records(
    workload: Workload, stream_index: int, drawn: tuple[Pool, ...]
) -> Iterator[str]:
    """Give the records of a stream as JSON objects without the braces."""
    named_keys = (f'"{KEY.name}": "{key}"' for key in keys(workload, stream_index))
    values = (cycle(pool.json) for pool in drawn)
    return map(", ".join, zip(named_keys, *values, strict=False))


def csv_rows(
    workload: Workload, stream_index: int, drawn: tuple[Pool, ...]
) -> Iterator[str]:
    """Give the same records as CSV lines without the line end."""
    values = (cycle(pool.csv) for pool in drawn)
    return map(",".join, zip(keys(workload, stream_index), *values, strict=False))


def copy_rows(
    workload: Workload, stream_index: int, drawn: tuple[Pool, ...]
) -> Iterator[str]:
    """Give the same records as rows of COPY text without the line end."""
    values = (cycle(pool.copy) for pool in drawn)
    return map("\t".join, zip(keys(workload, stream_index), *values, strict=False))


def expected_facts(
    workload: Workload, stream_index: int, drawn: tuple[Pool, ...]
) -> dict[str, ColumnFacts]:
    """Return what must be true of every column of a table after the load."""
    count = workload.rows_per_stream
    total = sum((text_digest(key) for key in keys(workload, stream_index)), Decimal(0))
    names = (column.name for column in workload.columns if column.kind != "key")
    facts = {KEY.name: ColumnFacts(count, total)}
    return facts | {
        name: _facts_of(pool.digests, count)
        for name, pool in zip(names, drawn, strict=True)
    }


def _facts_of(digests: tuple[Decimal | None, ...], count: int) -> ColumnFacts:
    turns, rest = divmod(count, len(digests))
    whole = [each for each in digests if each is not None]
    part = [each for each in islice(digests, rest) if each is not None]
    return ColumnFacts(
        filled=turns * len(whole) + len(part),
        total=turns * sum(whole, Decimal(0)) + sum(part, Decimal(0)),
    )


def _pool(column: Column, random: Random, size: int) -> Pool:
    values = [column.draw(random) for _ in range(size)]
    name = json.dumps(column.name)
    return Pool(
        json=tuple(f"{name}: {_json_text(value)}" for value in values),
        csv=tuple(_csv_field(value) for value in values),
        copy=tuple(_copy_field(value) for value in values),
        digests=tuple(
            None if value is None else digest(value, column.kind) for value in values
        ),
    )


def digest(value: Any, kind: Kind) -> Decimal:
    """Return the number that stands for a value in a column's sum.

    A text: the first 32 bits of its MD5. A moment: its epoch seconds. An object: the
    text of its `city`. A list: its length. Numbers stand for themselves.
    """
    match kind:
        case "key" | "text":
            return text_digest(value)
        case "datetime":
            return Decimal(int(value.timestamp()))
        case "object":
            city = value["city"]
            return Decimal(0) if city is None else text_digest(city)
        case "array":
            return Decimal(len(value))
        case _:
            return Decimal(value)


def text_digest(text: str) -> Decimal:
    """Return the first 32 bits of the text's MD5 as a number."""
    return Decimal(
        int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[:4])
    )


def _json_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return json.dumps(_moment_text(value))
    return json.dumps(value, ensure_ascii=False)


def _csv_field(value: Any) -> str:
    if isinstance(value, str | dict | list):
        return '"' + _field_text(value).replace('"', '""') + '"'
    return "" if value is None else _field_text(value)


def _copy_field(value: Any) -> str:
    return "\\N" if value is None else _field_text(value).translate(_COPY_ESCAPES)


def _field_text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | Decimal():
            return str(value)
        case datetime():
            return _moment_text(value)
        case str():
            return value
    return _json_text(value)


def _moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def _primes(*, at_least: int) -> Iterator[int]:
    number = at_least | 1
    while True:
        if all(number % divisor for divisor in range(3, int(number**0.5) + 1, 2)):
            yield number
        number += 2
