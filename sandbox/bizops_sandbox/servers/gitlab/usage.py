"""What an instance tells of itself: version, licence, Service Ping, statistics.

The company's own site and every customer's instance (below `/instances/<uuid>`) have
these resources; Service Ping and licences are the instances' own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from bizops_sandbox.projections.gitlab_metrics import METRICS
from bizops_sandbox.projections.gitlab_pings import put
from bizops_sandbox.projections.gitlab_site import REVISION, VERSION
from bizops_sandbox.servers.gitlab.access import caller_of, named, simulator_of
from bizops_sandbox.servers.gitlab.answers import (
    forbidden,
    json_answer,
    missing,
    yaml_answer,
)
from bizops_sandbox.servers.gitlab.paging import page_answer
from bizops_sandbox.servers.gitlab.parameters import flag_of
from bizops_sandbox.servers.gitlab.rows import check_feature
from bizops_sandbox.servers.gitlab.settings import SERVICE_PING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.gitlab_instances import CustomerInstance

    Row = dict[str, Any]

_SQL = "SELECT COUNT(*) FROM"
_NOT_COUNTED = -3


def instance_of(request: Request) -> CustomerInstance | None:
    """Return the customer's instance in a request's path, None for the own site.

    Raises:
        Refused: 404 when there is no such instance.
    """
    if "uuid" not in request.path_params:
        return None
    instance = simulator_of(request).site.instances.get(named(request, "uuid"))
    if instance is None:
        raise missing()
    return instance


async def show_version(request: Request) -> Response:
    """Answer `GET /version`."""
    instance = instance_of(request)
    version = VERSION if instance is None else instance.version
    return json_answer({"version": version, "revision": REVISION})


async def show_metadata(request: Request) -> Response:
    """Answer `GET /metadata`, which old versions do not have."""
    instance = instance_of(request)
    if not simulator_of(request).settings.has_metadata:
        raise missing()
    version = VERSION if instance is None else instance.version
    return json_answer(
        {
            "version": version,
            "revision": REVISION,
            "kas": {
                "enabled": False,
                "externalUrl": None,
                "externalKubernetesProxyUrl": None,
                "version": None,
            },
            "enterprise": instance is None or instance.current is not None,
        }
    )


async def show_license(request: Request) -> Response:
    """Answer `GET /license`: administrators only."""
    instance = instance_of(request)
    if not caller_of(request).is_admin:
        raise forbidden()
    row = None if instance is None else instance.license()
    if row is None:
        raise missing()
    return json_answer(row)


async def list_licenses(request: Request) -> Response:
    """Answer `GET /licenses`: administrators only."""
    instance = instance_of(request)
    if not caller_of(request).is_admin:
        raise forbidden()
    rows = [] if instance is None else instance.license_rows()
    return page_answer(request, rows, kind="licenses")


async def show_ping(request: Request) -> Response:
    """Answer `GET /usage_data/service_ping`: the payload in the cache, or `{}`."""
    simulator, instance = simulator_of(request), instance_of(request)
    caller_of(request).need(SERVICE_PING)
    check_feature(simulator, "service_ping")
    if instance is None:
        if simulator.settings.own_ping == "empty":
            return json_answer({})
        raise missing() if simulator.settings.own_ping == "missing" else forbidden()
    return json_answer(_payload(request, instance))


def _payload(request: Request, instance: CustomerInstance) -> Row:
    faults = simulator_of(request).faults
    if any(faults.lasting("ping_empty")):
        return {}
    row = instance.payload()
    if row:
        for fault in faults.lasting("ping_value"):
            put(row, str(fault.parameters["key_path"]), fault.parameters["value"])
    return row


async def show_definitions(request: Request) -> Response:
    """Answer `GET /usage_data/metric_definitions`: a YAML list."""
    instance_of(request)
    check_feature(simulator_of(request), "metric_definitions")
    with_path = flag_of(request, "include_paths")
    documents = [metric.document(with_path=with_path) for metric in METRICS]
    text = yaml.safe_dump(documents, explicit_start=True, sort_keys=False)
    return yaml_answer(text)


async def show_queries(request: Request) -> Response:
    """Answer `GET /usage_data/queries`: SQL in place of counts; behind a flag."""
    return _counted_otherwise(request, as_sql=True)


async def show_non_sql(request: Request) -> Response:
    """Answer `GET /usage_data/non_sql_metrics`: -3 where SQL counts; behind a flag."""
    return _counted_otherwise(request, as_sql=False)


def _counted_otherwise(request: Request, *, as_sql: bool) -> Response:
    instance = instance_of(request)
    if not simulator_of(request).settings.usage_flags or instance is None:
        raise missing()
    if not caller_of(request).is_admin:
        raise forbidden()
    row = instance.payload()
    for metric in METRICS:
        if metric.data_source == "database" and metric.value_type == "number" and row:
            table = metric.key_path.rsplit(".", 1)[-1]
            value = f'{_SQL} "{table}"' if as_sql else _NOT_COUNTED
            put(row, metric.key_path, value)
    return json_answer(row)


async def show_statistics(request: Request) -> Response:
    """Answer `GET /application/statistics`: numbers as text, thousands apart."""
    simulator, instance = simulator_of(request), instance_of(request)
    if not caller_of(request).is_admin:
        raise forbidden()
    if instance is None:
        sizes = simulator.site.sizes()
        counts = {
            "forks": 0,
            "issues": sizes["issues"],
            "merge_requests": sizes["merge_requests"],
            "notes": sum(
                len(change.notes)
                for project in simulator.site.projects.values()
                for change in project.merge_requests
            ),
            "milestones": len(simulator.site.milestones),
            "users": sizes["users"],
            "groups": sizes["groups"],
            "projects": sizes["projects"],
            "active_users": sum(p.left_at is None for p in simulator.site.people),
        }
    else:
        ping = instance.last_ping
        counters = {} if ping is None else ping.counters
        users = 0 if ping is None else ping.active_users
        counts = {
            "forks": 0,
            "issues": counters.get("issues", 0),
            "merge_requests": counters.get("merge_requests", 0),
            "notes": counters.get("issues", 0) * 3,
            "milestones": 0,
            "users": users,
            "groups": 1,
            "projects": 1 + users // 2,
            "active_users": users,
        }
    counts |= {"snippets": 0, "ssh_keys": counts["users"]}
    return json_answer({name: f"{number:,}" for name, number in counts.items()})
