"""Oddities planted in the log: licences used twice, instances on others' hosts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.world.draws import Draws
from bizops_sandbox.world.events import (
    Event,
    InstanceInstalled,
    LicenseIssued,
    OrganizationKnown,
    UsagePinged,
)
from bizops_sandbox.world.moments import any_moment, day_end

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bizops_sandbox.world.parameters import Parameters

_PINGS = 12


@dataclass(slots=True)
class _Seen:
    """What the log tells of organisations that use the product."""

    domains: dict[str, str] = field(default_factory=dict)
    known_at: dict[str, datetime] = field(default_factory=dict)
    licenses: dict[str, LicenseIssued] = field(default_factory=dict)
    pinging: dict[str, UsagePinged] = field(default_factory=dict)

    def note(self, event: Event, owners: dict[str, str]) -> None:
        """Keep what planting needs."""
        match event:
            case OrganizationKnown(is_suspect=False, domain=str(domain)):
                self.domains[event.organization_key] = domain
                self.known_at[event.organization_key] = event.at
            case LicenseIssued():
                self.licenses.setdefault(event.organization_key, event)
            case InstanceInstalled():
                owners[event.instance_uuid] = event.organization_key
            case UsagePinged(license_key=str()):
                self.pinging.setdefault(owners[event.instance_uuid], event)
            case _:
                pass


def _uuid(seed: int, *parts: str) -> str:
    text = "|".join((str(seed), *parts))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return (
        f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-b{digest[17:20]}-{digest[20:32]}"
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """A second instance: whose it is, on whose host, when both are known."""

    what: str
    user_key: str
    host_domain: str
    known_at: datetime


def _instance(params: Parameters, plan: _Plan, model: UsagePinged) -> list[Event]:
    """A second instance that reports for some weeks with the model's licence."""
    draws = Draws(params.seed, plan.what, plan.user_key)
    uuid = _uuid(params.seed, plan.what, plan.user_key)
    at = any_moment(model.at.date() + timedelta(days=draws.between(3, 20)), draws)
    at = max(at, plan.known_at + timedelta(hours=1))
    users = max(model.active_users // 3, 1)
    events: list[Event] = [
        InstanceInstalled(
            at=at,
            instance_uuid=uuid,
            organization_key=plan.user_key,
            hostname=f"lab.{plan.host_domain}",
            sends_pings=True,
        )
    ]
    events += (
        UsagePinged(
            at=at + timedelta(days=7 * week, minutes=30),
            instance_uuid=uuid,
            version=model.version,
            active_users=users,
            max_users=users,
            counters={"issues": users * week * 4, "merge_requests": users * week * 3},
            license_key=model.license_key,
        )
        for week in range(1, _PINGS + 1)
    )
    limit = day_end(params.as_of)
    return [event for event in events if event.at <= limit]


def planted_events(params: Parameters, events: Iterable[Event]) -> list[Event]:
    """What `noise.shared_license` and `noise.host_conflict` ask for.

    Shared licence: an organisation without an order of its own runs an instance with
    the licence of a customer. Host conflict: a customer's second instance lies below
    the domain of another organisation. As many as the company is large enough for.
    """
    seen, owners = _Seen(), dict[str, str]()
    for event in events:
        seen.note(event, owners)
    customers = sorted(seen.pinging)
    others = sorted(key for key in seen.domains if key not in seen.licenses)
    draws = Draws(params.seed, "planted")
    planted: list[Event] = []
    shared = min(params.noise.shared_license, len(customers), len(others))
    for owner, user in zip(
        draws.sample(customers, shared), draws.sample(others, shared), strict=True
    ):
        plan = _Plan("shared", user, seen.domains[user], seen.known_at[user])
        planted += _instance(params, plan, seen.pinging[owner])
    conflicts = min(params.noise.host_conflict, len(customers), len(others))
    for owner, host in zip(
        draws.sample(customers, conflicts), draws.sample(others, conflicts), strict=True
    ):
        plan = _Plan("hosted", owner, seen.domains[host], seen.known_at[host])
        planted += _instance(params, plan, seen.pinging[owner])
    return planted
