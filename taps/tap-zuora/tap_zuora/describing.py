"""From describe's XML to what a stream is. Pure.

Format: Zuora's ``GET /v1/describe/{Object}``, an ``<object>`` with ``<fields>`` and
``<related-objects>``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from tap_zuora.objects import REPLICATION_KEYS, WITHOUT_DELETION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reading_kit.converting import ColumnKind

logger = logging.getLogger(__name__)

DELETED = "Deleted"
DELETED_AT = "_sdc_deleted_at"
#: Kinds of values by Zuora's words; every other word is text.
_KINDS: dict[str, ColumnKind] = {
    "text": "string",
    "longtext": "string",
    "picklist": "string",
    "zoql": "string",
    "boolean": "boolean",
    "integer": "integer",
    "decimal": "number",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "timestamp": "datetime",
}
_FORMATS = {"date": "date", "datetime": "date-time"}
#: Objects whose relation is listed but cannot be joined.
_UNJOINABLE = frozenset({"SubscriptionStatusHistory"})
_TO_ONE = "TO_ONE"


class DescribeError(ValueError):
    """The document is not what describe gives."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One column of a stream.

    Attributes:
        name: Name of the property.
        kind: What its values are.
        source: What a query selects: ``Name``, or ``Account.Id`` for a related object.
    """

    name: str
    kind: ColumnKind
    source: str

    @property
    def is_joined(self) -> bool:
        """Tell whether it is the Id of a related object."""
        return "." in self.source


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """One object as it can be exported.

    Attributes:
        replication_key: The field that moves with every change, if there is one.
    """

    name: str
    fields: tuple[FieldSpec, ...]
    replication_key: str | None

    @property
    def has_deletion(self) -> bool:
        """Tell whether queries may ask for deleted rows."""
        return self.name not in WITHOUT_DELETION


def parse_object_names(document: bytes) -> list[str]:
    """Read the list of objects.

    Raises:
        DescribeError: it is no such list.
    """
    root = _parse(document)
    if root.tag != "objects":
        raise DescribeError(f"<{root.tag}> in place of <objects>")
    names = (_text(node, "name") for node in root.findall("object"))
    return [name for name in names if name]


def parse_object(document: bytes, *, are_keys_joined: bool = True) -> ObjectSpec | None:
    """Read an object; None for one that has no Id to export.

    Raises:
        DescribeError: it is no description of an object.
    """
    root = _parse(document)
    name = _text(root, "name")
    if root.tag != "object" or not name:
        raise DescribeError(f"<{root.tag}> in place of <object>")
    # Direct children only: stray fields stand below related objects.
    own = [
        _read_field(name, node)
        for node in root.findall("fields/field")
        if _is_exported(node)
    ]
    if not any(field.name == "Id" for field in own):
        return None
    joined = _list_joined(name, root, own) if are_keys_joined else []
    names = {field.name for field in own}
    key = next((key for key in REPLICATION_KEYS if key in names), None)
    return ObjectSpec(name, (*own, *joined), key)


def build_schema(spec: ObjectSpec, *, has_deleted: bool) -> dict[str, Any]:
    """Give the JSON Schema of a stream's records; everything but Id may be null.

    Args:
        spec: The object.
        has_deleted: Whether deleted rows are read and marked.
    """
    properties = {field.name: _property(field) for field in spec.fields}
    if has_deleted:
        properties[DELETED] = {"type": ["boolean", "null"]}
        if any(field.name == spec.replication_key for field in spec.fields):
            properties[DELETED_AT] = {
                "type": ["string", "null"],
                "format": "date-time",
            }
    return {"type": "object", "properties": properties, "required": ["Id"]}


def _parse(document: bytes) -> ET.Element:
    try:
        return ET.fromstring(document)  # noqa: S314 - no entities are expanded by expat
    except ET.ParseError as error:
        raise DescribeError(f"not XML ({error})") from None


def _text(node: ET.Element, name: str) -> str:
    return (node.findtext(name) or "").strip()


def _is_exported(node: ET.Element) -> bool:
    contexts = {(context.text or "").strip() for context in node.iter("context")}
    # Documents of older API versions do not say whether a field is selectable.
    is_selectable = _text(node, "selectable").lower() in {"true", ""}
    return bool(_text(node, "name")) and is_selectable and "export" in contexts


def _read_field(object_name: str, node: ET.Element) -> FieldSpec:
    name, word = _text(node, "name"), _text(node, "type")
    kind = _KINDS.get(word.lower())
    if kind is None:
        logger.warning("%s.%s: type %r is read as text", object_name, name, word)
        kind = "string"
    return FieldSpec(name, kind, name)


def _list_joined(
    object_name: str, root: ET.Element, own: Iterable[FieldSpec]
) -> list[FieldSpec]:
    """Give the Ids of related objects; only relations to one can be followed."""
    taken = {field.name.lower() for field in own}
    joined = []
    for node in root.findall("related-objects/object"):
        relation = _text(node, "name")
        cardinality = _text(node, "cardinality") or _TO_ONE
        name = f"{relation}Id"
        if (
            cardinality != _TO_ONE
            or relation in {"", object_name, *_UNJOINABLE}
            or name.lower() in taken
        ):
            continue
        taken.add(name.lower())
        joined.append(FieldSpec(name, "string", f"{relation}.Id"))
    return joined


def _property(field: FieldSpec) -> dict[str, Any]:
    is_text = field.kind not in {"boolean", "integer", "number"}
    kind: str = "string" if is_text else field.kind
    types = [kind] if field.name == "Id" else [kind, "null"]
    described: dict[str, Any] = {"type": types}
    if field.kind in _FORMATS:
        described["format"] = _FORMATS[field.kind]
    return described
