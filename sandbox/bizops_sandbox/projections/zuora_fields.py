"""What the describe calls of the Zuora tenant tell: objects, fields, relations.

The field lists stand in `zuora_fields_customers` and `zuora_fields_billing` as text:
`Name:type` tokens, text when no type is named, `!` behind a field that is not in the
export context, `-` behind one that is not selectable; `~` stands where there are no
audit fields. The column sets are those of real tenants, custom fields apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bizops_sandbox.projections import zuora_fields_billing as billing
from bizops_sandbox.projections import zuora_fields_customers as customers
from bizops_sandbox.projections.zuora_tenant import FieldSpec, ObjectTable, Relation

if TYPE_CHECKING:
    from collections.abc import Mapping

_AUDIT = "Id CreatedById CreatedDate:datetime UpdatedById UpdatedDate:datetime"
_SUFFIXES = ("__c", "__QT")
_TEXT_LENGTH = 255
_ID_LENGTH = 32
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# Objects that refuse a `deleted` section in a batch query.
_WITHOUT_DELETION = frozenset(
    {
        "AccountingCode",
        "AccountingPeriod",
        "ContactSnapshot",
        "PaymentTransactionLog",
        "ProcessedUsage",
    }
)
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "Account.Status": ("Draft", "Active", "Canceled"),
    "Subscription.Status": ("Draft", "Active", "Cancelled", "Expired"),
    "Subscription.TermType": ("TERMED", "EVERGREEN"),
    "RatePlanCharge.ChargeType": ("OneTime", "Recurring", "Usage"),
    "Invoice.Status": ("Draft", "Posted", "Canceled"),
    "Payment.Status": ("Processed", "Error", "Canceled"),
    "Amendment.Type": (
        "NewProduct",
        "RemoveProduct",
        "UpdateProduct",
        "Renewal",
        "Cancellation",
    ),
}


def label_of(name: str) -> str:
    """The words of a name: `TermEndDate` is labelled Term End Date."""
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return " ".join(_WORDS.findall(name)) or name


def _field(token: str, object_name: str) -> FieldSpec:
    text, _, kind = token.partition(":")
    flags = "".join(char for char in token if char in "!-")
    name = text.strip("!-")
    kind = kind.strip("!-") or "text"
    length = _ID_LENGTH if name.endswith("Id") else _TEXT_LENGTH
    return FieldSpec(
        name=name,
        type=kind,
        label=label_of(name),
        is_exportable="!" not in flags,
        is_selectable="-" not in flags,
        is_custom=name.endswith(_SUFFIXES),
        is_required=name == "Id",
        max_length=length if kind in {"text", "longtext", "ZOQL"} else 0,
        options=_OPTIONS.get(f"{object_name}.{name}", ()),
    )


def _relation(token: str) -> Relation:
    name, _, target = token.partition(">")
    is_many = target.endswith("*")
    target = target.rstrip("*")
    return Relation(
        name=name,
        object_name=target or name,
        label=label_of(name),
        is_to_one=not is_many,
    )


def _table(name: str, fields: str, relations: str) -> ObjectTable:
    own = fields.replace("~", "").split()
    audit = _AUDIT if own == fields.split() else "Id"
    tokens = own if "Id!" in own else [*audit.split(), *own]
    return ObjectTable(
        name=name,
        label=label_of(name),
        fields=tuple(_field(token, name) for token in tokens),
        relations=tuple(_relation(token) for token in relations.split()),
        has_deleted_support=name not in _WITHOUT_DELETION,
    )


def _tables(*lists: Mapping[str, tuple[str, str]]) -> dict[str, ObjectTable]:
    found = {
        name: _table(name, fields, relations)
        for listed in lists
        for name, (fields, relations) in listed.items()
    }
    return dict(sorted(found.items()))


OBJECT_FIELDS: Mapping[str, ObjectTable] = _tables(customers.OBJECTS, billing.OBJECTS)
SETTLEMENT_FIELDS: Mapping[str, ObjectTable] = _tables(billing.SETTLEMENT_OBJECTS)
