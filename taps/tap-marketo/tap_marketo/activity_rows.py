"""Takes one export of all types of activities apart, into RECORD lines by stream."""

from __future__ import annotations

import decimal
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from reading_kit.errors import IncompleteDataError
from reading_kit.pages import Page, keep, keeping
from tap_marketo.cells import new_column
from tap_marketo.csvrows import ExportReader, find_places
from tap_marketo.describing import BASE_COLUMNS
from tap_marketo.flat_rows import check_count
from tap_marketo.lines import LineBuilder
from tap_marketo.naming import clean_name
from tap_marketo.values import fit_or_note, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from tap_marketo.board import ExportFile
    from tap_marketo.describing import ActivitySpec
    from tap_marketo.values import Misfits

logger = logging.getLogger(__name__)

#: Fields of the export, and the base column each one fills.
EXPORT_FIELDS: dict[str, str] = {
    "marketoGUID": "marketoGUID",
    "leadId": "leadId",
    "activityDate": "activityDate",
    "activityTypeId": "activityTypeId",
    "campaignId": "campaignId",
    "primaryAttributeValueId": "primary_attribute_value_id",
    "primaryAttributeValue": "primary_attribute_value",
    "actionResult": "action_result",
    "attributes": "",
}
_REQUIRED = ("marketoGUID", "activityDate", "activityTypeId", "attributes")
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=decimal.Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
Attributes = dict[str, Any]


def export_fields(*, has_result: bool) -> tuple[str, ...]:
    """Give the fields to ask for; attributes last, where broken rows can be mended."""
    return tuple(name for name in EXPORT_FIELDS if has_result or name != "actionResult")


@dataclass(slots=True)
class _Part:
    """The lines of one stream."""

    converter: ActivityConverter
    path: Path
    rows: int = 0


class ActivityConverter:
    """Converts rows of one type, all in the order of the export's header."""

    def __init__(
        self,
        spec: ActivitySpec,
        names: Sequence[str],
        *,
        time_extracted: datetime,
        misfits: Misfits,
    ) -> None:
        """Prepare the conversion.

        Args:
            spec: The type.
            names: The columns wanted, of the stream's schema.
            time_extracted: The server's time the records are as of.
            misfits: Where values that do not fit are counted.
        """
        self._spec = spec
        self._names = names
        self._misfits = misfits
        self._known = {each.api_name for each in spec.columns}
        self._loose = {
            clean_name(each.api_name): each.api_name for each in spec.columns
        }
        self._kinds = {each.name: each for each in spec.columns}
        self._builder = LineBuilder(spec.stream, names, time_extracted=time_extracted)
        self._base = {
            column: new_column(
                BASE_COLUMNS[column],
                place=f"{spec.stream}.{column}",
                misfits=misfits,
            )
            for column in names
            if column in BASE_COLUMNS
        }
        self.unknown: set[str] = set()

    def convert(
        self, rows: Sequence[Sequence[str]], places: Mapping[str, int]
    ) -> bytes:
        """Give the lines of some rows.

        Args:
            rows: The rows.
            places: Where each field of the export stands in them.

        Raises:
            IncompleteDataError: attributes are no JSON object.
        """
        columns = list(zip(*rows, strict=True))
        attributes, others = self._read_attributes(columns[places["attributes"]])
        texts: list[Sequence[str]] = []
        for name in self._names:
            if name in self._kinds:
                texts.append(self._spread(name, attributes))
            elif name == "primary_attribute_name":
                label = self._spec.primary_name
                texts.append([to_json(label)] * len(rows))
            elif name == "attributes_raw":
                texts.append([_write_others(each) for each in others])
            else:
                texts.append(self._convert_base(name, columns, places, len(rows)))
        return self._builder.build(texts)

    def to_record(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Give one activity as a record, its values and attributes by name."""
        attributes = dict(row.get("attributes") or {})
        others = self._set_apart(attributes)
        return {
            name: self._value_of(name, row, attributes, others) for name in self._names
        }

    def _value_of(
        self,
        name: str,
        row: Mapping[str, Any],
        attributes: Attributes,
        others: Attributes,
    ) -> Any:  # noqa: ANN401 - JSON
        if name == "primary_attribute_name":
            return self._spec.primary_name
        if name == "attributes_raw":
            return _ENCODER.encode(others).decode() if others else None
        place, misfits = f"{self._spec.stream}.{name}", self._misfits
        if name in self._kinds:
            field = self._kinds[name]
            value = attributes.get(field.api_name)
            return fit_or_note(field.kind, value, place=place, misfits=misfits)
        value = row.get(_FIELD_OF[name])
        return fit_or_note(BASE_COLUMNS[name], value, place=place, misfits=misfits)

    def _convert_base(
        self,
        name: str,
        columns: Sequence[Sequence[str]],
        places: Mapping[str, int],
        count: int,
    ) -> Sequence[str]:
        place = places.get(_FIELD_OF[name])
        if place is None:
            return ["null"] * count
        return self._base[name](columns[place])

    def _spread(self, name: str, attributes: Sequence[Attributes]) -> Sequence[str]:
        field = self._kinds[name]
        key, kind, misfits = field.api_name, field.kind, self._misfits
        place = f"{self._spec.stream}.{name}"
        return [
            "null"
            if (value := each.get(key)) is None
            else to_json(fit_or_note(kind, value, place=place, misfits=misfits))
            for each in attributes
        ]

    def _read_attributes(
        self, cells: Sequence[str]
    ) -> tuple[list[Attributes], list[Attributes]]:
        """Give the attributes by their described names, and those not described."""
        decode = _DECODER.decode
        try:
            found = [decode(cell) if cell not in {"", "null"} else {} for cell in cells]
        except (msgspec.DecodeError, decimal.DecimalException):
            msg = f"{self._spec.stream}: attributes that are no JSON object"
            raise IncompleteDataError(msg) from None
        knows_all = self._known.issuperset
        nothing: Attributes = {}
        others = [
            nothing if knows_all(each) else self._set_apart(each) for each in found
        ]
        return found, others

    def _set_apart(self, attributes: Attributes) -> Attributes:
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


_FIELD_OF = {column: name for name, column in EXPORT_FIELDS.items() if column}


def _write_others(others: Attributes) -> str:
    return to_json(_ENCODER.encode(others).decode()) if others else "null"


def split_activities(
    file: ExportFile,
    converters: Mapping[int, ActivityConverter],
    *,
    new_path: Callable[[], Path],
    on_block: Callable[[], None] = lambda: None,
) -> dict[int, Page]:
    """Write the lines of each type into a file of its own, in one pass.

    Args:
        file: The export of all types.
        converters: By type; rows of other types are left out.
        new_path: Gives a path for a file.
        on_block: Called now and then.

    Raises:
        IncompleteDataError: the file is not what was asked for.
        SpoolError: the disk does not take the lines.
    """
    parts: dict[int, _Part] = {}
    with file.path.open("rb") as source:
        reader = ExportReader(source, json_column="attributes")
        places = _find_fields(reader.header)
        for block in reader.blocks():
            for type_id, rows in _group(block, places["activityTypeId"]).items():
                converter = converters.get(type_id)
                if converter is None:
                    continue
                part = parts.setdefault(type_id, _Part(converter, new_path()))
                with keeping(part.path, mode="ab") as target:
                    keep(target, converter.convert(rows, places))
                part.rows += len(rows)
            on_block()
        check_count(reader, file)
    for converter in converters.values():
        _tell_unknown(converter)
    return {type_id: Page(part.rows, part.path) for type_id, part in parts.items()}


def _find_fields(header: Sequence[str]) -> dict[str, int]:
    names = list(EXPORT_FIELDS)
    found = zip(names, find_places(header, names, required=_REQUIRED), strict=True)
    places = {name: place for name, place in found if place is not None}
    if header and "campaignId" not in places:
        logger.warning("the file lacks campaignId: null in its place")
    return places if header else dict.fromkeys(_REQUIRED, 0)


def _group(rows: Iterable[list[str]], place: int) -> dict[int, list[list[str]]]:
    groups: dict[str, list[list[str]]] = {}
    for row in rows:
        groups.setdefault(row[place], []).append(row)
    try:
        return {int(type_id): found for type_id, found in groups.items()}
    except ValueError:
        raise IncompleteDataError("an activity without a type") from None


def _tell_unknown(converter: ActivityConverter) -> None:
    if converter.unknown:
        logger.warning(
            "%s: attributes that Marketo does not describe: %s; column attributes_raw "
            "holds them where it is selected",
            converter._spec.stream,  # noqa: SLF001 - the same module
            ", ".join(sorted(converter.unknown)),
        )
        converter.unknown.clear()
