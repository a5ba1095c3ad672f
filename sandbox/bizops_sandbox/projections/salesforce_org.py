"""The shape of a Salesforce org as the server serves it: objects, fields, rows."""

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
    """One field of an object, with the keys of Salesforce's describe that matter.

    `type` is Salesforce's own word: id, string, picklist, textarea, phone, url,
    email, reference, boolean, int, double, currency, percent, date, datetime,
    address (compound, served by REST only).
    """

    name: str
    type: str
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    is_nillable: bool = True
    is_custom: bool = False
    is_calculated: bool = False
    is_filterable: bool = True
    compound_field_name: str | None = None
    reference_to: tuple[str, ...] = ()
    picklist_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectTable:
    """One Salesforce object: its describe and its rows.

    Rows are ordered by Id and hold every field's name but compound ones.
    Date-times are aware and in UTC with whole seconds, decimals are exact, an
    absent value is None.
    """

    name: str
    label: str
    key_prefix: str
    fields: tuple[FieldSpec, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SalesforceOrg:
    """All objects of the org as of one instant, which is also the server's clock."""

    org_id: str
    as_of: datetime
    objects: Mapping[str, ObjectTable] = field(default_factory=dict)
