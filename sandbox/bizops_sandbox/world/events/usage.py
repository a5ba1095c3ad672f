"""Events about licences and about the instances customers run."""

from __future__ import annotations

from datetime import date  # noqa: TC003

from bizops_sandbox.world.events.base import BaseEvent


class LicenseIssued(BaseEvent, frozen=True, kw_only=True):
    """A licence file is made for a subscription; `digest` is its md5."""

    license_key: str
    subscription_key: str
    organization_key: str
    digest: str
    product: str
    seats: int
    starts_on: date
    expires_on: date
    email: str


class InstanceInstalled(BaseEvent, frozen=True, kw_only=True):
    """An organisation installs the product on a host."""

    instance_uuid: str
    organization_key: str
    hostname: str
    sends_pings: bool


class UsagePinged(BaseEvent, frozen=True, kw_only=True):
    """An instance reports its users and all-time counters.

    `counters` only grow, except when `is_reset` says the database was rebuilt.
    """

    instance_uuid: str
    version: str
    active_users: int
    max_users: int
    counters: dict[str, int]
    license_key: str | None = None
    is_reset: bool = False
