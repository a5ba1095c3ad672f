"""Zuora's record ids and the running numbers people see.

An id is a pure function of the object and the record's key in the event log, so no
record's id depends on any other record. Numbers run in the order of the log, as the
tenant gives them.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import SubscriptionStarted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bizops_sandbox.world.events import Event

# Ids of one data centre begin alike.
_POD = "8ad0"
_LENGTH = 32


@cache
def zuora_id(object_name: str, key: str) -> str:
    """The 32-digit id of the record with this key."""
    digest = hashlib.sha256(f"zuora|{object_name}|{key}".encode()).hexdigest()
    return _POD + digest[: _LENGTH - len(_POD)]


def subscription_number(serial: int) -> str:
    """The number of a subscription, which is its `Name`: `A-S00000001`."""
    return f"A-S{serial:08d}"


def subscription_numbers(events: Iterable[Event]) -> Mapping[str, str]:
    """The subscription number of each lineage, by its key."""
    numbers: dict[str, str] = {}
    for event in events:
        if isinstance(event, SubscriptionStarted):
            key = event.lineage_key
            numbers.setdefault(key, subscription_number(len(numbers) + 1))
    return numbers
