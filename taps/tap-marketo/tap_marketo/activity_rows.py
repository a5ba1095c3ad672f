"""Takes one export of all types of activities apart, into RECORD lines by stream."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from reading_kit.errors import IncompleteDataError
from reading_kit.pages import Page, keep, keeping
from tap_marketo.attributes import AttributeReader, write_column, write_others
from tap_marketo.cells import new_column
from tap_marketo.csvrows import ExportReader, find_places
from tap_marketo.describing import BASE_COLUMNS
from tap_marketo.flat_rows import check_count
from tap_marketo.lines import LineBuilder
from tap_marketo.values import fit_or_note, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from tap_marketo.attributes import AttributeBlock
    from tap_marketo.board import ExportFile
    from tap_marketo.describing import ActivitySpec
    from tap_marketo.lines import Column
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


def export_fields(*, has_result: bool) -> tuple[str, ...]:
    """Give the fields to ask for; attributes last, where broken rows can be mended."""
    return tuple(name for name in EXPORT_FIELDS if has_result or name != "actionResult")


@dataclass(slots=True)
class _Part:
    """The lines of one stream, kept in a file."""

    path: Path
    file: IO[bytes]
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
        self._attributes = AttributeReader(spec)
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
        attributes = self._attributes.read(columns[places["attributes"]])
        texts = [
            self._convert(name, columns, places, attributes) for name in self._names
        ]
        return self._builder.build(texts, rows=len(rows))

    def _convert(
        self,
        name: str,
        columns: Sequence[Sequence[str]],
        places: Mapping[str, int],
        attributes: AttributeBlock,
    ) -> Column:
        if name in self._kinds:
            field = self._kinds[name]
            return write_column(
                field.kind,
                attributes.columns[field.api_name],
                place=f"{self._spec.stream}.{name}",
                misfits=self._misfits,
            )
        if name == "primary_attribute_name":
            return to_json(self._spec.primary_name)
        if name == "attributes_raw":
            others = attributes.others
            return (
                "null" if others is None else [_write_others(each) for each in others]
            )
        place = places.get(_FIELD_OF[name])
        return "null" if place is None else self._base[name](columns[place])

    def tell_unknown(self) -> None:
        """Log the attributes met that are not described."""
        unknown = self._attributes.unknown
        if unknown:
            logger.warning(
                "%s: attributes that Marketo does not describe: %s; column "
                "attributes_raw holds them where it is selected",
                self._spec.stream,
                ", ".join(sorted(unknown)),
            )
            unknown.clear()

    def to_record(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Give one activity as a record, its values and attributes by name."""
        attributes = dict(row.get("attributes") or {})
        others = self._attributes.set_apart(attributes)
        return {
            name: self._value_of(name, row, attributes, others) for name in self._names
        }

    def _value_of(
        self,
        name: str,
        row: Mapping[str, Any],
        attributes: dict[str, Any],
        others: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - JSON
        if name == "primary_attribute_name":
            return self._spec.primary_name
        if name == "attributes_raw":
            return write_others(others)
        place, misfits = f"{self._spec.stream}.{name}", self._misfits
        if name in self._kinds:
            field = self._kinds[name]
            value = attributes.get(field.api_name)
            return fit_or_note(field.kind, value, place=place, misfits=misfits)
        value = row.get(_FIELD_OF[name])
        return fit_or_note(BASE_COLUMNS[name], value, place=place, misfits=misfits)


_FIELD_OF = {column: name for name, column in EXPORT_FIELDS.items() if column}


def _write_others(others: dict[str, Any]) -> str:
    return to_json(write_others(others))


def split_activities(
    file: ExportFile,
    converters: Mapping[int, ActivityConverter],
    *,
    new_path: Callable[[], Path],
) -> dict[int, Page]:
    """Write the lines of each type into a file of its own, in one pass.

    Args:
        file: The export of all types.
        converters: By type; rows of other types are left out.
        new_path: Gives a path for a file.

    Raises:
        IncompleteDataError: the file is not what was asked for.
        SpoolError: the disk does not take the lines.
    """
    parts: dict[int, _Part] = {}
    with ExitStack() as files, file.path.open("rb") as source:
        reader = ExportReader(source, json_column="attributes")
        places = _find_fields(reader.header)
        for block in reader.blocks():
            for type_id, rows in _group(block, places["activityTypeId"]).items():
                if type_id not in converters:
                    continue
                if type_id not in parts:
                    path = new_path()
                    parts[type_id] = _Part(path, files.enter_context(keeping(path)))
                part = parts[type_id]
                keep(part.file, converters[type_id].convert(rows, places))
                part.rows += len(rows)
        check_count(reader, file)
    for converter in converters.values():
        converter.tell_unknown()
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
