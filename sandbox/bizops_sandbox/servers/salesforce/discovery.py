"""What there is: versions, objects, describes, limits, deleted records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.servers.compressing import compressed
from bizops_sandbox.servers.salesforce.access import (
    missing,
    simulator_of,
    table_of,
    version_of,
)
from bizops_sandbox.servers.salesforce.answers import Refused, json_answer
from bizops_sandbox.servers.salesforce.describing import (
    UNQUERYABLE,
    describe_global,
    describe_object,
    describe_unqueryable,
)
from bizops_sandbox.servers.salesforce.formats import rest_datetime
from bizops_sandbox.servers.salesforce.settings import NEWEST_VERSION, OLDEST_VERSION

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_SEASONS = ("Winter", "Spring", "Summer")
_DELETED_LIFE = timedelta(days=15)


async def list_versions(_request: Request) -> Response:
    """Answer `GET /services/data`, which needs no session."""
    versions = [
        {
            "label": version_label(version),
            "url": f"/services/data/v{version}.0",
            "version": f"{version}.0",
        }
        for version in range(OLDEST_VERSION, NEWEST_VERSION + 1)
    ]
    return json_answer(versions)


def version_label(version: int) -> str:
    """Name a version's release: 20 is Winter '11, 64 is Summer '25."""
    return f"{_SEASONS[(version - 20) % 3]} '{11 + (version - 20) // 3}"


async def list_objects(request: Request) -> Response:
    """Answer `GET /sobjects`."""
    version = version_of(request)
    listed = describe_global(simulator_of(request).org, version=version)
    return compressed(json_answer(listed), request)


async def describe(request: Request) -> Response:
    """Answer `GET /sobjects/X/describe`."""
    version, name = version_of(request), str(request.path_params["name"])
    if name in UNQUERYABLE:
        return json_answer(describe_unqueryable(name, version=version))
    described = describe_object(table_of(request), version=version)
    return compressed(json_answer(described), request)


async def list_deleted(request: Request) -> Response:
    """Answer `GET /sobjects/X/deleted/?start=..&end=..`; seconds do not count."""
    version_of(request)
    table, now = table_of(request), simulator_of(request).clock.now()
    start = _instant(request, "start")
    end = min(_instant(request, "end"), now.replace(second=0))
    if start >= end:
        raise Refused(
            400, "INVALID_REPLICATION_DATE", "startDate must be before endDate"
        )
    if start < now - _DELETED_LIFE - timedelta(minutes=1):
        raise Refused(
            400, "INVALID_REPLICATION_DATE", "startDate before earliest date available"
        )
    if not any(field.name == "IsDeleted" for field in table.fields):
        raise missing()
    deleted = [
        {"id": row["Id"], "deletedDate": rest_datetime(stamp)}
        for row in table.rows
        if row["IsDeleted"] and isinstance(stamp := row["SystemModstamp"], datetime)
        if start <= stamp < end
    ]
    return json_answer(
        {
            "deletedRecords": deleted,
            "earliestDateAvailable": rest_datetime(now - _DELETED_LIFE),
            "latestDateCovered": rest_datetime(end),
        }
    )


async def tell_limits(request: Request) -> Response:
    """Answer `GET /limits` with the limits a reader of data meets."""
    version_of(request)
    simulator = simulator_of(request)
    settings = simulator.settings
    used = {
        "DailyApiRequests": (settings.daily_api_requests, simulator.api_requests_used),
        "DailyBulkV2QueryJobs": (settings.daily_bulk_jobs, simulator.jobs.created),
        "DailyBulkV2QueryFileStorageMB": (976_562, 0),
    }
    return json_answer(
        {
            name: {"Max": most, "Remaining": max(0, most - spent)}
            for name, (most, spent) in used.items()
        }
    )


def _instant(request: Request, name: str) -> datetime:
    text = request.query_params.get(name, "")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            400, "INVALID_REPLICATION_DATE", f"{name} is not a date: {text!r}"
        ) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return instant.astimezone(UTC).replace(second=0, microsecond=0)
