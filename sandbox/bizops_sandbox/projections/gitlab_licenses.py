"""Licences of customers, as their instances show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import stamp
from bizops_sandbox.projections.zuora_ids import zuora_id

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.world.events import LicenseIssued, UsagePinged

    Row = dict[str, Any]

PLANS = {"EES": "starter", "EEP": "premium", "EEU": "ultimate"}


@dataclass(frozen=True, slots=True)
class License:
    """A licence file: its number, what was issued, and to whom."""

    id: int
    issued: LicenseIssued
    name: str
    company: str

    @property
    def plan(self) -> str:
        """The plan's name."""
        return PLANS.get(self.issued.product, self.issued.product.lower())

    @property
    def licensee(self) -> Row:
        """Name, e-mail address and company; personal data."""
        return {
            "Name": self.name,
            "Email": self.issued.email,
            "Company": self.company,
        }

    @property
    def subscription_id(self) -> str:
        """The Id of the Zuora subscription (version) it was made for."""
        return zuora_id("Subscription", self.issued.subscription_key)


def license_row(license_: License, ping: UsagePinged | None, moment: datetime) -> Row:
    """A licence as `/license` shows it."""
    issued = license_.issued
    active = 0 if ping is None else ping.active_users
    most = 0 if ping is None else ping.max_users
    return {
        "id": license_.id,
        "plan": license_.plan,
        "created_at": stamp(issued.at),
        "starts_at": issued.starts_on.isoformat(),
        "expires_at": issued.expires_on.isoformat(),
        "historical_max": most,
        "maximum_user_count": most,
        "licensee": license_.licensee,
        "add_ons": {},
        "expired": issued.expires_on + timedelta(days=1) <= moment.date(),
        "overage": max(most - issued.seats, 0),
        "user_limit": issued.seats,
        "active_users": active,
    }
