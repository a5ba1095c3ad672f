"""Zuora's data centres and their hosts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Hosts by the names of ``tenant_endpoint``.
DATA_CENTRES: Mapping[str, str] = {
    "US Production": "https://rest.zuora.com",
    "US Cloud Production": "https://rest.na.zuora.com",
    "US API Sandbox": "https://rest.apisandbox.zuora.com",
    "US Cloud API Sandbox": "https://rest.sandbox.na.zuora.com",
    "US Central Sandbox": "https://rest.test.zuora.com",
    "US Performance Test": "https://rest.pt1.zuora.com",
    "EU Production": "https://rest.eu.zuora.com",
    "EU API Sandbox": "https://rest.sandbox.eu.zuora.com",
    "EU Central Sandbox": "https://rest.test.eu.zuora.com",
    "APAC Production": "https://rest.ap.zuora.com",
    "APAC Central Sandbox": "https://rest.test.ap.zuora.com",
}
#: Where a tenant may be, by (``sandbox``, ``european``); the older host comes first.
_CANDIDATES: Mapping[tuple[bool, bool], tuple[str, ...]] = {
    (False, False): ("US Production", "US Cloud Production"),
    (True, False): ("US API Sandbox", "US Cloud API Sandbox"),
    (False, True): ("EU Production",),
    (True, True): ("EU API Sandbox", "EU Central Sandbox"),
}


def list_candidates(*, is_sandbox: bool, is_european: bool) -> tuple[str, ...]:
    """Give the base URLs a tenant may live at, in the order to try them."""
    names = _CANDIDATES[is_sandbox, is_european]
    return tuple(DATA_CENTRES[name] for name in names)
