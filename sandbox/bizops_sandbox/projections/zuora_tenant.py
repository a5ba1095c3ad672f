"""The shape of a Zuora tenant as the server serves it: objects, fields, rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    Value = str | bool | int | Decimal | date | datetime | None
    Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of an object, with the elements of Zuora's describe that matter.

    `type` is Zuora's own word: text, longtext, picklist, boolean, integer, decimal,
    date, datetime, ZOQL. A field not in the export context can only be asked for by
    the SOAP-like `action/query`.
    """

    name: str
    type: str
    label: str
    is_exportable: bool = True
    is_selectable: bool = True
    is_custom: bool = False
    is_required: bool = False
    max_length: int = 0
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """An object reached from another one: `Account.Id` in a query's select list.

    Rows hold the other object's Id under `<name>.Id`. Only relations to one object can
    be followed in a query.
    """

    name: str
    object_name: str
    label: str
    is_to_one: bool = True

    @property
    def key(self) -> str:
        """Where a row holds the related object's Id."""
        return f"{self.name}.Id"


@dataclass(frozen=True, slots=True)
class ObjectTable:
    """One Zuora object: its describe and its rows.

    Rows are ordered by Id and hold every field's name and every relation's key, and
    `deleted_at`, None for a living row. Date-times are aware and in UTC with whole
    seconds, decimals are exact, an absent value is None.
    """

    name: str
    label: str
    fields: tuple[FieldSpec, ...]
    relations: tuple[Relation, ...]
    rows: tuple[Row, ...] = ()
    has_deleted_support: bool = True


DELETED_AT = "deleted_at"


@dataclass(frozen=True, slots=True)
class ZuoraTenant:
    """All objects of the tenant as of one instant, which is also the server's clock."""

    tenant_id: str
    as_of: datetime
    objects: Mapping[str, ObjectTable] = field(default_factory=dict)
