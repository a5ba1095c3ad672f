"""The records of the Salesforce org while the event log is folded into it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.projections.salesforce_org import Value

    Record = dict[str, Value]

_WITHOUT_DELETION = frozenset({"User", "OpportunityStage"})


@dataclass(slots=True)
class OrgState:
    """Records by object and by their key in the log, and who belongs to whom.

    `children` maps (object, parent record id) to the child records, so that a
    merge or a deletion reaches them without a search; `names` maps persons to
    first and last name.
    """

    tables: dict[str, dict[str, Record]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    children: dict[tuple[str, str], list[Record]] = field(
        default_factory=lambda: defaultdict(list)
    )

    names: dict[str, tuple[str, str]] = field(default_factory=dict)

    def create(
        self, object_name: str, key: str, at: datetime, by: str, **values: Value
    ) -> Record:
        """A new record with its audit fields."""
        user = salesforce_id("User", by)
        record: Record = {"Id": salesforce_id(object_name, key)}
        if object_name not in _WITHOUT_DELETION:
            record["IsDeleted"] = False
        record |= {
            "CreatedDate": at,
            "CreatedById": user,
            "LastModifiedDate": at,
            "LastModifiedById": user,
            "SystemModstamp": at,
        }
        record |= values
        self.tables[object_name][key] = record
        return record

    def get(self, object_name: str, key: str) -> Record:
        """The record with this key."""
        return self.tables[object_name][key]

    def change(
        self, object_name: str, key: str, at: datetime, by: str, **values: Value
    ) -> Record:
        """Somebody saves new values."""
        record = self.tables[object_name][key]
        touch(record, at, by, **values)
        return record

    def adopt(self, child_object: str, parent_id: str, record: Record) -> None:
        """Remember a record as child of this parent."""
        self.children[child_object, parent_id].append(record)

    def living(self, child_object: str, parent_id: str) -> list[Record]:
        """The parent's child records that are not deleted."""
        children = self.children.get((child_object, parent_id), [])
        return [record for record in children if not record["IsDeleted"]]


def touch(record: Record, at: datetime, by: str, **values: Value) -> None:
    """Set values and the stamps of a save."""
    record.update(values)
    record["LastModifiedDate"] = at
    record["LastModifiedById"] = salesforce_id("User", by)
    record["SystemModstamp"] = at


def delete(record: Record, at: datetime, by: str) -> None:
    """Put a record into the recycle bin."""
    if not record["IsDeleted"]:
        touch(record, at, by, IsDeleted=True)


def reference(object_name: str, key: str | None) -> str | None:
    """The id of the record with this key, None for no key."""
    return None if key is None else salesforce_id(object_name, key)
