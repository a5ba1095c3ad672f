"""From a JSON Schema of the tap to column types, by the README's table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from target_postgres.column_types import (
    BIGINT,
    INTEGER_KINDS,
    INTEGER_RANGES,
    JSONB,
    NUMERIC,
    TEXT,
    TIMESTAMPTZ,
    ColumnType,
    decimal_type,
    parse_declared_type,
    widest,
)
from target_postgres.errors import BadInputError, ConfigError, Place

_DECIMAL_FORMATS = frozenset({"x-singer.decimal", "singer.decimal"})
_FORMATS: dict[str, ColumnType] = {
    "date-time": TIMESTAMPTZ,
    "date": ColumnType("date"),
    "time": ColumnType("time"),
    "uuid": ColumnType("uuid"),
}
_ENCODINGS = frozenset({"base64", "base16"})
_REFERENCE_DEPTH_LIMIT = 50


@dataclass(frozen=True, slots=True)
class TypeOptions:
    """How some types are read.

    Attributes:
        floats_for_numbers: `number` becomes double precision instead of numeric.
        bytes_for_encoded: strings with a `contentEncoding` become bytea.
        flatten_depth: How many levels of objects become columns of their own.
        flatten_separator: What stands between the names of the levels.
    """

    floats_for_numbers: bool = False
    bytes_for_encoded: bool = False
    flatten_depth: int = 0
    flatten_separator: str = "__"


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a stream.

    Attributes:
        name: Its name in the records.
        type: The column type the schema asks for.
        is_required: Whether the schema lists it as required.
        accepts_strings: Whether a number may come as a string.
        content_encoding: `base64` or `base16` of a bytea column.
        path: Names on the way to the value; more than one in a flattened object.
    """

    name: str
    type: ColumnType
    path: tuple[str, ...]
    is_required: bool = False
    accepts_strings: bool = False
    content_encoding: str | None = None


@dataclass(frozen=True, slots=True)
class StreamSchema:
    """What a SCHEMA message says of a stream.

    Attributes:
        stream: The stream's name.
        properties: Its properties, in the schema's order.
        key_properties: Names of the key properties; empty for an append-only stream.
    """

    stream: str
    properties: tuple[Property, ...]
    key_properties: tuple[str, ...]


def read_schema(
    stream: str,
    schema: object,
    *,
    key_properties: Sequence[str],
    options: TypeOptions,
    line: int,
) -> StreamSchema:
    """Read the schema of a SCHEMA message.

    Args:
        stream: The stream's name.
        schema: The decoded JSON Schema.
        key_properties: The message's key properties.
        options: How some types are read.
        line: Line number, for messages.

    Raises:
        BadInputError: If there are no properties, or a key is not among them.
        ConfigError: If a schema asks for a type that is not on the list.
    """
    place = Place(line=line, stream=stream)
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(schema, Mapping) or not isinstance(properties, Mapping):
        raise BadInputError("SCHEMA without properties", place)
    required = schema.get("required") or ()
    read = tuple(
        _read_property(
            path,
            node,
            root=schema,
            options=options,
            is_required=len(path) == 1 and path[0] in required,
            place=Place(line=line, stream=stream, field=".".join(path)),
        )
        for path, node in _leaves(
            properties, (), root=schema, options=options, place=place
        )
    )
    names = {each.name for each in read}
    for key in key_properties:
        if key not in names:
            raise BadInputError(f"key property {key!r} is not in the schema", place)
    return StreamSchema(stream, read, tuple(dict.fromkeys(key_properties)))


def _leaves(
    properties: Mapping[str, Any],
    above: tuple[str, ...],
    *,
    root: Mapping[str, Any],
    options: TypeOptions,
    place: Place,
) -> Iterator[tuple[tuple[str, ...], object]]:
    """Walk the properties, through objects of known ones if they are flattened."""
    for name, node in properties.items():
        path = (*above, name)
        inner: object = None
        if len(path) <= options.flatten_depth:
            members = _members(node, root=root, place=place)
            if len(members) == 1 and members[0].get("type") == "object":
                inner = members[0].get("properties")
        if isinstance(inner, Mapping) and inner:
            yield from _leaves(inner, path, root=root, options=options, place=place)
        else:
            yield path, node


def _read_property(
    path: tuple[str, ...],
    node: object,
    *,
    root: Mapping[str, Any],
    options: TypeOptions,
    is_required: bool,
    place: Place,
) -> Property:
    members = _members(node, root=root, place=place)
    declared = [m["x-sql-datatype"] for m in members if "x-sql-datatype" in m]
    if declared:
        column_type = parse_declared_type(str(declared[0]))
        if column_type is None:
            raise ConfigError(
                f"x-sql-datatype is not a type a schema may ask for ({place})"
            )
    else:
        column_type = _combine([_member_type(each, options) for each in members])
    types = {each.get("type") for each in members}
    encoding = next(
        (m["contentEncoding"] for m in members if m.get("contentEncoding")), None
    )
    return Property(
        options.flatten_separator.join(path),
        column_type,
        path,
        is_required=is_required,
        accepts_strings="string" in types
        and column_type.kind in {*INTEGER_KINDS, "numeric", "float8"},
        content_encoding=encoding if column_type.kind == "bytea" else None,
    )


def _members(
    node: object, *, root: Mapping[str, Any], place: Place, depth: int = 0
) -> list[dict[str, Any]]:
    """Flatten references, unions and type lists into members of one type each."""
    if depth > _REFERENCE_DEPTH_LIMIT:
        return [{"type": "object"}]
    if node is True or node == {}:
        return [{}]
    if not isinstance(node, Mapping):
        raise BadInputError("the property's schema is not an object", place)
    if "$ref" in node:
        node = {**_resolve(node["$ref"], root=root, place=place), **node}
        node.pop("$ref")
    own = {k: v for k, v in node.items() if k not in {"anyOf", "oneOf", "allOf"}}
    types = own.get("type")
    if isinstance(types, list):
        return [{**own, "type": each} for each in types if each != "null"] or [
            {**own, "type": "null"}
        ]
    if types is not None:
        return [own]
    found: list[dict[str, Any]] = []
    for union in ("anyOf", "oneOf", "allOf"):
        for member in node.get(union) or ():
            members = _members(member, root=root, place=place, depth=depth + 1)
            found.extend({**own, **each} for each in members)
    return [m for m in found if m.get("type") != "null"] or found or [own]


def _resolve(
    reference: object, *, root: Mapping[str, Any], place: Place
) -> Mapping[str, Any]:
    node: Any = root
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise BadInputError("only references inside the schema are followed", place)
    for part in reference.lstrip("#/").split("/") if reference != "#" else ():
        key = part.replace("~1", "/").replace("~0", "~")
        node = node.get(key) if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping):
        raise BadInputError("the schema refers to a definition it lacks", place)
    return node


def _combine(types: Sequence[ColumnType]) -> ColumnType:
    if any(each.kind == "jsonb" for each in types):
        return JSONB
    combined = types[0]
    numbers = {*INTEGER_KINDS, "numeric", "float8"}
    for each in types[1:]:
        if each == combined:
            continue
        both = {each.kind, combined.kind}
        combined = (widest(combined, each) if both <= numbers else None) or TEXT
    return combined


def _member_type(member: Mapping[str, Any], options: TypeOptions) -> ColumnType:
    match member.get("type"):
        case "boolean":
            return ColumnType("bool")
        case "integer":
            return _integer_type(member)
        case "number":
            return ColumnType("float8") if options.floats_for_numbers else NUMERIC
        case "string":
            return _string_type(member, options)
        case _:
            # Objects, arrays, untyped, enum only, null only.
            return JSONB


def _string_type(member: Mapping[str, Any], options: TypeOptions) -> ColumnType:
    form = member.get("format")
    if form in _DECIMAL_FORMATS:
        return decimal_type(
            _whole_number(member.get("precision")), _whole_number(member.get("scale"))
        )
    if isinstance(form, str) and form in _FORMATS:
        return _FORMATS[form]
    if options.bytes_for_encoded and member.get("contentEncoding") in _ENCODINGS:
        return ColumnType("bytea")
    return TEXT


def _integer_type(member: Mapping[str, Any]) -> ColumnType:
    low = _bound(member, "minimum", "exclusiveMinimum", step=1)
    high = _bound(member, "maximum", "exclusiveMaximum", step=-1)
    if low is not None and high is not None:
        for kind in ("int2", "int4"):
            least, most = INTEGER_RANGES[kind]
            if least <= low and high <= most:
                return ColumnType(kind)
    return BIGINT


def _bound(
    member: Mapping[str, Any], inclusive: str, exclusive: str, *, step: int
) -> float | None:
    bounds: list[float] = []
    value, edge = member.get(inclusive), member.get(exclusive)
    is_edge_flag = isinstance(edge, bool)  # draft 4 wrote a flag beside the bound
    if isinstance(value, int | float) and not isinstance(value, bool):
        bounds.append(value + step if edge is True else value)
    if isinstance(edge, int | float) and not is_edge_flag:
        bounds.append(edge + step)
    if not bounds:
        return None
    return max(bounds) if step > 0 else min(bounds)


def _whole_number(value: object) -> int | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and isinstance(value, int) else None
