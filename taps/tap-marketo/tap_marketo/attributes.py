"""The attributes of activities: a cell of JSON for each row, spread into columns.

Cells that hold described attributes only are decoded into fixed places; others are
looked at name by name.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import msgspec

from reading_kit.errors import IncompleteDataError
from tap_marketo.naming import clean_name
from tap_marketo.values import clean_text, fit_or_note, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_marketo.describing import ActivitySpec
    from tap_marketo.lines import Column
    from tap_marketo.values import Misfits

    Attributes = dict[str, Any]

_NOTHING = frozenset({"", "null"})
_NONE = type(None)
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=decimal.Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
#: Types of values that need no fitting, by kind of column.
_FITTING: dict[str, frozenset[type]] = {
    "integer": frozenset({int, _NONE}),
    "number": frozenset({int, _NONE}),
    "boolean": frozenset({bool, _NONE}),
}


@dataclass(frozen=True, slots=True)
class AttributeBlock:
    """Attributes of some rows.

    Attributes:
        columns: Values of each described attribute, by its name.
        others: What each row has besides; none where no row has anything.
    """

    columns: Mapping[str, Sequence[Any]]
    others: Sequence[Attributes] | None = None


class AttributeReader:
    """Reads the attributes of one type of activity.

    Attributes:
        unknown: Names met that are not described.
    """

    def __init__(self, spec: ActivitySpec) -> None:
        self._spec = spec
        self._names = [each.api_name for each in spec.columns]
        self._known = frozenset(self._names)
        self._loose = {clean_name(name): name for name in self._names}
        self._decoder = _new_decoder(self._names)
        self.unknown: set[str] = set()

    def read(self, cells: Sequence[str]) -> AttributeBlock:
        """Read the attributes of some rows.

        Raises:
            IncompleteDataError: a cell is no JSON object.
        """
        if not _NOTHING.isdisjoint(cells):
            cells = ["{}" if cell in _NOTHING else cell for cell in cells]
        try:
            found = list(map(self._decoder.decode, cells))
        except (msgspec.DecodeError, decimal.DecimalException):
            return self._read_by_name(cells)
        values = zip(*map(msgspec.structs.astuple, found), strict=True)
        return AttributeBlock(dict(zip(self._names, values, strict=True)))

    def _read_by_name(self, cells: Sequence[str]) -> AttributeBlock:
        try:
            found = list(map(_DECODER.decode, cells))
        except (msgspec.DecodeError, decimal.DecimalException):
            msg = f"{self._spec.stream}: attributes that are no JSON object"
            raise IncompleteDataError(msg) from None
        others = [self.set_apart(each) for each in found]
        columns = {name: [each.get(name) for each in found] for name in self._names}
        return AttributeBlock(columns, others)

    def set_apart(self, attributes: Attributes) -> Attributes:
        """Rename attributes given by another name; take out those nobody knows."""
        others: Attributes = {}
        for name in [each for each in attributes if each not in self._known]:
            value = attributes.pop(name)
            own = self._spec.aliases.get(name) or self._loose.get(clean_name(name))
            if own is not None and own not in attributes:
                attributes[own] = value
            else:
                others[name] = value
                self.unknown.add(name)
        return others


def _new_decoder(names: Sequence[str]) -> msgspec.json.Decoder[Any]:
    """Give what decodes an object that has no other names."""
    places = {f"value_{place}": name for place, name in enumerate(names)}
    kind = msgspec.defstruct(
        "Attributes",
        [(place, Any, None) for place in places],
        rename=places,
        forbid_unknown_fields=True,
        gc=False,
    )
    return msgspec.json.Decoder(kind, float_hook=decimal.Decimal)


def write_others(others: Attributes) -> str | None:
    """Write attributes nobody knows as text."""
    return _ENCODER.encode(others).decode() if others else None


def write_column(
    kind: str, values: Sequence[Any], *, place: str, misfits: Misfits
) -> Column:
    """Write the values of a column as JSON, each as its kind wants it.

    Args:
        kind: A kind of ``describing``.
        values: The values, of whatever types.
        place: Stream and column, for messages.
        misfits: Where values that do not fit are counted.
    """
    types = set(map(type, values))
    if types <= {_NONE}:
        return "null"
    if types <= _FITTING.get(kind, frozenset()):
        return _ENCODER.encode(values).decode()[1:-1].split(",")
    if kind == "string" and types <= {int, _NONE}:
        return ["null" if value is None else f'"{value}"' for value in values]
    if kind == "string" and types <= {str, _NONE}:
        return _write_texts(values)
    return [
        "null"
        if value is None
        else to_json(fit_or_note(kind, value, place=place, misfits=misfits))
        for value in values
    ]


def _write_texts(values: Sequence[str | None]) -> Sequence[str]:
    # One search of the whole costs less than one of each value.
    joined = "".join(filter(None, values))
    if "\0" in joined or "\r\n" in joined:
        values = [clean_text(value) if value else value for value in values]
    encode = encode_basestring
    return ["null" if value is None else encode(value) for value in values]
