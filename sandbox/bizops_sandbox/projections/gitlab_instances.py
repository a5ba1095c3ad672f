"""The instances customers run: licence, the payload in the cache, all payloads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_licenses import License, license_row
from bizops_sandbox.projections.gitlab_pings import PingLog, payload
from bizops_sandbox.world import events as log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from bizops_sandbox.world.events import Event

    Row = dict[str, Any]

# The instance keeps a payload this long; it is made anew every week.
_CACHE_LIFE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class CustomerInstance:
    """One customer's instance at a moment."""

    installed: log.InstanceInstalled
    pings: PingLog
    licenses: tuple[License, ...]
    current: License | None
    moment: datetime

    @property
    def last_ping(self) -> log.UsagePinged | None:
        """The last ping there was."""
        return self.pings.pings[-1] if self.pings.pings else None

    @property
    def version(self) -> str:
        """The version it runs, as far as known."""
        ping = self.last_ping
        return "8.0.0-ee" if ping is None else f"{ping.version}-ee"

    def payload(self) -> Row:
        """The cached payload; empty when there is none, or it is too old."""
        ping = self.last_ping
        if ping is None or self.moment - ping.at > _CACHE_LIFE:
            return {}
        return payload(self.pings, self.current)

    def license_rows(self) -> list[Row]:
        """Every licence there has been, the last first."""
        return [
            license_row(each, self.last_ping, self.moment)
            for each in reversed(self.licenses)
        ]

    def license(self) -> Row | None:
        """The licence in use."""
        if self.current is None:
            return None
        return license_row(self.current, self.last_ping, self.moment)


@dataclass(slots=True)
class InstanceFold:
    """Instances, licences and pings while the log is folded."""

    logs: dict[str, PingLog] = field(default_factory=dict)
    licenses: dict[str, License] = field(default_factory=dict)
    used: dict[str, list[str]] = field(default_factory=dict)
    own: dict[str, list[str]] = field(default_factory=dict)
    companies: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def take(self, event: Event) -> PingLog | None:
        """Fold one event; a ping gives back its instance's log."""
        match event:
            case log.OrganizationKnown():
                self.companies[event.organization_key] = event.name
            case log.PersonKnown(work_email=str(email)):
                self.names[email] = f"{event.first_name} {event.last_name}"
            case log.LicenseIssued():
                self._issue(event)
            case log.InstanceInstalled():
                self.logs[event.instance_uuid] = PingLog(event)
                self.used[event.instance_uuid] = []
            case log.UsagePinged():
                return self._ping(event)
            case _:
                pass
        return None

    def _issue(self, event: log.LicenseIssued) -> None:
        self.licenses[event.license_key] = License(
            id=len(self.licenses) + 1,
            issued=event,
            name=self.names.get(event.email, event.email.split("@")[0].title()),
            company=self.companies.get(event.organization_key, ""),
        )
        self.own.setdefault(event.organization_key, []).append(event.license_key)

    def _ping(self, event: log.UsagePinged) -> PingLog:
        found = self.logs[event.instance_uuid]
        found.add(event)
        used = self.used[event.instance_uuid]
        if event.license_key is not None and event.license_key not in used:
            used.append(event.license_key)
        return found

    def license_of(self, ping: log.UsagePinged) -> License | None:
        """The licence a ping names."""
        return None if ping.license_key is None else self.licenses[ping.license_key]

    def instances(self, moment: datetime) -> Mapping[str, CustomerInstance]:
        """All instances by UUID, in the order of their installation."""
        return {uuid: self._instance(uuid, moment) for uuid in self.logs}

    def _instance(self, uuid: str, moment: datetime) -> CustomerInstance:
        """Those who never report have been given their organisation's licences."""
        found = self.logs[uuid]
        keys = self.used[uuid]
        if not found.installed.sends_pings:
            keys = self.own.get(found.installed.organization_key, [])
        licenses = tuple(self.licenses[key] for key in keys)
        current = licenses[-1] if licenses else None
        if found.pings:
            current = self.license_of(found.pings[-1])
        return CustomerInstance(found.installed, found, licenses, current, moment)


def service_pings(events: Iterable[Event]) -> Iterator[Row]:
    """Every payload ever sent, in time order: what customers may have saved.

    Args:
        events: The log in time order, up to the day wanted.
    """
    fold = InstanceFold()
    for event in events:
        found = fold.take(event)
        if found is not None:
            yield payload(found, fold.license_of(found.pings[-1]))
