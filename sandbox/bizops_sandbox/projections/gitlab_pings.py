"""Service Ping: the payload that an instance makes once a week.

All-time counters come from the log; those of 28 and 7 days are their differences. Now
and then a counter fails, as in life, and a sentinel stands in its place.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import between, is_drawn, number, stamp
from bizops_sandbox.projections.gitlab_metrics import (
    COUNTER_PATHS,
    HISTOGRAM_PATH,
    MONTHLY_PATHS,
    REMOVED_PATH,
    STAGE_PATHS,
    WEEKLY_PATHS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bizops_sandbox.projections.gitlab_licenses import License
    from bizops_sandbox.world.events import InstanceInstalled, UsagePinged

    Row = dict[str, Any]

_MONTH, _WEEK = timedelta(days=28), timedelta(days=7)
_KEPT = timedelta(days=45)
_INSTALLATIONS = ("omnibus-gitlab", "omnibus-gitlab", "gitlab-helm-chart", "source")
_FAILS_PER_MILLE = 4
FAILED, BROKEN, REMOVED = -1, -2, -1_000


@dataclass(slots=True)
class PingLog:
    """The pings of one instance in the last weeks."""

    installed: InstanceInstalled
    pings: deque[UsagePinged] = field(default_factory=deque)

    def add(self, ping: UsagePinged) -> None:
        """Keep a ping as long as another's difference may need it."""
        self.pings.append(ping)
        while ping.at - self.pings[0].at > _KEPT:
            self.pings.popleft()

    def growth(self, feature: str, span: timedelta) -> int:
        """How much a counter grew until the last ping; a reset starts from nothing."""
        last = self.pings[-1]
        now = last.counters.get(feature, 0)
        before = [p for p in self.pings if p.at <= last.at - span]
        if not before:
            before = list(self.pings)[:1] if len(self.pings) > 1 else []
        then = before[-1].counters.get(feature, 0) if before else 0
        return now if then > now else now - then


def failures(uuid: str, recorded_at: str, paths: Iterable[str]) -> dict[str, int]:
    """The counters that could not be counted in this payload, and what stands there."""
    return {
        path: (BROKEN if number(uuid, recorded_at, path, "kind") % 4 == 0 else FAILED)
        for path in paths
        if is_drawn(_FAILS_PER_MILLE, uuid, recorded_at, path, "fails")
    }


def counts_of(log: PingLog) -> dict[str, int]:
    """The numbers of the last ping by key path, as they truly are."""
    ping = log.pings[-1]
    counters, users = ping.counters, ping.active_users
    found = {path: counters.get(feature, 0) for feature, path in COUNTER_PATHS.items()}
    pipelines = counters.get("ci_pipelines", 0)
    found |= {
        "counts.projects": 1 + users // 2,
        "counts.notes": counters.get("issues", 0) * 3,
        "counts.ci_builds": pipelines * 4,
        "counts.environments": 2 if counters.get("deployments") else 0,
    }
    monthly = "usage_activity_by_stage_monthly"
    for feature, path in STAGE_PATHS.items():
        total = counters.get(feature, 0)
        grown = log.growth(feature, _MONTH)
        found[f"usage_activity_by_stage.{path}"] = min(total, ping.max_users)
        found[f"{monthly}.{path}"] = min(grown, users)
    for paths, span in ((MONTHLY_PATHS, _MONTH), (WEEKLY_PATHS, _WEEK)):
        for feature, path in paths.items():
            found[path] = log.growth(feature, span)
    return found


def payload(log: PingLog, license_: License | None) -> Row:
    """The payload of the instance's last ping."""
    ping, uuid = log.pings[-1], log.installed.instance_uuid
    recorded_at = stamp(ping.at) or ""
    counts = counts_of(log)
    counts |= failures(uuid, recorded_at, counts)
    row = _head(log, recorded_at) | _license_part(ping, license_)
    row |= {
        "settings": {
            "ldap_encrypted_secrets_enabled": False,
            "operating_system": f"ubuntu-{between(7, 8, uuid, 'os') * 2}.04",
        },
        "counts": {},
        "counts_weekly": {},
        "counts_monthly": {},
        "usage_activity_by_stage": {},
        "usage_activity_by_stage_monthly": {},
        "redis_hll_counters": {
            "search": {"i_search_paid_monthly": ping.active_users // 6},
        },
    }
    for path, value in counts.items():
        put(row, path, value)
    put(row, REMOVED_PATH, REMOVED)
    put(row, HISTOGRAM_PATH, _histogram(log, recorded_at))
    return row | _machine_part(uuid, ping.version)


def put(row: Row, path: str, value: object) -> None:
    """Set the value at a dotted path, making the objects on the way."""
    *above, last = path.split(".")
    for name in above:
        row = row.setdefault(name, {})
    row[last] = value


def _head(log: PingLog, recorded_at: str) -> Row:
    ping, uuid = log.pings[-1], log.installed.instance_uuid
    kind = number(uuid, "installation") % len(_INSTALLATIONS)
    return {
        "recorded_at": recorded_at,
        "uuid": uuid,
        "hostname": log.installed.hostname,
        "version": ping.version if ping.license_key is None else f"{ping.version}-ee",
        "installation_type": _INSTALLATIONS[kind],
        "active_user_count": ping.active_users,
        "edition": "CE",
    }


def _license_part(ping: UsagePinged, license_: License | None) -> Row:
    """What a licensed instance tells; without a licence the keys are missing."""
    if license_ is None:
        return {}
    issued = license_.issued
    sha = hashlib.sha256(issued.digest.encode()).hexdigest()
    return {
        "edition": issued.product,
        "historical_max_users": ping.max_users,
        "license_md5": issued.digest,
        "license_sha256": sha,
        "license_id": license_.id,
        "licensee": license_.licensee,
        "license_user_count": issued.seats,
        "license_billable_users": ping.active_users,
        "license_starts_at": issued.starts_on.isoformat(),
        "license_expires_at": issued.expires_on.isoformat(),
        "license_plan": license_.plan,
        "license_add_ons": {},
        "license_trial": False,
        "license_subscription_id": license_.subscription_id,
        "license": {},
    }


def _histogram(log: PingLog, recorded_at: str) -> Row:
    uuid, users = log.installed.instance_uuid, log.pings[-1].active_users
    if is_drawn(_FAILS_PER_MILLE, uuid, recorded_at, HISTOGRAM_PATH):
        return {"-1": -1}
    many = users // 3
    return {"1": users - many, "2": many - many // 2, "3": many // 2}


def _machine_part(uuid: str, version: str) -> Row:
    cpus = 2 ** between(2, 4, uuid, "cpus")
    return {
        "git": {"version": {"major": 2, "minor": 14, "patch": 3}},
        "gitaly": {
            "version": version,
            "servers": 1,
            "clusters": 0,
            "filesystems": ["EXT_2_3_4"],
        },
        "gitlab_pages": {"enabled": True, "version": "0.6.1"},
        "container_registry_enabled": True,
        "ldap_enabled": is_drawn(600, uuid, "ldap"),
        "signup_enabled": is_drawn(200, uuid, "signup"),
        "database": {
            "adapter": "postgresql",
            "version": "9.6.15",
            "pg_system_id": number(uuid, "database") >> 1,
            "flavor": None,
        },
        "topology": {
            "duration_s": 0.0138,
            "application_requests_per_hour": between(50, 9_000, uuid, "requests"),
            "failures": [],
            "nodes": [
                {
                    "node_memory_total_bytes": cpus * 4 * 2**30,
                    "node_cpus": cpus,
                    "node_services": [
                        {"name": "web", "process_count": cpus, "server": "unicorn"},
                        {"name": "sidekiq", "process_count": 1},
                    ],
                }
            ],
        },
        "schema_inconsistencies_metric": [],
    }
