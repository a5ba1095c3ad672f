"""The records of the Zuora tenant while the event log is folded into it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.zuora_fields import OBJECT_FIELDS, SETTLEMENT_FIELDS
from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.projections.zuora_noise import is_drawn
from bizops_sandbox.projections.zuora_tenant import DELETED_AT
from bizops_sandbox.world.money import billed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from bizops_sandbox.projections.zuora_noise import ZuoraNoise
    from bizops_sandbox.projections.zuora_subscriptions import Lineage
    from bizops_sandbox.world.parameters import Parameters

    Record = dict[str, Any]

VISIBLE_AT = "visible_at"
# Zuora's own processes write as user 3.
SYSTEM_USER = "3"
API_USER = zuora_id("User", "integration")


@cache
def _empty(object_name: str) -> Mapping[str, None]:
    table = OBJECT_FIELDS.get(object_name) or SETTLEMENT_FIELDS[object_name]
    names = [spec.name for spec in table.fields]
    keys = [relation.key for relation in table.relations]
    return dict.fromkeys([*names, *keys, DELETED_AT, VISIBLE_AT])


@dataclass(frozen=True, slots=True)
class Person:
    """A contact of a customer as the CRM knows it, whom invoices may be sent to."""

    first_name: str
    last_name: str
    email: str
    street: str
    city: str
    postal_code: str
    country: str


@dataclass(slots=True)
class Organization:
    """What is known of a customer when it is billed."""

    name: str
    country: str
    parent_key: str | None
    domain: str | None
    currency: str = "USD"
    people: list[Person] = field(default_factory=list)


@dataclass(slots=True)
class Deal:
    """The opportunity behind an order."""

    account_key: str
    name: str
    close_date: date


@dataclass(slots=True)
class TenantState:
    """Records by object and by their key in the log, and what links them."""

    params: Parameters
    has_invoice_settlement: bool = False
    ledger: list[ZuoraNoise] = field(default_factory=list)
    tables: dict[str, dict[str, Record]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    organizations: dict[str, Organization] = field(default_factory=dict)
    organization_of: dict[str, str] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    deals: dict[str, Deal] = field(default_factory=dict)
    lineages: dict[str, Lineage] = field(default_factory=dict)
    lineage_of: dict[str, str] = field(default_factory=dict)
    billed_years: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    runs: dict[date, str] = field(default_factory=dict)
    items_of: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    _numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _keys: dict[str, str] = field(default_factory=dict)

    def next_number(self, kind: str) -> int:
        """The next running number of a kind, from 1."""
        self._numbers[kind] += 1
        return self._numbers[kind]

    def create(
        self,
        object_name: str,
        key: str,
        at: datetime,
        values: Mapping[str, Any],
        *,
        by: str = API_USER,
    ) -> Record:
        """A new record with its audit fields.

        Raises:
            KeyError: A value for a field the object does not have.
        """
        record: Record = dict(_empty(object_name))
        unknown = values.keys() - record.keys()
        if unknown:
            raise KeyError(f"{object_name} has no {', '.join(sorted(unknown))}")
        record["Id"] = zuora_id(object_name, key)
        record[VISIBLE_AT] = at
        if "CreatedDate" in record:
            record |= {
                "CreatedById": by,
                "CreatedDate": at,
                "UpdatedById": by,
                "UpdatedDate": at,
            }
        record.update(values)
        self.tables[object_name][key] = record
        self._keys[record["Id"]] = key
        return record

    def by_id(self, object_name: str, record_id: str) -> Record:
        """The record with this Id."""
        return self.tables[object_name][self._keys[record_id]]

    def key_of(self, record_id: str) -> str:
        """The key in the log of the record with this Id."""
        return self._keys[record_id]

    def get(self, object_name: str, key: str) -> Record:
        """The record with this key."""
        return self.tables[object_name][key]

    def is_noisy(self, key: str, purpose: str, share: Decimal) -> bool:
        """Whether a record is among the share meant by a kind of noise."""
        return is_drawn(self.params.seed, key, purpose, share)

    def native(self, account_id: str, usd: Decimal) -> Decimal:
        """An amount of the log as the account is billed it."""
        account = self.by_id("Account", account_id)
        return billed(usd, self.params.plan_rate(account["Currency"]))

    def account_relations(self, account_id: str) -> Record:
        """The relations that everything billed to an account has."""
        account = self.get("Account", account_id)
        return {
            "Account.Id": account["Id"],
            "BillToContact.Id": account["BillToId"],
            "SoldToContact.Id": account["SoldToId"],
            "ParentAccount.Id": account["ParentId"],
        }


def touch(
    record: Record, at: datetime, values: Mapping[str, Any], *, by: str = API_USER
) -> None:
    """Set values and the stamps of a save."""
    record.update(values)
    record["UpdatedDate"] = at
    record["UpdatedById"] = by
