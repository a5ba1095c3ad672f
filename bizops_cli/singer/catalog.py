"""Selection and metadata applied to the catalog a tap has discovered.

A pattern is `Stream`, `Stream.field` or `Stream.field.part`, each part with `*`, `?`
and `[...]`; `!` in front leaves out. What is left out wins, in whatever order.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

from bizops_cli.errors import TapInputError
from bizops_cli.singer.personal import KEYWORD as PERSONAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Catalog = dict[str, Any]
Relation = Literal["same", "below", "above"]
FieldSchemas = dict[str, dict[str, dict[str, Any]]]
"""Stream to field to the JSON Schema it is given."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A catalog ready for the tap.

    Attributes:
        catalog: With `selected` set everywhere.
        streams: Names of the selected streams.
        unmatched: Patterns that fit nothing the tap has.
        schemas: What `schema` of the metadata makes of fields, by stream and field;
            the catalog has it already, a tap may still send what it had itself.
        misplaced: Patterns of metadata whose `schema` fits no field.
    """

    catalog: Catalog
    streams: tuple[str, ...]
    unmatched: tuple[str, ...]
    schemas: FieldSchemas = field(default_factory=dict)
    misplaced: tuple[str, ...] = ()


def parse_catalog(data: bytes, *, tap: str) -> Catalog:
    """Read what `--discover` printed.

    Raises:
        TapInputError: It is no catalog.
    """
    catalog = _catalog(data)
    if catalog is None:
        raise TapInputError(
            f"{tap} --discover did not print a Singer catalog",
            "Look at its log; report it to the tap's authors.",
        )
    return catalog


def is_catalog(data: bytes) -> bool:
    """Tell whether this is a Singer catalog."""
    return _catalog(data) is not None


def _catalog(data: bytes) -> Catalog | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    streams = value.get("streams") if isinstance(value, dict) else None
    if not isinstance(streams, list) or not all(
        isinstance(stream, dict) and isinstance(stream.get("schema"), dict)
        for stream in streams
    ):
        return None
    return dict(value)


def stream_name(stream: Mapping[str, Any]) -> str:
    """Return how a stream is called in patterns, messages and states."""
    return str(stream.get("tap_stream_id") or stream.get("stream") or "")


def apply_selection(
    catalog: Catalog,
    *,
    select: Sequence[str],
    metadata: Mapping[str, Mapping[str, object]],
) -> Applied:
    """Return the catalog with selection and metadata set.

    Args:
        catalog: As discovered; not changed.
        select: Patterns; none, or none but `!`, selects all the tap itself would: a
            stream or field it marks `selected-by-default: false`, personal data as a
            rule, is read only when a pattern names it.
        metadata: Stream or field pattern to metadata such as `replication-method`; of a
            field, `schema` takes the place of its JSON Schema.
    """
    result = copy.deepcopy(catalog)
    wanted = [p for p in select if not p.startswith("!")]
    unwanted = [p[1:] for p in select if p.startswith("!")]
    used: set[str] = set()
    chosen: list[str] = []
    schemas: FieldSchemas = {}
    placed: set[str] = set()
    for stream in result["streams"]:
        entries = _entries(stream)
        name = stream_name(stream)
        properties = stream["schema"].get("properties", {})
        for path, entry in entries.items():
            _set_selected(entry, name, path, wanted, unwanted, used)
            for pattern, values in metadata.items():
                if "same" in _relations(pattern, name, path):
                    used.add(pattern)
                    entry.update({k: v for k, v in values.items() if k != "schema"})
                    if "schema" in values and len(path) == 1 and path[0] in properties:
                        placed.add(pattern)
                        given = _in_place_of(properties[path[0]], values["schema"])
                        schemas.setdefault(name, {})[path[0]] = given
        properties.update(schemas.get(name, {}))
        _set_replication(stream, entries[()])
        if entries[()]["selected"]:
            chosen.append(name)
    patterns = [*select, *metadata]
    return Applied(
        catalog=result,
        streams=tuple(chosen),
        unmatched=tuple(p for p in patterns if p.removeprefix("!") not in used),
        schemas=schemas,
        misplaced=tuple(
            p for p in metadata if "schema" in metadata[p] and p in used - placed
        ),
    )


def _in_place_of(found: object, given: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a field's new schema; what it tells about a person stays."""
    known = found if isinstance(found, dict) else {}
    kept = {key: value for key, value in known.items() if key == PERSONAL}
    return {**kept, **copy.deepcopy(given)}


def field_names(catalog: Catalog) -> Iterator[str]:
    """Yield every stream and `Stream.field` of a catalog, for suggestions."""
    for stream in catalog["streams"]:
        name = stream_name(stream)
        yield name
        for part in stream["schema"].get("properties", {}):
            yield f"{name}.{part}"


def _entries(stream: dict[str, Any]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return the metadata of each field path; make what is missing."""
    found = stream.get("metadata")
    listed = (
        [m for m in found if isinstance(m, dict)] if isinstance(found, list) else []
    )
    entries: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in listed:
        breadcrumb = tuple(item.get("breadcrumb") or ())
        path = tuple(part for part in breadcrumb if part != "properties")
        item.setdefault("metadata", {})
        entries.setdefault(path, item["metadata"])
    stream["metadata"] = listed
    for path in [(), *((name,) for name in stream["schema"].get("properties", {}))]:
        if path not in entries:
            values: dict[str, Any] = {}
            breadcrumb = ("properties", *path) if path else ()
            listed.append({"breadcrumb": list(breadcrumb), "metadata": values})
            entries[path] = values
    return entries


def _set_selected(
    entry: dict[str, Any],
    name: str,
    path: tuple[str, ...],
    wanted: Sequence[str],
    unwanted: Sequence[str],
    used: set[str],
) -> None:
    keep = {pattern: _relations(pattern, name, path) for pattern in wanted or ["*"]}
    drop = {pattern: _relations(pattern, name, path) for pattern in unwanted}
    used.update(p for p, found in [*keep.items(), *drop.items()] if "same" in found)
    is_kept = any(keep.values())
    if entry.get("selected-by-default") is False:
        # A field is named by itself or a part of it, a stream by a field of it, too.
        is_kept = bool(wanted) and any(
            found & {"same", "above"} for found in keep.values()
        )
    is_dropped = any(found & {"same", "below"} for found in drop.values())
    inclusion = entry.get("inclusion")
    if inclusion == "unsupported":
        entry["selected"] = False
    elif inclusion == "automatic" and path:
        entry["selected"] = True
    else:
        entry["selected"] = is_kept and not is_dropped


def _relations(pattern: str, name: str, path: tuple[str, ...]) -> set[Relation]:
    """Return how a path lies to what a pattern means.

    `same`: it is meant itself. `below`: it is part of what is meant. `above`: what is
    meant is part of it. A stream's name may have dots, so that a pattern can be read
    in several ways.
    """
    parts = pattern.split(".")
    found: set[Relation] = set()
    for index in range(1, len(parts) + 1):
        stream, fields = ".".join(parts[:index]), parts[index:]
        if fnmatchcase(name, stream) and all(map(fnmatchcase, path, fields)):
            if len(fields) == len(path):
                found.add("same")
            else:
                found.add("below" if len(fields) < len(path) else "above")
    return found


def _set_replication(stream: dict[str, Any], entry: Mapping[str, Any]) -> None:
    """Say the replication in both places taps look for it."""
    for key in ("replication-method", "replication-key"):
        if key in entry:
            stream[key.replace("-", "_")] = entry[key]
    if "table-key-properties" in entry:
        stream.setdefault("key_properties", entry["table-key-properties"])
