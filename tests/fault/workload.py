"""What the tap of a trial sends: two streams, one with a key; rows prove themselves.

Everything follows from a seed and a number, so that whoever knows both knows the row.
Half way the keyed stream gets a column, and another one a wider type.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYED, KEYLESS = "keyed", "log"
_REMEMBERED_ROWS = 20_000
_ODD_TEXTS = ("", "\t", "a\\b", "line\nend", "\r", '"', "żółć", "\\N", "🙂")
_INTEGER = {"type": ["null", "integer"]}
_NUMBER = {"type": ["null", "number"]}
_TEXT = {"type": ["null", "string"]}


@dataclass(frozen=True, slots=True)
class KeyedRow:
    """A row of the stream with a key.

    Attributes:
        id: The key; comes again under later numbers.
        seq: The row's number.
        payload: Proves key and number.
        grade: Text of a number: whole in the first half of the stream.
        extra: A column of the second half; None in the first.
    """

    id: int
    seq: int
    payload: str
    grade: str
    extra: str | None


@dataclass(frozen=True, slots=True)
class KeylessRow:
    """A row of the stream without a key: its number, and what proves it."""

    seq: int
    payload: str


@dataclass(frozen=True, slots=True)
class Workload:
    """The whole output of a tap.

    Attributes:
        seed: Decides every value.
        rows: Rows of each stream.
        keys: Different keys there can be.
        state_every: Rows of each stream between STATE messages.
    """

    seed: int
    rows: int = 3000
    keys: int = 700
    state_every: int = 100

    def keyed_row(self, seq: int) -> KeyedRow:
        """Give the keyed stream's row of a number."""
        return _keyed_row(self.seed, self.keys, seq, is_late=seq >= self.rows // 2)

    def keyless_row(self, seq: int) -> KeylessRow:
        """Give the keyless stream's row of a number."""
        return _keyless_row(self.seed, seq)

    def last_keyed(self, count: int) -> dict[int, KeyedRow]:
        """Give of each key the last of the first `count` rows."""
        return {row.id: row for row in map(self.keyed_row, range(count))}

    def lines(self, start: int = 0, *, end: int | None = None) -> Iterator[bytes]:
        """Give the tap's output from a bookmark on, each line with its end.

        Args:
            start: Rows of each stream that are left out.
            end: Row of each stream to end before, instead of the last one.
        """
        half = self.rows // 2
        yield _line(self._keyed_schema(is_late=start >= half))
        log = {"seq": _INTEGER, "payload": _TEXT}
        yield _line(_schema(KEYLESS, log, keys=[]))
        for seq in range(start, self.rows if end is None else end):
            if seq == half != start:
                yield _line(self._keyed_schema(is_late=True))
            yield self._keyed_line(seq)
            row = self.keyless_row(seq)
            record = {"seq": row.seq, "payload": row.payload}
            yield _line({"type": "RECORD", "stream": KEYLESS, "record": record})
            if (seq + 1) % self.state_every == 0 or seq + 1 == self.rows:
                yield _line({"type": "STATE", "value": state_value(seq + 1)})

    def _keyed_schema(self, *, is_late: bool) -> dict[str, Any]:
        columns: dict[str, Any] = {"id": _INTEGER, "seq": _INTEGER, "payload": _TEXT}
        columns["grade"] = _NUMBER if is_late else _INTEGER
        if is_late:
            columns["extra"] = _TEXT
        return _schema(KEYED, columns, keys=["id"])

    def _keyed_line(self, seq: int) -> bytes:
        row = self.keyed_row(seq)
        known: dict[str, Any] = {"id": row.id, "seq": row.seq, "payload": row.payload}
        if row.extra is not None:
            known["extra"] = row.extra
        # The digits of the number as they are.
        text = json.dumps(known, ensure_ascii=False)[:-1]
        return (
            f'{{"type": "RECORD", "stream": "{KEYED}", "record": {text}, "grade":'
            f" {row.grade}}}}}\n"
        ).encode()


@lru_cache(_REMEMBERED_ROWS)
def _keyed_row(seed: int, keys: int, seq: int, *, is_late: bool) -> KeyedRow:
    proof = sha256(f"{seed}/{seq}".encode()).hexdigest()
    number = int(proof[:8], 16) % keys
    return KeyedRow(
        id=number,
        seq=seq,
        payload=f"{_ODD_TEXTS[seq % len(_ODD_TEXTS)]}{number}/{proof}",
        grade=f"{seq}.50" if is_late else str(seq),
        extra=f"extra {proof[8:12]}" if is_late and seq % 3 else None,
    )


@lru_cache(_REMEMBERED_ROWS)
def _keyless_row(seed: int, seq: int) -> KeylessRow:
    proof = sha256(f"log/{seed}/{seq}".encode()).hexdigest()
    return KeylessRow(seq, f"{proof}{_ODD_TEXTS[seq % len(_ODD_TEXTS)]}")


def state_value(count: int) -> dict[str, Any]:
    """Give the STATE after so many rows of each stream."""
    return {"bookmarks": {KEYED: {"n": count}, KEYLESS: {"n": count}}}


def covered_by(value: Any) -> int:
    """Read from a STATE how many rows of each stream it covers.

    Raises:
        ValueError: If it is none of ours, or its streams differ.
    """
    match value:
        case {"bookmarks": {"keyed": {"n": int(keyed)}, "log": {"n": int(log)}}} if (
            keyed == log
        ):
            return keyed
    raise ValueError(f"not a state of this workload: {value!r}")


def _schema(stream: str, columns: dict[str, Any], *, keys: list[str]) -> dict[str, Any]:
    return {
        "type": "SCHEMA",
        "stream": stream,
        "schema": {"type": "object", "properties": columns},
        "key_properties": keys,
    }


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"
