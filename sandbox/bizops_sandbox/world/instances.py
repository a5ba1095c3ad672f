"""Instances that customers run: licences, pings, features taken up one by one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world.events import InstanceInstalled, LicenseIssued, UsagePinged
from bizops_sandbox.world.moments import add_months

if TYPE_CHECKING:
    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.relation import Relation
    from bizops_sandbox.world.subscriptions import Subscription

# The ladder of adoption: a customer takes the features up in this order.
FEATURES = (
    "issues",
    "merge_requests",
    "ci_pipelines",
    "boards",
    "releases",
    "deployments",
    "monitored_services",
    "security_scans",
)
# Months from the window's start to the release that brought each: nobody can take one
# up before, as an instance is given a new one in two months.
_LAUNCH_MONTHS = {
    "issues": -47,
    "merge_requests": -44,
    "ci_pipelines": -5,
    "boards": 3,
    "releases": 5,
    "deployments": 7,
    "monitored_services": 9,
    "security_scans": 11,
}
_RELEASE_DAY = 22
_GRACE_DAYS = 60
_FIRST_VERSION_MONTH = 2016 * 12 + 1


def feature_launches(start_date: date) -> dict[str, date]:
    """The day of the release that brought each feature, by the window's first day."""
    return {
        feature: add_months(start_date.replace(day=1), months).replace(day=_RELEASE_DAY)
        for feature, months in _LAUNCH_MONTHS.items()
    }


def instance_uuid(organization_key: str, seed: int) -> str:
    """The UUID of the organisation's instance (version 4 in form)."""
    digest = hashlib.sha256(f"{seed}|{organization_key}|instance".encode()).hexdigest()
    return (
        f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
    )


def version_of(day: date) -> str:
    """The product's version on sale that month, for example 8.1."""
    month = day.year * 12 + day.month - 1 - _FIRST_VERSION_MONTH
    return f"{8 + month // 12}.{month % 12}"


def issue_license(
    relation: Relation, subscription: Subscription, at: datetime, email: str
) -> None:
    """A licence file for the seats the subscription has now."""
    key = relation.next_key("x")
    subscription.license_key = key
    seed = relation.market.params.seed
    digest = hashlib.sha256(f"{seed}|{key}|license".encode()).hexdigest()[:32]
    relation.story.tell(
        LicenseIssued(
            at=at,
            license_key=key,
            subscription_key=subscription.key,
            organization_key=relation.organization.key,
            digest=digest,
            product=subscription.order.product.code,
            seats=subscription.order.seats,
            starts_on=max(subscription.start, at.date()),
            expires_on=subscription.end,
            email=email,
        )
    )


@dataclass(slots=True)
class Instance:
    """A running instance: the users it had and its all-time counters."""

    relation: Relation
    draws: Draws
    uuid: str
    max_users: int = 0
    months: Decimal = Decimal(0)
    counters: dict[str, int] = field(default_factory=dict)

    def ping(self, at: datetime) -> None:
        """Report, plan the next report; stop when the subscription has lapsed."""
        usage = self.relation.market.params.usage
        subscription = self._subscription
        lapsed_on = subscription.end + timedelta(days=_GRACE_DAYS)
        if at.date() >= lapsed_on or subscription.is_cancelled:
            return
        days = usage.ping_interval_days
        self.relation.story.plan(at + timedelta(days=days), self.ping)
        self.months += Decimal(days) / 30
        is_reset = self._grow(days)
        if not self.draws.chance(usage.missing_ping_rate):
            self._tell(at, is_reset=is_reset)

    @property
    def _subscription(self) -> Subscription:
        """What the customer has at the moment: a renewal replaces it."""
        if self.relation.subscription is None:
            raise ValueError(f"instance {self.uuid} has no subscription")
        return self.relation.subscription

    def _users(self) -> int:
        """Active users: a growing share of the seats, sometimes more than paid."""
        share = min(Decimal("0.35") + self.months * Decimal("0.09"), Decimal("0.98"))
        wave = self.draws.factor("0.9", "1.08")
        return max(int(self._subscription.order.seats * share * wave), 1)

    def _grow(self, days: int) -> bool:
        """Counters rise with users; one more feature about every two months."""
        is_reset = self.draws.chance(self.relation.market.params.usage.reset_rate)
        if is_reset:
            self.counters = {}
        users = self._users()
        self.max_users = max(self.max_users, users)
        known = min(2 + int(self.months / 2), len(FEATURES))
        for rank, feature in enumerate(FEATURES[:known]):
            activity = users * days * self.draws.between(1, 6) // (4 + 3 * rank)
            self.counters[feature] = self.counters.get(feature, 0) + activity
        return is_reset

    def _tell(self, at: datetime, *, is_reset: bool) -> None:
        users = min(self._users(), self.max_users)
        self.relation.story.tell(
            UsagePinged(
                at=at,
                instance_uuid=self.uuid,
                version=f"{version_of(at.date())}.{at.day // 8}",
                active_users=users,
                max_users=self.max_users,
                counters=dict(self.counters),
                license_key=self._subscription.license_key,
                is_reset=is_reset,
            )
        )


def install(relation: Relation, at: datetime) -> None:
    """The organisation installs its instance and, if it opted in, reports."""
    organization = relation.organization
    market = relation.market
    draws = market.draws(organization.key, "instance")
    uuid = instance_uuid(organization.key, market.params.seed)
    sends_pings = draws.chance(market.params.usage.ping_opt_in)
    host = draws.pick(("git", "code", "dev", "source"))
    relation.story.tell(
        InstanceInstalled(
            at=at,
            instance_uuid=uuid,
            organization_key=organization.key,
            hostname=f"{host}.{organization.company.domain}",
            sends_pings=sends_pings,
        )
    )
    if sends_pings:
        instance = Instance(relation=relation, draws=draws, uuid=uuid)
        first = at + timedelta(
            days=draws.between(1, market.params.usage.ping_interval_days)
        )
        relation.story.plan(first, instance.ping)
