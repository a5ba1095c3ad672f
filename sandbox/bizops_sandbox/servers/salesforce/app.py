"""The two applications of the Salesforce server: login host and instance host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from bizops_sandbox.servers.gate import Gate
from bizops_sandbox.servers.salesforce import (
    batch,
    bulk,
    bulk_results,
    discovery,
    logging_in,
    rest_queries,
    soap,
)
from bizops_sandbox.servers.salesforce.access import answer_refusal
from bizops_sandbox.servers.salesforce.answers import Refused, error_answer, not_found
from bizops_sandbox.servers.salesforce.control import CONTROL_ROUTES
from bizops_sandbox.servers.salesforce.gate import SalesforceRules

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from bizops_sandbox.servers.salesforce.simulator import Simulator

_TOKEN = Route(
    "/services/oauth2/token", logging_in.give_token, methods=["POST"], name="token"
)
_API = "/services/data/v{version}"
_JOB = f"{_API}/jobs/query/{{job_id}}"


def build_login_app(simulator: Simulator) -> ASGIApp:
    """Build the login host: tokens, SOAP login, and the control interface."""
    routes = [
        _TOKEN,
        Route("/", logging_in.answer_head, methods=["GET", "HEAD"]),
        Route("/services/Soap/u/{version}", soap.log_in, methods=["POST"]),
        *CONTROL_ROUTES,
    ]
    return _gated(simulator, routes, host="login")


def build_instance_app(simulator: Simulator) -> ASGIApp:
    """Build the instance host, which is also the org's own domain: the data API."""
    routes = [
        _TOKEN,
        Route("/services/data", discovery.list_versions),
        Route(f"{_API}/limits", discovery.tell_limits),
        Route(f"{_API}/sobjects", discovery.list_objects),
        Route(f"{_API}/sobjects/{{name}}/describe", discovery.describe),
        Route(f"{_API}/sobjects/{{name}}/deleted", discovery.list_deleted),
        Route(f"{_API}/composite/batch", batch.run_batch, methods=["POST"]),
        Route(f"{_API}/query", rest_queries.query),
        Route(f"{_API}/queryAll", rest_queries.query_all),
        Route(f"{_API}/query/{{cursor}}", rest_queries.next_page),
        Route(f"{_API}/jobs/query", bulk.create_job, methods=["POST"]),
        Route(f"{_API}/jobs/query", bulk.list_jobs, methods=["GET"]),
        Route(_JOB, bulk.show_job, methods=["GET"]),
        Route(_JOB, bulk.abort_job, methods=["PATCH"]),
        Route(_JOB, bulk.delete_job, methods=["DELETE"]),
        Route(f"{_JOB}/results", bulk_results.fetch_results),
        Route(f"{_JOB}/resultPages", bulk_results.list_result_pages),
    ]
    return _gated(simulator, routes, host="instance")


def _gated(simulator: Simulator, routes: list[Route], *, host: str) -> ASGIApp:
    app = Starlette(
        routes=routes,
        exception_handlers={
            Refused: answer_refusal,
            HTTPException: _answer_unrouted,
            Exception: _answer_failure,
        },
    )
    app.state.simulator = simulator
    app.state.host = host
    app.state.move_all = simulator.move_all
    return Gate(app, SalesforceRules(simulator, host=host))


async def _answer_unrouted(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:
        return error_answer(
            405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed"
        )
    return not_found()


async def _answer_failure(_request: Request, _error: Exception) -> Response:
    return error_answer(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred")
