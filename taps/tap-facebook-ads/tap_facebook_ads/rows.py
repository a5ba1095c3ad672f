"""Pages of JSON become typed rows, ready to be written; numbers keep their digits.

A page is decoded straight into structs. A page that holds anything unexpected (a
property of actions not heard of, a value of another type) is decoded again as plain
JSON and brought into form value by value: slower, and nothing is lost.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

from reading_kit.errors import ValueFormatError
from reading_kit.sending import MalformedAnswerError
from tap_facebook_ads.fields import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_NULL = msgspec.Raw(b"null")
_TYPES: Mapping[Kind, Any] = {
    Kind.TEXT: str | None,
    Kind.WHOLE: int | Decimal | None,
    Kind.NUMBER: int | Decimal | None,
    Kind.FLAG: bool | None,
    Kind.DATE: str | None,
    Kind.MOMENT: str | None,
    Kind.OBJECT: msgspec.Raw,
    Kind.LIST: msgspec.Raw,
    Kind.JSON: msgspec.Raw,
}
_RAW_KINDS = frozenset({Kind.OBJECT, Kind.LIST, Kind.JSON})
_ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)
_RAW_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_COUNTED = re.compile(r"value|inline|default|dda|\d+d_\w+|skan_\w+")
_DAY_LENGTH = 10


class _Cursors(msgspec.Struct):
    after: str | None = None


class _Paging(msgspec.Struct):
    cursors: _Cursors | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a list.

    Attributes:
        after: Cursor of its last row.
        next_url: Address of the next page; it holds the token and is never logged.
    """

    rows: list[Any]
    after: str | None
    next_url: str | None


class RowCodec:
    """Decodes the pages of one stream."""

    def __init__(
        self,
        stream: str,
        fields: Sequence[Field],
        *,
        keys: Iterable[str] = (),
        defaults: Mapping[str, str] | None = None,
        id_sources: Mapping[str, str] | None = None,
        action_keys: Iterable[str] = (),
    ) -> None:
        """Prepare decoding.

        Args:
            stream: Its name, for messages.
            fields: What is read, in the order it is written.
            keys: Fields that must have a value.
            defaults: What stands for a missing value of a field.
            id_sources: Fields that are the id in the object of another field.
            action_keys: Properties of actions to expect besides type and value.
        """
        self._stream = stream
        self._fields = tuple(fields)
        self._attributes = {field.name: f"f{n}" for n, field in enumerate(self._fields)}
        action_type = _make_action(action_keys)
        self.row_type = msgspec.defstruct(
            "Row",
            [
                (self._attributes[field.name], *_slot(field, action_type))
                for field in self._fields
            ],
            rename={attr: name for name, attr in self._attributes.items()},
        )
        page_type = msgspec.defstruct(
            "Page",
            [
                ("data", list[self.row_type]),  # type: ignore[name-defined] # made here
                ("paging", _Paging | None, None),
            ],
        )
        # Not strict: texts of digits are taken as whole numbers, others stay exact.
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
            page_type, strict=False
        )
        self._finishers = self._make_finishers(
            frozenset(keys), defaults or {}, id_sources or {}
        )

    def attribute(self, name: str) -> str:
        """Give the attribute of a row that holds a field."""
        return self._attributes[name]

    def decode(self, body: bytes) -> Answer:
        """Decode a page.

        Raises:
            MalformedAnswerError: it is no page.
            ValueFormatError: a value cannot be what its field is.
        """
        try:
            answer = self._decode_fast(body)
        except (msgspec.DecodeError, InvalidOperation):
            answer = self._decode_slowly(body)
        for finish in self._finishers:
            finish(answer.rows)
        return answer

    def decode_one(self, body: bytes) -> Any:  # noqa: ANN401 - a struct made here
        """Decode an answer that is one object."""
        return self.decode(b'{"data":[' + body + b"]}").rows[0]

    # Decoding

    def _decode_fast(self, body: bytes) -> Answer:
        if b'"NaN"' in body or b'Infinity"' in body:
            raise msgspec.DecodeError
        if b"\n" in body:
            # Parts that are handed through must not break a line.
            body = msgspec.json.format(body, indent=-1)
        page = self._decoder.decode(body)
        return _to_answer(page.data, page.paging)

    def _decode_slowly(self, body: bytes) -> Answer:
        try:
            value = _ANY.decode(body)
            paging = msgspec.convert(value.get("paging") or {}, _Paging)
            data = value["data"]
        except (msgspec.MsgspecError, ArithmeticError, AttributeError, KeyError):
            raise MalformedAnswerError("an answer that is no page of rows") from None
        if not isinstance(data, list) or not all(isinstance(r, dict) for r in data):
            raise MalformedAnswerError("an answer that is no page of rows")
        return _to_answer([self._convert(record) for record in data], paging)

    def _convert(self, record: Mapping[str, Any]) -> Any:  # noqa: ANN401
        values = {}
        for field in self._fields:
            value = record.get(field.name)
            try:
                values[self._attributes[field.name]] = _CONVERTERS[field.kind](value)
            except (ValueError, ArithmeticError):
                where = f"{self._stream}.{field.name}"
                msg = f"{where}: a value that is no {field.kind.value}"
                raise ValueFormatError(msg) from None
        return self.row_type(**values)

    # Finishing what structs alone cannot say

    def _make_finishers(
        self,
        keys: frozenset[str],
        defaults: Mapping[str, str],
        id_sources: Mapping[str, str],
    ) -> list[Callable[[list[Any]], None]]:
        finishers: list[Callable[[list[Any]], None]] = []
        for name, source in id_sources.items():
            finishers.append(
                functools.partial(
                    _take_ids, self._attributes[name], self._attributes[source]
                )
            )
        for field in self._fields:
            attribute = self._attributes[field.name]
            where = f"{self._stream}.{field.name}"
            if field.name in defaults:
                finishers.append(
                    functools.partial(_fill, attribute, defaults[field.name])
                )
            if field.kind is Kind.DATE:
                finishers.append(functools.partial(_shorten, attribute, where))
            if field.kind is Kind.MOMENT:
                finishers.append(functools.partial(_normalize, attribute, where))
            if field.kind in _RAW_KINDS:
                finishers.append(functools.partial(_shape, attribute, field.kind))
            if field.name in keys:
                finishers.append(functools.partial(_require, attribute, where))
        return finishers


def _slot(field: Field, action_type: type) -> tuple[Any, Any]:
    if field.kind is Kind.ACTIONS:
        return list[action_type] | None, None  # type: ignore[valid-type] # made here
    is_raw = field.kind in _RAW_KINDS
    return _TYPES[field.kind], _NULL if is_raw else None


def _make_action(keys: Iterable[str]) -> type:
    """Make the struct of an action; unexpected properties are refused by it."""
    number = int | Decimal | None | msgspec.UnsetType
    text = str | None | msgspec.UnsetType
    slots: list[tuple[str, Any, Any]] = [
        ("action_type", text, msgspec.UNSET),
        ("value", number, msgspec.UNSET),
    ]
    names = [name for name in dict.fromkeys(keys) if name not in {"action_type"}]
    rename = {}
    for position, name in enumerate(names):
        attribute = f"k{position}"
        kind = number if _COUNTED.fullmatch(name) else text
        slots.append((attribute, kind, msgspec.UNSET))
        rename[attribute] = name
    return msgspec.defstruct(
        "Action", slots, rename=rename, forbid_unknown_fields=True, omit_defaults=True
    )


def _to_answer(rows: list[Any], paging: _Paging | None) -> Answer:
    if paging is None:
        return Answer(rows, None, None)
    after = paging.cursors.after if paging.cursors else None
    return Answer(rows, after, paging.next)


def _take_ids(attribute: str, source: str, rows: list[Any]) -> None:
    for row in rows:
        value = _ANY.decode(getattr(row, source))
        found = value.get("id") if isinstance(value, dict) else None
        setattr(row, attribute, None if found is None else str(found))


def _fill(attribute: str, default: str, rows: list[Any]) -> None:
    for row in rows:
        if getattr(row, attribute) is None:
            setattr(row, attribute, default)


def _shorten(attribute: str, where: str, rows: list[Any]) -> None:
    for row in rows:
        text = getattr(row, attribute)
        if text is not None and len(text) != _DAY_LENGTH:
            if not _DATE.match(text):
                raise ValueFormatError(f"{where}: a value that is no date")
            setattr(row, attribute, text[:_DAY_LENGTH])


def _normalize(attribute: str, where: str, rows: list[Any]) -> None:
    for row in rows:
        text = getattr(row, attribute)
        if text is not None:
            try:
                setattr(row, attribute, to_utc(text))
            except ValueError:
                msg = f"{where}: a value that is no date-time"
                raise ValueFormatError(msg) from None


def _shape(attribute: str, kind: Kind, rows: list[Any]) -> None:
    for row in rows:
        raw = getattr(row, attribute)
        first = memoryview(raw)[:1].tobytes()
        if first == b"n":
            continue
        if (kind is not Kind.LIST and first == b"{") or (
            kind is not Kind.OBJECT and first == b"["
        ):
            continue
        opening, closing = (b"[", b"]") if kind is Kind.LIST else (b'{"value":', b"}")
        setattr(row, attribute, msgspec.Raw(opening + bytes(raw) + closing))


def _require(attribute: str, where: str, rows: list[Any]) -> None:
    for row in rows:
        if getattr(row, attribute) is None:
            raise ValueFormatError(f"{where}: a row without this key")


@functools.lru_cache(maxsize=4096)
def to_utc(text: str) -> str:
    """Write an instant in UTC, with a colon in its offset.

    Raises:
        ValueError: the text is not an instant.
    """
    value = datetime.fromisoformat(text)
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.isoformat()


def _as_text(value: Any) -> str | None:  # noqa: ANN401 - JSON
    if value is None or isinstance(value, str):
        return value
    return _RAW_ENCODER.encode(value).decode()


def _as_number(value: Any) -> Decimal | None:  # noqa: ANN401 - JSON
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError  # noqa: TRY004 - one error for one cause
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError
    return number


def _as_flag(value: Any) -> bool | None:  # noqa: ANN401 - JSON
    if value is None or isinstance(value, bool):
        return value
    flags = {"true": True, "1": True, "false": False, "0": False}
    if str(value).lower() not in flags:
        raise ValueError
    return flags[str(value).lower()]


def _as_raw(value: Any) -> msgspec.Raw:  # noqa: ANN401 - JSON
    return msgspec.Raw(_RAW_ENCODER.encode(value))


def _as_actions(value: Any) -> list[Any] | None:  # noqa: ANN401 - JSON
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError  # noqa: TRY004 - one error for one cause
    return [_as_action(entry) for entry in value]


def _as_action(entry: Any) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(entry, dict):
        raise ValueError  # noqa: TRY004 - one error for one cause
    return {
        name: _as_number(value) if _COUNTED.fullmatch(name) else value
        for name, value in entry.items()
    }


_CONVERTERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _as_text,
    Kind.WHOLE: _as_number,
    Kind.NUMBER: _as_number,
    Kind.FLAG: _as_flag,
    Kind.DATE: _as_text,
    Kind.MOMENT: _as_text,
    Kind.ACTIONS: _as_actions,
    Kind.OBJECT: _as_raw,
    Kind.LIST: _as_raw,
    Kind.JSON: _as_raw,
}
