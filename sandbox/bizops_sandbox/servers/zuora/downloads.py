"""Downloading result files, and what can go wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.zuora.access import HOST, simulator_of
from bizops_sandbox.servers.zuora.answers import (
    FORBIDDEN,
    not_found,
    reasons_answer,
    storage_error,
)
from bizops_sandbox.servers.zuora.fault_kinds import FILE_FAULTS, names
from bizops_sandbox.servers.zuora.files import packed, spoiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.zuora.files import ResultFile

_CHUNK_BYTES = 65_536
_MEDIA_TYPES = {"gzip": "application/gzip", "zip": "application/zip"}
_ENDINGS = {"gzip": "csv.gz", "zip": "zip"}
MAX_OBJECT_SIZE_BYTES = 2_047 * 1_048_576


async def download(request: Request) -> Response:
    """Answer `GET /v1/files/{id}`; every second answer has no Content-Length."""
    simulator = simulator_of(request)
    file_id = str(request.path_params["file_id"])
    file = simulator.files.find(file_id, simulator.clock.now())
    name = "" if file is None else file.object_name
    facts = Facts(HOST, "GET", request.url.path, name)
    fault = simulator.faults.take(names(FILE_FAULTS), facts)
    refusal = None if fault is None else _refusal(fault)
    if refusal is not None:
        return refusal
    if file is None:
        return not_found(file_id)
    simulator.downloads += 1
    return await _answer(file, fault, is_chunked=simulator.downloads % 2 == 0)


async def _answer(
    file: ResultFile, fault: Fault | None, *, is_chunked: bool
) -> Response:
    content = file.content
    if fault is not None:
        content = await run_in_threadpool(spoiled, content, fault)
    body = await run_in_threadpool(packed, content, file.packing)
    ending = _ENDINGS.get(file.packing, "csv")
    headers = {"Content-Disposition": f'attachment; filename="{file.file_id}.{ending}"'}
    media_type = _MEDIA_TYPES.get(file.packing, "text/csv")
    if is_chunked:
        return StreamingResponse(_chunks(body), headers=headers, media_type=media_type)
    return Response(body, headers=headers, media_type=media_type)


def _refusal(fault: Fault) -> Response | None:
    if fault.kind.name == "file_gone":
        return not_found("file")
    if fault.kind.name == "file_oversize":
        body = (
            "<security:max-object-size "
            'xmlns:security="http://www.zuora.com/schema/security">'
            f"{MAX_OBJECT_SIZE_BYTES}</security:max-object-size>"
        )
        return storage_error("MaxObjectSizeExceeded", body, status=403)
    if fault.kind.name == "file_forbidden":
        message = (
            "You do not have permission: Enable DataSource Exports Reporting is needed"
        )
        return reasons_answer(FORBIDDEN, message, status=403)
    return None


def _chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _CHUNK_BYTES):
        yield body[start : start + _CHUNK_BYTES]
