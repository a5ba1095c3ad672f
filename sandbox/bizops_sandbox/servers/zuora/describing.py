"""The XML of describe calls."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bizops_sandbox.projections.zuora_tenant import (
        FieldSpec,
        ObjectTable,
        Relation,
    )

# Real documents hold a field where none is expected: below a related object.
_STRAY = (
    "<field><name>StrayField</name><label>Stray</label><selectable>true</selectable>"
    "<type>text</type><contexts><context>export</context></contexts></field>"
)


def describe_all(tables: Iterable[ObjectTable], base_url: str) -> str:
    """The list of objects, `<objects>`."""
    items = "".join(
        f"  <object href={quoteattr(_href(base_url, table.name))}>\n"
        f"    <name>{escape(table.name)}</name>\n"
        f"    <label>{escape(table.label)}</label>\n"
        "  </object>\n"
        for table in tables
    )
    return f"<objects>\n{items}</objects>\n"


def describe_object(
    table: ObjectTable, base_url: str, *, lists_to_many: bool = False
) -> str:
    """One object: its fields and the objects it is related to."""
    listed = [r for r in table.relations if lists_to_many or r.is_to_one]
    fields = "".join(_field(spec) for spec in table.fields)
    related = "".join(
        _related(relation, base_url, is_stray=table.name == "Account" and number == 0)
        for number, relation in enumerate(listed)
    )
    return (
        f"<object href={quoteattr(_href(base_url, table.name))}>\n"
        f"  <name>{escape(table.name)}</name>\n"
        f"  <label>{escape(table.label)}</label>\n"
        f"  <fields>\n{fields}  </fields>\n"
        f"  <related-objects>\n{related}  </related-objects>\n"
        "</object>\n"
    )


def _href(base_url: str, name: str) -> str:
    return f"{base_url}/v1/describe/{name}"


def _field(spec: FieldSpec) -> str:
    contexts = ["soap", "export"] if spec.is_exportable else ["soap"]
    is_writable = spec.name not in {"Id", "CreatedDate", "UpdatedDate"}
    parts = [
        f"<name>{escape(spec.name)}</name>",
        f"<label>{escape(spec.label)}</label>",
        f"<selectable>{_flag(spec.is_selectable)}</selectable>",
        f"<createable>{_flag(is_writable)}</createable>",
        f"<updateable>{_flag(is_writable)}</updateable>",
        f"<filterable>{_flag(spec.is_selectable)}</filterable>",
        f"<custom>{_flag(spec.is_custom)}</custom>",
        f"<maxlength>{spec.max_length or ''}</maxlength>" if spec.max_length else "",
        f"<required>{_flag(spec.is_required)}</required>",
        f"<type>{escape(spec.type)}</type>",
        "<options>"
        + "".join(f"<option>{escape(option)}</option>" for option in spec.options)
        + "</options>",
        "<contexts>"
        + "".join(f"<context>{context}</context>" for context in contexts)
        + "</contexts>",
    ]
    inner = "".join(f"      {part}\n" for part in parts if part)
    return f"    <field>\n{inner}    </field>\n"


def _related(relation: Relation, base_url: str, *, is_stray: bool) -> str:
    cardinality = "TO_ONE" if relation.is_to_one else "TO_MANY"
    return (
        f"    <object href={quoteattr(_href(base_url, relation.object_name))}>\n"
        f"      <name>{escape(relation.name)}</name>\n"
        f"      <label>{escape(relation.label)}</label>\n"
        f"      <cardinality>{cardinality}</cardinality>\n"
        f"{_STRAY if is_stray else ''}"
        "    </object>\n"
    )


def _flag(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"
