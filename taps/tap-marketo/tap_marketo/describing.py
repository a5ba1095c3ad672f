"""What leads, members and activities look like, read from describe answers. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tap_marketo.naming import (
    clean_name,
    name_activity_streams,
    name_attribute_columns,
    name_lead_columns,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Kind = Literal["string", "integer", "number", "boolean", "date", "datetime", "array"]

_KINDS: dict[str, Kind] = {
    "integer": "integer",
    "score": "integer",
    "percent": "number",
    "float": "number",
    "currency": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "array": "array",
}
_SCHEMAS: dict[Kind, dict[str, Any]] = {
    "string": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "datetime": {"type": ["string", "null"], "format": "date-time"},
    "array": {
        "type": ["array", "null"],
        "items": {"type": ["string", "number", "integer", "null"]},
    },
}
#: Fields of this type have a REST name, yet no export takes them.
_NOT_EXPORTABLE = frozenset({"formula"})
#: Deletions are not in bulk exports; they have an endpoint of their own.
DELETE_LEAD = 37
#: Streams selected by default; ids of custom types vary, so names decide.
DEFAULT_ACTIVITIES = frozenset(
    {
        "Visit Webpage",
        "Fill Out Form",
        "Click Link",
        "Send Email",
        "Email Delivered",
        "Email Bounced",
        "Email Bounced Soft",
        "Unsubscribe Email",
        "Open Email",
        "Click Email",
        "Change Data Value",
        "New Lead",
        "Change Status in Progression",
        "Merge Leads",
        "Change Score",
        "Delete Lead",
    }
)
#: Columns every activity stream has, and the export field each comes from.
BASE_COLUMNS: dict[str, Kind] = {
    "marketoGUID": "string",
    "leadId": "integer",
    "activityDate": "datetime",
    "activityTypeId": "integer",
    "campaignId": "integer",
    "primary_attribute_name": "string",
    "primary_attribute_value": "string",
    "primary_attribute_value_id": "string",
    "action_result": "string",
    "attributes_raw": "string",
}
QUIET_COLUMNS = frozenset({"action_result", "attributes_raw"})


def schema_of(kind: Kind) -> dict[str, Any]:
    """Give the JSON Schema of a kind of value; null is always allowed."""
    return dict(_SCHEMAS[kind])


def kind_of(data_type: object) -> Kind:
    """Give the kind of Marketo's ``dataType``; unknown ones are text."""
    return _KINDS.get(str(data_type).lower(), "string")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One column.

    Attributes:
        name: Name of the column.
        api_name: Marketo's name of it: what exports ask for and answers carry.
    """

    name: str
    api_name: str
    kind: Kind = "string"


@dataclass(frozen=True, slots=True)
class ActivitySpec:
    """One type of activity and its stream.

    Attributes:
        primary_name: Name of the primary attribute, if the type has one.
        columns: Column of each attribute, in the order described.
        aliases: API names of attributes, where they have one, to their own names.
    """

    type_id: int
    name: str
    stream: str
    primary_name: str | None = None
    columns: tuple[FieldSpec, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)


def read_lead_fields(rows: Iterable[Mapping[str, Any]]) -> tuple[FieldSpec, ...]:
    """Read ``leads/describe.json``: every field that an export can hold."""
    kinds: dict[str, Kind] = {}
    for row in rows:
        rest = row.get("rest")
        data_type = str(row.get("dataType", "")).lower()
        if isinstance(rest, dict) and rest.get("name"):
            kinds.setdefault(str(rest["name"]), kind_of(data_type))
            if data_type in _NOT_EXPORTABLE:
                del kinds[str(rest["name"])]
    columns = name_lead_columns(list(kinds))
    return tuple(FieldSpec(columns[name], name, kinds[name]) for name in kinds)


def read_member_fields(rows: Iterable[Mapping[str, Any]]) -> tuple[FieldSpec, ...]:
    """Read ``programs/members/describe.json``."""
    described = [each for row in rows for each in row.get("fields") or ()]
    kinds = {
        str(each["name"]): kind_of(each.get("dataType"))
        for each in described
        if each.get("name")
    }
    for name in ("programId", "leadId"):
        kinds.setdefault(name, "integer")
    kinds.setdefault("updatedAt", "datetime")
    columns = name_lead_columns(list(kinds))
    return tuple(FieldSpec(columns[name], name, kinds[name]) for name in kinds)


def read_activity_types(rows: Sequence[Mapping[str, Any]]) -> tuple[ActivitySpec, ...]:
    """Read ``activities/types.json``, ordered by id."""
    known = {
        int(row["id"]): row for row in rows if row.get("id") is not None and _name(row)
    }
    streams = name_activity_streams((key, _name(row)) for key, row in known.items())
    return tuple(
        _read_activity_type(type_id, known[type_id], streams[type_id])
        for type_id in sorted(known)
    )


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("name") or "")


def _read_activity_type(
    type_id: int, row: Mapping[str, Any], stream: str
) -> ActivitySpec:
    attributes = [each for each in row.get("attributes") or () if _name(each)]
    columns = name_attribute_columns(
        [_name(each) for each in attributes], reserved=BASE_COLUMNS
    )
    kinds = {
        _name(each): kind_of(each.get("dataType")) for each in reversed(attributes)
    }
    primary = row.get("primaryAttribute")
    return ActivitySpec(
        type_id=type_id,
        name=_name(row),
        stream=stream,
        primary_name=_name(primary) if isinstance(primary, dict) else None,
        columns=tuple(
            FieldSpec(column, name, kinds[name]) for name, column in columns.items()
        ),
        aliases={
            str(each["apiName"]): _name(each)
            for each in attributes
            if each.get("apiName")
        },
    )


def find_renamed(fields: Iterable[FieldSpec]) -> list[FieldSpec]:
    """Give the lead fields that stand beside one of the same name in another case."""
    return [each for each in fields if each.name != each.api_name]


def find_collisions(spec: ActivitySpec) -> list[FieldSpec]:
    """Give the attributes whose column is not simply their cleaned name."""
    return [each for each in spec.columns if each.name != clean_name(each.api_name)]


def build_schema(fields: Iterable[FieldSpec], *, keys: Sequence[str]) -> dict[str, Any]:
    """Give the schema of a stream with these columns."""
    properties = {each.name: schema_of(each.kind) for each in fields}
    return {"type": "object", "properties": properties, "required": list(keys)}


def build_activity_schema(spec: ActivitySpec) -> dict[str, Any]:
    """Give the schema of an activity stream: base columns, then the attributes."""
    base = (FieldSpec(name, name, kind) for name, kind in BASE_COLUMNS.items())
    return build_schema((*base, *spec.columns), keys=["marketoGUID"])
