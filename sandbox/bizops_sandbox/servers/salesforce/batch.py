"""`/composite/batch`: up to 25 reads in one request, each answered as if alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import msgspec
from starlette.requests import Request
from starlette.routing import Match, Route

from bizops_sandbox.servers.compressing import compressed
from bizops_sandbox.servers.salesforce.access import (
    answer_refusal,
    missing,
    simulator_of,
    version_of,
)
from bizops_sandbox.servers.salesforce.answers import (
    Refused,
    error_answer,
    json_answer,
    read_json,
)
from bizops_sandbox.servers.salesforce.fault_kinds import REQUEST_FAULTS, names
from bizops_sandbox.servers.salesforce.gate import facts_of, refusal_of

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

MOST_REQUESTS = 25
_FAULTS = names(REQUEST_FAULTS) & {"status", "daily_limit", "concurrent_limit"}
_INHERITED = (b"authorization", b"sforce-query-options")


async def run_batch(request: Request) -> Response:
    """Answer `POST /composite/batch`."""
    version_of(request)
    asked = await read_json(request)
    requests = asked.get("batchRequests") if isinstance(asked, dict) else None
    if not isinstance(requests, list) or not all(map(_is_request, requests)):
        raise Refused(
            400,
            "JSON_PARSER_ERROR",
            "batchRequests must be a list of objects with method and url",
        )
    if not 1 <= len(requests) <= MOST_REQUESTS:
        raise Refused(
            400,
            "LIMIT_EXCEEDED",
            f"Between 1 and {MOST_REQUESTS} requests allowed, not {len(requests)}",
        )
    results = await _run_all(
        request, requests, halts=bool(asked.get("haltOnError", False))
    )
    has_errors = any(result["statusCode"] >= 400 for result in results)
    answer = json_answer({"hasErrors": has_errors, "results": results})
    return compressed(answer, request)


async def _run_all(
    request: Request, requests: list[dict[str, Any]], *, halts: bool
) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    is_halted = False
    for sub in requests:
        response = (
            error_answer(
                412, "BATCH_PROCESSING_HALTED", "Batch processing halted due to error"
            )
            if is_halted
            else await _run(request, sub["method"], sub["url"])
        )
        is_halted = is_halted or (halts and response.status_code >= 400)
        body = bytes(response.body)
        result = msgspec.Raw(body) if body else None
        results.append({"statusCode": response.status_code, "result": result})
    return results


async def _run(request: Request, method: str, url: str) -> Response:
    simulator = simulator_of(request)
    scope = _scope_of(request, method, url)
    facts = facts_of(simulator, scope, b"", host="instance")
    simulator.usage.api_requests += 1
    fault = simulator.faults.take(_FAULTS, facts)
    refusal = None if fault is None else refusal_of(simulator, fault)
    if refusal is not None:
        return refusal
    for route in request.app.routes:
        match, found = route.matches(scope)
        if match is Match.FULL and isinstance(route, Route):
            try:
                response: Response = await route.endpoint(Request({**scope, **found}))
            except Refused as refused:
                return await answer_refusal(request, refused)
            return response
    return await answer_refusal(request, missing())


def _scope_of(request: Request, method: str, url: str) -> Scope:
    split = urlsplit(url)
    path = split.path if split.path.startswith("/") else f"/services/data/{split.path}"
    headers = [pair for pair in request.scope["headers"] if pair[0] in _INHERITED]
    return {
        **request.scope,
        "method": method.upper(),
        "path": unquote(path).rstrip("/"),
        "raw_path": path.encode("ascii", "replace"),
        "query_string": split.query.encode("ascii", "replace"),
        "headers": headers,
        "path_params": {},
    }


def _is_request(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("method"), str):
        return False
    try:
        return bool(urlsplit(value["url"]).path)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
