"""Reading a request for a batch-query job: what is accepted and what is not."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.zuora.batch_answers import MESSAGES, JobRefused
from bizops_sandbox.servers.zuora.batch_jobs import (
    Batch,
    DeletedColumn,
    Job,
    is_true,
    session_key,
)
from bizops_sandbox.servers.zuora.fault_kinds import BATCH_FAULTS, JOB_FAULTS, names
from bizops_sandbox.servers.zuora.query_text import EXPORT_ZOQL, QueryError, parse
from bizops_sandbox.servers.zuora.scopes import export_scope
from bizops_sandbox.servers.zuora.selection import bind

if TYPE_CHECKING:
    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.zuora.selection import Selection
    from bizops_sandbox.servers.zuora.simulator import Simulator

_MOST_QUERIES = 50
NAME_LENGTH = 32
_URL_LENGTH = 5_000
_DAY = re.compile(r"'(\d{4}-\d\d-\d\d)")
_NEWEST_API = "91.0"


def make_job(request: dict[str, Any], simulator: Simulator) -> Job:
    """Make a job of a request; the data are those of this moment.

    Raises:
        JobRefused: with the errorCode of what is wrong.
    """
    _check_request(request)
    is_stateful = _is_stateful(request, simulator)
    _check_room(simulator, stateful=is_stateful)
    queries = _queries(request)
    job = Job(
        job_id=simulator.batch_jobs.new_id("Job"),
        request=request,
        is_stateful=is_stateful,
        batches=[],
        started_at=simulator.clock.now(),
    )
    for query in queries:
        job.batches.append(_make_batch(query, job, simulator))
    facts = Facts("rest", "POST", "/v1/batch-query/", job.batches[0].object_name)
    job.fault = simulator.faults.take(_LATE_JOB_FAULTS, facts)
    return job


_LATE_JOB_FAULTS = names(JOB_FAULTS) - {"job_refused", "delete_fails"}


def _check_request(request: dict[str, Any]) -> None:
    if len(str(request.get("notifyUrl") or "")) >= _URL_LENGTH:
        raise JobRefused("90014")


def _is_stateful(request: dict[str, Any], simulator: Simulator) -> bool:
    """Whether partner, project and version make the job one of a session."""
    partner = request.get("partner")
    version = str(request.get("version", "1.0"))
    if not partner or not request.get("project") or version in {"1.0", "1"}:
        return False
    if partner not in simulator.settings.partner_ids:
        raise JobRefused("90019")
    return True


def _check_room(simulator: Simulator, *, stateful: bool) -> None:
    running = simulator.batch_jobs.running(stateful=stateful)
    if running >= simulator.settings.batch_jobs:
        raise JobRefused("90028")


def _queries(request: dict[str, Any]) -> list[dict[str, Any]]:
    queries = request.get("queries")
    if not isinstance(queries, list) or not queries:
        raise JobRefused("90016")
    if len(queries) > _MOST_QUERIES:
        raise JobRefused("90004")
    return [query if isinstance(query, dict) else {} for query in queries]


def _make_batch(query: dict[str, Any], job: Job, simulator: Simulator) -> Batch:
    text = str(query.get("query") or "")
    selection = _bind(text, simulator)
    deleted = _deleted_column(query, selection, job, simulator)
    batch = Batch(
        batch_id=simulator.batch_jobs.new_id("Batch"),
        name=query.get("name"),
        query=text,
        batch_type=str(query.get("type", "zoqlexport")),
        api_version=str(query.get("apiVersion", _NEWEST_API)),
        selection=selection,
        deleted=deleted,
    )
    if job.is_stateful:
        batch.since = _since(batch, job, simulator)
    # A first, full load of a session brings no deleted rows.
    batch.shows_deleted = deleted is not None and (
        not job.is_stateful or batch.since is not None
    )
    _take_faults(batch, simulator)
    return batch


def _bind(text: str, simulator: Simulator) -> Selection:
    try:
        statement = parse(text, EXPORT_ZOQL)
        table = simulator.table(statement.object_name)
        if table is None:
            missing = "The requested data source could not be found"
            raise QueryError(f"{missing}: {statement.object_name}")
        scope = export_scope(table, simulator.table, simulator.settings)
        return bind(statement, scope)
    except QueryError as error:
        problem = f"{MESSAGES['90005'].removesuffix('.')} ({error} in query: {text})"
        raise JobRefused("90005", problem) from error


def _deleted_column(
    query: dict[str, Any], selection: Selection, job: Job, simulator: Simulator
) -> DeletedColumn | None:
    asked = query.get("deleted")
    if not isinstance(asked, dict):
        return None
    if not selection.scope.table.has_deleted_support:
        raise JobRefused("90017")
    is_forced = is_true(asked.get("forceExport"))
    is_refused = simulator.settings.forced_deletes == "refused"
    if not job.is_stateful and (is_refused or not is_forced):
        raise JobRefused("90012")
    kind = str(asked.get("format", "Boolean"))
    return DeletedColumn(str(asked.get("column") or "Deleted"), kind == "Boolean")


def _since(batch: Batch, job: Job, simulator: Simulator) -> datetime | None:
    """From when a session reads changes; None for everything."""
    given = job.request.get("incrementalTime")
    if given:
        return _incremental_time(str(given), simulator)
    last = simulator.batch_jobs.sessions.get(session_key(job, batch))
    if last is None:
        return None
    return last - timedelta(seconds=int(job.request.get("offset") or 0))


def _incremental_time(text: str, simulator: Simulator) -> datetime:
    zone = ZoneInfo(simulator.settings.incremental_zone)
    try:
        read = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError as error:
        raise JobRefused("90015") from error
    return read.replace(tzinfo=zone).astimezone(UTC)


def _take_faults(batch: Batch, simulator: Simulator) -> None:
    facts = Facts("rest", "POST", "/v1/batch-query/", batch.object_name)
    for kind in BATCH_FAULTS:
        fault = simulator.faults.take({kind.name}, facts)
        if fault is not None and not is_spared(fault, batch.query):
            batch.faults[kind.name] = fault
    batch.is_ignored = "batch_missing" in batch.faults
    if simulator.is_forbidden(batch.object_name):
        if simulator.settings.forbidden_batches == "error":
            batch.error = ("90018", MESSAGES["90018"])
        else:
            batch.is_ignored = True


def is_spared(fault: Fault, query: str) -> bool:
    """Whether a query is too short for a fault that strikes long ones only."""
    least = int(fault.parameters.get("unless_days", 0))
    span = span_days(query)
    return span is not None and span < least


def span_days(query: str) -> int | None:
    """How many days lie between the first and the last date of a query."""
    days = [datetime.fromisoformat(day) for day in _DAY.findall(query)]
    return (max(days) - min(days)).days if len(days) > 1 else None
