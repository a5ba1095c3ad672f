"""What an input of Singer messages means, read with nothing but Python's json."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg2 import sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.fault.place import Place

Row = tuple[Any, ...]
COLUMNS = {"things": ("id", "n", "t", "o"), "log": ("n", "t")}
_NUMBERS = frozenset({"id", "n"})


class NotUnderstoodError(Exception):
    """A line that cannot be right, or a value that no column of its may hold."""


class Number(str):
    """The text of a JSON number."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """What the tables hold: JSON text of the state, and rows that compare."""

    state: Any
    things: tuple[Row, ...]
    log: tuple[Row, ...]


@dataclass(slots=True)
class Reading:
    """What some lines mean: the last state, of each key its rows, and all entries."""

    state: Any
    things: dict[Any, list[Row]]
    log: list[Row]


def _constant(text: str) -> Number:
    return Number(text)


def _decode(line: bytes) -> Any:
    try:
        return json.loads(
            line.decode(),
            parse_float=Number,
            parse_int=Number,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError) as error:
        raise NotUnderstoodError(f"no JSON: {error}") from None


def read_input(lines: Iterable[bytes]) -> Reading:
    """Read all lines.

    Raises:
        NotUnderstoodError: At the first that cannot be right.
    """
    reading = Reading(None, {}, [])
    for reading in read_steps(lines):  # noqa: B007 - the last one counts
        pass
    return reading


def read_steps(lines: Iterable[bytes]) -> Iterator[Reading]:
    """Read line by line; the same reading each time, one line further.

    Raises:
        NotUnderstoodError: At the first line that cannot be right.
    """
    reading = Reading(None, {}, [])
    # A line end inside a damaged line makes it two.
    for line in b"\n".join(lines).split(b"\n"):
        if line.strip():
            _take(_decode(line), reading)
        yield reading


def _take(message: Any, reading: Reading) -> None:
    match message:
        case {"type": "SCHEMA", "stream": "things" | "log"}:
            pass
        case {"type": "STATE", "value": value}:
            reading.state = value
        case {"type": "RECORD", "stream": "things", "record": dict(record)}:
            row = _row(record, "things")
            if row[0] is None:
                raise NotUnderstoodError("no key")
            reading.things.setdefault(row[0], []).append(row)
        case {"type": "RECORD", "stream": "log", "record": dict(record)}:
            reading.log.append(_row(record, "log"))
        case _:
            raise NotUnderstoodError("no message of ours")


def _row(record: dict[str, Any], stream: str) -> Row:
    return tuple(
        _number(record.get(name))
        if name in _NUMBERS
        else _text(record.get(name))
        if name == "t"
        else _json(record.get(name))
        for name in COLUMNS[stream]
    )


def _number(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, Number):
        raise NotUnderstoodError(f"no number: {value!r:.50}")
    return _digits(value)


def _digits(text: str) -> str:
    number = Decimal(text)
    return format(number.normalize(), "f") if number.is_finite() else str(number)


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case str():
            text = str(value).replace("\0", "\ufffd")
            try:
                text.encode()
            except UnicodeEncodeError:
                raise NotUnderstoodError("half a surrogate pair") from None
            return text
    raise NotUnderstoodError("an object in a text")


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(_comparable(value), sort_keys=True)


def _comparable(value: Any) -> Any:
    if isinstance(value, Number):
        return ["number", _digits(value)]
    if isinstance(value, str):
        return ["text", value.replace("\0", "\ufffd")]
    if isinstance(value, dict):
        return {_comparable(k)[1]: _comparable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_comparable(each) for each in value]
    return value


def stored_rows(place: Place) -> Stored:
    """Read the tables; whatever is not there is empty."""
    tables = place.tables()
    states = []
    if "state" in tables:
        states = place.query(
            sql.SQL("select value::text from {}").format(
                sql.Identifier(place.state_schema, "state")
            )
        )
    return Stored(
        _decode(states[0][0].encode()) if states else None,
        _stored(place, "things") if "things" in tables else (),
        _stored(place, "log") if "log" in tables else (),
    )


def _stored(place: Place, stream: str) -> tuple[Row, ...]:
    names = COLUMNS[stream]
    rows = place.query(
        sql.SQL("select {} from {}").format(
            sql.SQL(", ").join(
                sql.SQL("{}::text").format(sql.Identifier(name)) for name in names
            ),
            sql.Identifier(place.schema, stream),
        )
    )
    return tuple(
        tuple(
            None
            if cell is None
            else _digits(cell)
            if name in _NUMBERS
            else cell
            if name == "t"
            else _json(_decode(cell.encode()))
            for name, cell in zip(names, row, strict=True)
        )
        for row in rows
    )


def check_finished(reading: Reading, stored: Stored) -> None:
    """Compare what is stored with what the whole input means.

    Raises:
        AssertionError: Naming what differs.
    """
    things = sorted((rows[-1] for rows in reading.things.values()), key=repr)
    _compare("things", things, stored.things)
    _compare("log", sorted(reading.log, key=repr), stored.log)
    if reading.state != stored.state:
        raise AssertionError(f"state {stored.state}, not {reading.state}")


def check_stopped(lines: list[bytes], stored: Stored) -> None:
    """Find the STATE that what is stored agrees with.

    Raises:
        AssertionError: If it agrees with none.
    """
    reason = "no STATE of the input is stored"
    steps = read_steps(lines)
    try:
        seen: Any = ()
        for reading in steps:
            if reading.state is seen or reading.state != stored.state:
                continue
            seen = reading.state
            reason = _disagreement(reading, stored, lines)
            if not reason:
                return
    except NotUnderstoodError:
        pass
    raise AssertionError(reason)


def _disagreement(reading: Reading, stored: Stored, lines: list[bytes]) -> str:
    if sorted(reading.log, key=repr) != sorted(stored.log, key=repr):
        return f"log holds {len(stored.log)} rows, the state {len(reading.log)}"
    due = {key: len(rows) for key, rows in reading.things.items()}
    sent = _all_understood(lines)
    found = {row[0]: row for row in stored.things}
    if len(found) != len(stored.things):
        return "a key stands twice"
    for key, count in due.items():
        if found.get(key) not in sent.get(key, [])[count - 1 :]:
            return f"things {key} is {found.get(key)}"
    for key, row in found.items():
        if row not in sent.get(key, []):
            return f"things {key} was never sent as {row}"
    return ""


def _all_understood(lines: list[bytes]) -> dict[Any, list[Row]]:
    """Take every line that can be right: of one stream some may stand that came after
    a wrong one of another.
    """
    reading = Reading(None, {}, [])
    for line in b"\n".join(lines).split(b"\n"):
        with contextlib.suppress(NotUnderstoodError):
            _take(_decode(line), reading)
    return reading.things


def _compare(table: str, expected: list[Row], stored: tuple[Row, ...]) -> None:
    found = sorted(stored, key=repr)
    if found != expected:
        differing = [row for row in found if row not in expected]
        differing += [row for row in expected if row not in found]
        raise AssertionError(f"{table}: {differing[:4]!r:.600}")
