"""Bulk extract: create, enqueue, status, cancel, list and the file itself."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from bizops_sandbox.servers.marketo.answers import (
    ALREADY_QUEUED,
    QUEUE_FULL,
    QUOTA_EXCEEDED,
    NotThere,
    Refused,
    error_answer,
    rows_answer,
)
from bizops_sandbox.servers.marketo.export_files import write_file
from bizops_sandbox.servers.marketo.export_jobs import (
    ENDED,
    FILE_LIFE,
    STATUS_LIFE,
    ExportJob,
    new_job_id,
)
from bizops_sandbox.servers.marketo.export_requests import read_request
from bizops_sandbox.servers.marketo.fault_kinds import JOB_FAULTS, names
from bizops_sandbox.servers.marketo.reading import (
    batch_rows,
    listed,
    page_token,
    simulator_of,
    token_numbers,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from bizops_sandbox.servers.faults import Facts
    from bizops_sandbox.servers.marketo.simulator import Simulator

_JOB_FAULT_NAMES = names(JOB_FAULTS)
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


async def create_job(request: Request) -> Response:
    """Answer `POST /bulk/v1/{kind}/export/create.json`."""
    simulator, kind = simulator_of(request), _kind(request)
    facts = _facts(request)
    if "json" not in request.headers.get("content-type", ""):
        raise Refused("612")
    try:
        document = msgspec.json.decode(await request.body())
    except msgspec.DecodeError as error:
        raise Refused("609") from error
    _check_quota(simulator, facts, "quota_at_create")
    wanted = read_request(simulator, kind, document)
    fate = simulator.faults.take(_JOB_FAULT_NAMES, facts)
    job = ExportJob(
        id=new_job_id(),
        kind=kind,
        user_id=_user_id(request),
        format=wanted.format,
        created_at=simulator.clock.moment(),
        write=partial(write_file, simulator, wanted, fate),
        fate=fate,
    )
    if simulator.faults.take({"create_failed"}, facts) is not None:
        job.status = "Failed"
    simulator.jobs.add(job)
    return _tell(simulator, job)


async def enqueue_job(request: Request) -> Response:
    """Answer `POST .../{id}/enqueue.json`."""
    simulator, job = simulator_of(request), _job(request)
    facts = _facts(request)
    if job.status in {"Queued", "Processing"}:
        raise Refused("1029", ALREADY_QUEUED)
    if job.status in ENDED:
        raise Refused("1003", f"Job is already {job.status}")
    _check_quota(simulator, facts, "quota_at_enqueue")
    is_full = simulator.jobs.queued_count >= simulator.settings.queued_jobs
    if is_full or simulator.faults.take({"queue_full"}, facts) is not None:
        raise Refused("1029", QUEUE_FULL)
    simulator.jobs.enqueue(job, simulator)
    return _tell(simulator, job)


async def show_job(request: Request) -> Response:
    """Answer `GET .../{id}/status.json`."""
    return _tell(simulator_of(request), _job(request))


async def cancel_job(request: Request) -> Response:
    """Answer `POST .../{id}/cancel.json`."""
    simulator, job = simulator_of(request), _job(request)
    if job.status in ENDED:
        raise Refused("1003", f"Job is already {job.status}")
    simulator.jobs.cancel(job, simulator.clock.moment())
    return _tell(simulator, job)


async def list_jobs(request: Request) -> Response:
    """Answer `GET /bulk/v1/{kind}/export.json`: the user's jobs of seven days."""
    simulator = simulator_of(request)
    simulator.advance_jobs()
    wanted = {name.lower() for name in listed(request.query_params.get("status", ""))}
    since = simulator.clock.moment() - FILE_LIFE
    found = [
        job.document(simulator.settings.cancelled_word)
        for job in simulator.jobs
        if (job.kind, job.user_id) == (_kind(request), _user_id(request))
        and job.created_at >= since
        and (not wanted or job.status.lower().replace("ll", "l") in _either(wanted))
    ]
    rows = batch_rows(request.query_params, simulator.settings.page_rows)
    token = request.query_params.get("nextPageToken")
    start = token_numbers(token, "jobs")[0] if token else 0
    following = start + rows if start + rows < len(found) else None
    return rows_answer(
        found[start : start + rows],
        token=None if following is None else page_token("jobs", following),
    )


async def send_file(request: Request) -> Response:
    """Answer `GET .../{id}/file.json`, wholly or the bytes of a `Range`."""
    simulator = simulator_of(request)
    simulator.advance_jobs()
    content = _content(simulator, request)
    facts = _facts(request)
    broken = simulator.faults.take({"json_instead_of_csv"}, facts)
    if broken is not None:
        return error_answer(str(broken.parameters["code"]))
    charset = ";charset=UTF-8" if simulator.settings.csv_charset else ""
    headers = {"Content-Type": f"text/csv{charset}", "Accept-Ranges": "bytes"}
    asked = _RANGE.fullmatch(request.headers.get("range", "").strip())
    is_whole = simulator.faults.take({"range_ignored"}, facts) is not None
    if asked is None or is_whole or asked.groups() == ("", ""):
        return Response(content, headers=headers)
    first, last = _bounds(asked.group(1), asked.group(2), len(content))
    if first >= len(content) or first > last:
        headers["Content-Range"] = f"bytes */{len(content)}"
        return Response(b"", status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], status_code=206, headers=headers)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """First and last byte; without a first one, that many from the end."""
    if not first:
        return max(size - int(last), 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _content(simulator: Simulator, request: Request) -> bytes:
    job_id = str(request.path_params["export_id"])
    job = simulator.jobs.find(_kind(request), job_id, _user_id(request))
    if job is None or job.file is None or job.finished_at is None:
        raise NotThere
    is_old = simulator.clock.moment() - job.finished_at > FILE_LIFE
    if is_old or job.has_fate("job_without_file"):
        raise NotThere
    return job.file.content


def _either(words: set[str]) -> set[str]:
    """Statuses in lower case; both spellings of the cancelled one are known."""
    return {word.replace("ll", "l") for word in words}


def _check_quota(simulator: Simulator, facts: Facts, fault: str) -> None:
    simulator.advance_jobs()
    used = simulator.jobs.bytes_used(simulator, simulator.clock.central_day())
    is_over = used >= simulator.settings.bulk_quota_bytes
    if is_over or simulator.faults.take({fault}, facts) is not None:
        raise Refused("1029", QUOTA_EXCEEDED)


def _job(request: Request) -> ExportJob:
    simulator = simulator_of(request)
    simulator.advance_jobs()
    job_id = str(request.path_params["export_id"])
    job = simulator.jobs.find(_kind(request), job_id, _user_id(request))
    is_old = (
        job is not None
        and job.finished_at is not None
        and simulator.clock.moment() - job.finished_at > STATUS_LIFE
    )
    if job is None or is_old:
        raise Refused("1013", f"Export job '{job_id}' not found")
    return job


def _tell(simulator: Simulator, job: ExportJob) -> Response:
    return rows_answer([job.document(simulator.settings.cancelled_word)])


def _kind(request: Request) -> str:
    return str(request.path_params["kind"])


def _user_id(request: Request) -> str:
    return str(request.scope["marketo.user_id"])


def _facts(request: Request) -> Facts:
    facts: Facts = request.scope["marketo.facts"]
    return facts
