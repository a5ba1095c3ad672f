"""From a describe answer to what a stream needs to know. Pure."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tap_salesforce.objects import (
    BULK_REFUSED,
    EXCLUDED_SUFFIXES,
    FILTER_REQUIRED,
    FULL_TABLE_ONLY,
    NOT_QUERYABLE,
    REPLICATION_KEYS,
    SMALL_TABLES,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

logger = logging.getLogger(__name__)

FieldKind = Literal[
    "string",
    "boolean",
    "integer",
    "number",
    "date",
    "datetime",
    "address",
    "location",
    "binary",
]

_STRING_TYPES = frozenset(
    [
        "id",
        "string",
        "picklist",
        "multipicklist",
        "combobox",
        "textarea",
        "phone",
        "url",
        "email",
        "reference",
        "encryptedstring",
        "masterrecord",
        "datacategorygroupreference",
        "complexvalue",
        "time",
        "json",
        "anyType",
        "calculated",
    ]
)
_KINDS: dict[str, FieldKind] = {
    **dict.fromkeys(_STRING_TYPES, "string"),
    "boolean": "boolean",
    "int": "integer",
    "long": "integer",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "datetime",
    "address": "address",
    "location": "location",
    "base64": "binary",
}
_ADDRESS_PARTS = (
    "street",
    "city",
    "state",
    "stateCode",
    "postalCode",
    "country",
    "countryCode",
    "geocodeAccuracy",
)
_COORDINATES = {"latitude": ["number", "null"], "longitude": ["number", "null"]}


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of an object.

    Attributes:
        kind: The form of its values, by Salesforce's type.
        salesforce_type: The type as describe names it.
        scale: Digits after the point; 0 where it does not apply.
    """

    name: str
    kind: FieldKind
    salesforce_type: str
    scale: int = 0
    is_calculated: bool = False
    is_filterable: bool = True

    @property
    def is_compound(self) -> bool:
        """Tell whether only REST can read the field, as an object."""
        return self.kind in {"address", "location"}

    @property
    def is_readable(self) -> bool:
        """Tell whether the field is read at all by default."""
        return self.kind != "binary"


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """One object (stream): its fields, keys and the way it can be read."""

    name: str
    fields: tuple[FieldSpec, ...]
    key_properties: tuple[str, ...]
    replication_key: str | None
    is_bulk_capable: bool
    is_replicateable: bool = True

    def field_names(self) -> frozenset[str]:
        """Give the names of all fields."""
        return frozenset(spec.name for spec in self.fields)


def is_replicable(sobject: Mapping[str, Any]) -> bool:
    """Tell whether an entry of the list of objects can be a stream."""
    name = str(sobject.get("name", ""))
    return bool(
        name
        and sobject.get("queryable")
        and not sobject.get("deprecatedAndHidden")
        and not name.endswith(EXCLUDED_SUFFIXES)
        and name not in FILTER_REQUIRED
        and name not in NOT_QUERYABLE
    )


def parse_describe(describe: Mapping[str, Any]) -> ObjectSpec:
    """Read a describe answer; unknown field types become text, with a warning."""
    name = str(describe["name"])
    fields = tuple(
        _parse_field(name, raw)
        for raw in describe["fields"]
        if not raw.get("deprecatedAndHidden")
    )
    by_name = {spec.name: spec for spec in fields}
    return ObjectSpec(
        name=name,
        fields=fields,
        key_properties=_choose_keys(by_name),
        replication_key=_choose_replication_key(name, by_name),
        is_bulk_capable=not (
            name in BULK_REFUSED or name in SMALL_TABLES or name.endswith("__Tag")
        ),
        is_replicateable=bool(describe.get("replicateable", True)),
    )


def _parse_field(object_name: str, raw: Mapping[str, Any]) -> FieldSpec:
    kind = _KINDS.get(raw["type"])
    if kind is None:
        logger.warning(
            "%s.%s: unknown type %s, read as text",
            object_name,
            raw["name"],
            raw["type"],
        )
        kind = "string"
    return FieldSpec(
        name=str(raw["name"]),
        kind=kind,
        salesforce_type=str(raw["type"]),
        scale=int(raw.get("scale") or 0),
        is_calculated=bool(raw.get("calculated")),
        is_filterable=raw.get("filterable") is not False,
    )


def _choose_keys(fields: Mapping[str, FieldSpec]) -> tuple[str, ...]:
    identity = fields.get("Id")
    durable = fields.get("DurableId")
    if durable is not None and (identity is None or not identity.is_filterable):
        return ("DurableId",)
    if identity is not None:
        return ("Id",)
    return ("EventIdentifier",) if "EventIdentifier" in fields else ()


def _choose_replication_key(name: str, fields: Mapping[str, FieldSpec]) -> str | None:
    key = next((key for key in REPLICATION_KEYS if key in fields), None)
    if key is None or name in FULL_TABLE_ONLY or not fields[key].is_filterable:
        return None
    return key


def build_schema(spec: ObjectSpec) -> dict[str, Any]:
    """Build the JSON Schema of an object's records; only keys are never null."""
    properties = {
        field.name: _field_schema(field, is_key=field.name in spec.key_properties)
        for field in spec.fields
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(spec.key_properties),
    }


def _field_schema(field: FieldSpec, *, is_key: bool) -> dict[str, Any]:
    null = [] if is_key else ["null"]
    schema: dict[str, Any]
    match field.kind:
        case "boolean" | "integer" | "number":
            schema = {"type": [field.kind, *null]}
        case "date":
            schema = {"type": ["string", *null], "format": "date"}
        case "datetime":
            schema = {"type": ["string", *null], "format": "date-time"}
        case "address" | "location":
            schema = {"type": ["object", "null"], "properties": _part_schemas(field)}
        case _:
            schema = {"type": ["string", *null]}
    if field.is_calculated:
        schema["description"] = (
            "Formula: a change of its inputs alone does not send the row again."
        )
    return schema


def _part_schemas(field: FieldSpec) -> dict[str, Any]:
    parts = {name: {"type": types} for name, types in _COORDINATES.items()}
    if field.kind == "location":
        return parts
    texts = {name: {"type": ["string", "null"]} for name in _ADDRESS_PARTS}
    return {**texts, **parts}


def select_readable(
    spec: ObjectSpec, *, is_bulk: bool, are_formulas_included: bool
) -> Iterable[FieldSpec]:
    """Give the fields a transport can read under the settings."""
    return (
        field
        for field in spec.fields
        if field.is_readable
        and not (is_bulk and field.is_compound)
        and (are_formulas_included or not field.is_calculated or _is_key(spec, field))
    )


def _is_key(spec: ObjectSpec, field: FieldSpec) -> bool:
    return field.name in spec.key_properties or field.name == spec.replication_key
