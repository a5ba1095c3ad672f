"""How the tenant's records differ from the plain truth, drawn by record.

Every draw is keyed by the record, so that the same records are meant on any day.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

RETENTION_DAYS = 30
_STEPS = 1_000_000
_SALESFORCE_SHORT = 15
_HOUR_S = 3_600
_FIRST_UNMAPPED, _UNMAPPED_STEP = 2, 7


@dataclass(frozen=True, slots=True)
class ZuoraNoise:
    """One place where Zuora's records differ from the plain truth.

    `source_id` and `other_id` are Ids of Zuora, but of a CrmId's Salesforce account.
    """

    code: str
    object_name: str
    source_id: str
    at: datetime
    other_id: str = ""


def _number(*parts: object) -> int:
    text = "|".join(str(part) for part in ("zuora", *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def is_drawn(seed: int, key: str, purpose: str, share: Decimal) -> bool:
    """Whether this record is among the share meant by a kind of noise."""
    return _number(seed, key, purpose) % _STEPS < share * _STEPS


def pick(key: str, purpose: str, count: int) -> int:
    """A number in [0, count) that belongs to the record."""
    return _number(key, purpose) % count


def short_crm_id(crm_id: str) -> str:
    """The 15 characters of a Salesforce id that reports show."""
    return crm_id[:_SALESFORCE_SHORT]


def is_unmapped(serial: int, count: int) -> bool:
    """Whether the subscription with this number is sold under an unknown name."""
    place, rest = divmod(serial - _FIRST_UNMAPPED, _UNMAPPED_STEP)
    return rest == 0 and 0 <= place < count


def bill_run_commit(run: str, stamp: datetime, *, is_late: bool) -> datetime:
    """When the items of a bill run become visible.

    A run stamps its rows when it starts and commits them at its end: minutes later as
    a rule, up to three days when it has to be repeated.
    """
    if is_late:
        return stamp + timedelta(seconds=20 * _HOUR_S + pick(run, "lag", 52 * _HOUR_S))
    return stamp + timedelta(seconds=60 + pick(run, "lag", 1_200))


def duplicate_invoice_times(key: str, posted_at: datetime) -> tuple[datetime, datetime]:
    """When an invoice is drafted a second time, and when that draft is deleted."""
    created_at = posted_at + timedelta(seconds=_HOUR_S + pick(key, "draft", 20_000))
    life_s = 2 * _HOUR_S + pick(key, "draft life", 6 * 24 * _HOUR_S)
    return created_at, created_at + timedelta(seconds=life_s)
