"""The persons the records can show: true persons, split where nothing links records.

The truth knows who is behind each record. A person who gave two addresses is one
person for the metrics only when a merge or a conversion says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from bizops_sandbox.truth.facts import Facts, PersonRecord


@dataclass(slots=True)
class KnownPerson:
    """All living or merged records that are known to be of one person."""

    key: str
    person_key: str
    records: list[PersonRecord] = field(default_factory=list)

    @property
    def lead_created_on(self) -> date | None:
        """The day of the first lead record; None for one who was never a lead."""
        days = [r.created_at.date() for r in self.records if r.is_lead]
        return min(days, default=None)

    def account_keys(self) -> list[str]:
        """The accounts that the records name."""
        return [r.account_key for r in self.records if r.account_key is not None]


@dataclass(frozen=True, slots=True)
class Persons:
    """All known persons, and the one behind each record that counts."""

    persons: tuple[KnownPerson, ...]
    by_record: dict[str, KnownPerson]


def _linked(facts: Facts, record: PersonRecord) -> list[str]:
    """The keys of records that are certainly of the same person."""
    keys = [record.merged_into, record.contact_key]
    return [key for key in keys if key is not None and not _is_gone(facts, key)]


def _is_gone(facts: Facts, key: str) -> bool:
    """Whether the record, or the one it was merged into, is deleted."""
    return facts.last_record(key).is_deleted


def _join(groups: list[set[str]], linked: set[str]) -> list[set[str]]:
    """Groups of names in which the linked names are one group."""
    apart = [group for group in groups if not group & linked]
    return [*apart, linked.union(*(group for group in groups if group & linked))]


def _split(facts: Facts, records: list[PersonRecord]) -> list[list[PersonRecord]]:
    """One person's records by the groups that links and addresses make."""
    groups: list[set[str]] = []
    for record in records:
        address = f"@{record.address}"
        groups = _join(groups, {record.key, address, *_linked(facts, record)})
    return [[r for r in records if r.key in group] for group in groups]


def find_persons(facts: Facts) -> Persons:
    """The known persons, in the order of their first records."""
    by_person: dict[str, list[PersonRecord]] = {}
    for record in facts.people.values():
        if not _is_gone(facts, record.key):
            by_person.setdefault(record.person_key, []).append(record)
    persons = []
    by_record = {}
    for person_key, records in by_person.items():
        parts = _split(facts, records)
        # The order of the parts must not hang on how the groups were joined.
        parts.sort(key=lambda part: (part[0].created_at, part[0].key))
        for number, part in enumerate(parts, start=1):
            person = KnownPerson(
                key=f"{person_key}#{number}", person_key=person_key, records=part
            )
            persons.append(person)
            by_record.update({record.key: person for record in part})
    return Persons(persons=tuple(persons), by_record=by_record)
