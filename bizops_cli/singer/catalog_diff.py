"""What a catalog has, stream by stream, and how two of them differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bizops_cli.singer.catalog import stream_name
from bizops_cli.singer.personal import declared_class
from bizops_cli.singer.types import contract_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bizops_cli.singer.catalog import Catalog


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field of a stream.

    Attributes:
        name: As the tap calls it.
        type: Its JSON Schema type in a word or two.
        inclusion: `available`, `automatic` or `unsupported`.
        is_selected: Whether it is read.
        personal: What it tells about a person, by the tap's author; None if nothing.
    """

    name: str
    type: str
    inclusion: str
    is_selected: bool
    personal: str | None = None


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """A stream of a catalog.

    Attributes:
        name: As in patterns, messages and states.
        keys: Its key's fields.
        replication_method: `FULL_TABLE`, `INCREMENTAL`, `LOG_BASED`, or nothing.
        replication_key: The field of its bookmark, if there is one.
        is_selected: Whether it is read.
        fields: In the catalog's order.
    """

    name: str
    keys: tuple[str, ...]
    replication_method: str | None
    replication_key: str | None
    is_selected: bool
    fields: tuple[FieldFacts, ...]


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """One difference: of a stream (`Account`) or of a field (`Account.Name`)."""

    kind: Literal["added", "removed", "changed"]
    name: str
    before: str | None = None
    after: str | None = None


def stream_facts(catalog: Catalog) -> list[StreamFacts]:
    """Return what there is; selection as far as the catalog has it set."""
    return [_facts(stream) for stream in catalog["streams"]]


def compare_catalogs(before: Catalog, after: Catalog) -> list[CatalogChange]:
    """Return what has come, gone or become another: streams first, by name."""
    old = {stream.name: stream for stream in stream_facts(before)}
    new = {stream.name: stream for stream in stream_facts(after)}
    changes: list[CatalogChange] = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            changes.append(CatalogChange("added", name))
        elif name not in new:
            changes.append(CatalogChange("removed", name))
        else:
            changes += _stream_changes(old[name], new[name])
    return changes


def _facts(stream: Mapping[str, Any]) -> StreamFacts:
    metadata = {
        tuple(part for part in item.get("breadcrumb") or () if part != "properties"): (
            item.get("metadata") or {}
        )
        for item in stream.get("metadata") or ()
    }
    own = metadata.get((), {})
    keys = stream.get("key_properties") or own.get("table-key-properties") or ()
    method = stream.get("replication_method") or own.get("replication-method")
    method = method or own.get("forced-replication-method")
    key = stream.get("replication_key") or own.get("replication-key")
    valid_keys = own.get("valid-replication-keys") or (None,)
    return StreamFacts(
        name=stream_name(stream),
        keys=tuple(map(str, keys)),
        replication_method=method,
        replication_key=key or valid_keys[0],
        is_selected=bool(own.get("selected")),
        fields=tuple(
            _field(name, schema, metadata.get((name,), {}))
            for name, schema in stream["schema"].get("properties", {}).items()
        ),
    )


def _field(name: str, schema: object, own: Mapping[str, Any]) -> FieldFacts:
    return FieldFacts(
        name=name,
        type=type_in_words(schema),
        inclusion=str(own.get("inclusion", "available")),
        is_selected=bool(own.get("selected")),
        personal=declared_class(schema),
    )


def type_in_words(schema: object) -> str:
    """Return a JSON Schema's type, e.g. `date-time`, `string or integer`, `object`."""
    if not isinstance(schema, dict):
        return "anything"
    if "type" not in schema:
        options = schema.get("anyOf") or schema.get("oneOf") or ()
        return " or ".join(sorted({type_in_words(o) for o in options})) or "anything"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    names = [
        str(schema.get("format", kind)) if kind == "string" else str(kind)
        for kind in kinds
        if kind != "null"
    ]
    return " or ".join(names) or "null"


def column_type(schema: Mapping[str, Any]) -> str:
    """Return the type of the column for a schema: as it asks for, else its kind."""
    asked = schema.get("x-sql-datatype")
    return str(asked or contract_type(type_in_words(schema)) or "text")


def _stream_changes(old: StreamFacts, new: StreamFacts) -> Iterator[CatalogChange]:
    for what in ("keys", "replication_method", "replication_key"):
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield CatalogChange(
                "changed",
                old.name,
                f"{what} {json.dumps(before)}",
                f"{what} {json.dumps(after)}",
            )
    fields = {f.name: f for f in old.fields}, {f.name: f for f in new.fields}
    for name in sorted(fields[0].keys() | fields[1].keys()):
        before, after = fields[0].get(name), fields[1].get(name)
        full = f"{old.name}.{name}"
        if before is None and after is not None:
            yield CatalogChange("added", full, None, after.type)
        elif after is None and before is not None:
            yield CatalogChange("removed", full, before.type, None)
        elif before and after and before.type != after.type:
            yield CatalogChange("changed", full, before.type, after.type)
