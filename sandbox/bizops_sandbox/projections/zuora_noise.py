"""How the tenant's records differ from the plain truth, drawn by record.

Every draw is keyed by the record, so that the same records are meant on any day.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal

MISSING_CRM_ID = Decimal("0.02")
CRM_ID_15CHAR = Decimal("0.3")
BILL_RUN_LATE = Decimal("0.1")
DUPLICATE_INVOICE = Decimal("0.01")
RETENTION_DAYS = 30
_STEPS = 1_000_000
_SALESFORCE_SHORT = 15
_HOUR_S = 3_600


def _number(*parts: object) -> int:
    text = "|".join(str(part) for part in ("zuora", *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def is_drawn(seed: int, key: str, purpose: str, share: Decimal) -> bool:
    """Whether this record is among the share meant by a kind of noise."""
    return _number(seed, key, purpose) % _STEPS < share * _STEPS


def pick(key: str, purpose: str, count: int) -> int:
    """A number in [0, count) that belongs to the record."""
    return _number(key, purpose) % count


def noisy_crm_id(crm_id: str, *, seed: int, key: str) -> str | None:
    """The Salesforce id as somebody copied it: whole, 15 characters, or not at all."""
    if is_drawn(seed, key, "missing_crm_id", MISSING_CRM_ID):
        return None
    if is_drawn(seed, key, "crm_id_15char", CRM_ID_15CHAR):
        return crm_id[:_SALESFORCE_SHORT]
    return crm_id


def bill_run_commit(run: str, stamp: datetime, *, seed: int) -> datetime:
    """When the items of a bill run become visible.

    A run stamps its rows when it starts and commits them at its end: minutes later as
    a rule, up to three days when it has to be repeated.
    """
    if is_drawn(seed, run, "bill_run_late", BILL_RUN_LATE):
        return stamp + timedelta(seconds=20 * _HOUR_S + pick(run, "lag", 52 * _HOUR_S))
    return stamp + timedelta(seconds=60 + pick(run, "lag", 1_200))


def duplicate_invoice_times(
    key: str, posted_at: datetime, *, seed: int
) -> tuple[datetime, datetime] | None:
    """When an invoice is drafted a second time and that draft deleted, if it is."""
    if not is_drawn(seed, key, "duplicate_invoice", DUPLICATE_INVOICE):
        return None
    created_at = posted_at + timedelta(seconds=_HOUR_S + pick(key, "draft", 20_000))
    life_s = 2 * _HOUR_S + pick(key, "draft life", 6 * 24 * _HOUR_S)
    return created_at, created_at + timedelta(seconds=life_s)
