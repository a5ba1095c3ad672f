"""Which rows the API shows: purged ones are gone, late ones not committed yet.

Both are drawn by the record's id, so that the same records are meant on any day.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from bizops_sandbox.projections.salesforce_state import Record
    from bizops_sandbox.world.parameters import Noise

RECYCLE_BIN_DAYS = 15
_SHARE_STEPS = 1_000_000


def _number(*parts: object) -> int:
    text = "|".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _is_drawn(record_id: str, purpose: str, share: Decimal, seed: int) -> bool:
    return _number(seed, record_id, purpose) % _SHARE_STEPS < share * _SHARE_STEPS


def is_purged_later(record_id: str, noise: Noise, seed: int) -> bool:
    """Whether a deleted record leaves the recycle bin for good after 15 days."""
    return _is_drawn(record_id, "purge", noise.purge, seed)


def is_visible(record: Record, noise: Noise, seed: int, moment: datetime) -> bool:
    """Whether the API shows the row at this moment.

    Merged records are never purged: the chain to their survivor would be lost.
    """
    record_id, stamp = str(record["Id"]), record["SystemModstamp"]
    if not isinstance(stamp, datetime):
        raise TypeError(f"{record_id} has no SystemModstamp")
    if record.get("IsDeleted") and record.get("MasterRecordId") is None:
        is_old = stamp < moment - timedelta(days=RECYCLE_BIN_DAYS)
        if is_old and is_purged_later(record_id, noise, seed):
            return False
    is_new = record["CreatedDate"] == stamp
    if is_new and _is_drawn(record_id, "late", noise.late, seed):
        lag_s = 1 + _number(record_id, "lag") % noise.late_seconds_max
        return stamp + timedelta(seconds=lag_s) <= moment
    return True
