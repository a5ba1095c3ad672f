"""The application of the Zuora server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from bizops_sandbox.servers.gate import Gate
from bizops_sandbox.servers.zuora import (
    actions,
    batch,
    data_queries,
    discovery,
    downloads,
    logging_in,
)
from bizops_sandbox.servers.zuora.access import answer_refusal
from bizops_sandbox.servers.zuora.answers import (
    Refused,
    not_found,
    reasons_answer,
    sorry_answer,
)
from bizops_sandbox.servers.zuora.compression import Compression
from bizops_sandbox.servers.zuora.control import CONTROL_ROUTES
from bizops_sandbox.servers.zuora.gate import ZuoraRules

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.servers.zuora.simulator import Simulator

_METHOD_NOT_ALLOWED = 405
_BATCH_PATHS = (
    "/v1/batch-query",
    "/v1/apps/api/batch-query",
    "/apps/api/batch-query",
)
_FILE_PATHS = ("/v1/files", "/v1/file", "/apps/api/file")


def build_app(simulator: Simulator) -> Starlette:
    """Build the application: tokens, the APIs, the files, the control interface."""
    app = Starlette(
        routes=[*_api_routes(), *CONTROL_ROUTES],
        middleware=[
            Middleware(Gate, rules=ZuoraRules(simulator)),
            Middleware(Compression, simulator=simulator),
        ],
        exception_handlers={
            Refused: answer_refusal,
            HTTPException: _answer_unrouted,
            Exception: _answer_failure,
        },
    )
    app.state.simulator = simulator
    return app


def _api_routes() -> list[Route]:
    routes = [
        Route("/oauth/token", logging_in.give_token, methods=["POST"]),
        Route("/v1/describe", discovery.list_objects),
        Route("/v1/describe/{name}", discovery.describe),
        Route("/v1/action/query", actions.query, methods=["POST"]),
        Route("/v1/action/queryMore", actions.query_more, methods=["POST"]),
        Route("/query/jobs", data_queries.submit, methods=["POST"]),
        Route("/query/jobs", data_queries.list_jobs, methods=["GET"]),
        Route("/query/jobs/{job_id}", data_queries.show, methods=["GET"]),
        Route("/query/jobs/{job_id}", data_queries.cancel, methods=["DELETE"]),
        Route(f"{data_queries.DATA_FILES}/{{name}}", data_queries.fetch),
    ]
    for path in _BATCH_PATHS:
        routes += [
            Route(path, batch.submit, methods=["POST"]),
            Route(f"{path}/jobs/{{job_id}}", batch.show, methods=["GET"]),
            Route(f"{path}/jobs/{{job_id}}", batch.cancel, methods=["DELETE"]),
        ]
    routes += [Route(f"{path}/{{file_id}}", downloads.download) for path in _FILE_PATHS]
    return routes


async def _answer_unrouted(request: Request, error: Exception) -> Response:
    is_known = isinstance(error, HTTPException)
    if is_known and error.status_code == _METHOD_NOT_ALLOWED:  # type: ignore[attr-defined]
        message = f"HTTP method {request.method} is not supported"
        return reasons_answer(50000030, message, status=_METHOD_NOT_ALLOWED)
    return not_found(request.url.path)


async def _answer_failure(_request: Request, _error: Exception) -> Response:
    return sorry_answer(500)
