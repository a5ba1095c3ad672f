"""The application of the Facebook server: the Graph API and its control interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import Route

from bizops_sandbox.servers.compressing import compressed
from bizops_sandbox.servers.facebook.answers import json_answer
from bizops_sandbox.servers.facebook.batch import run_batch
from bizops_sandbox.servers.facebook.control import CONTROL_ROUTES
from bizops_sandbox.servers.facebook.gate import CALL_KEY, FacebookRules
from bizops_sandbox.servers.facebook.graph_errors import GraphError
from bizops_sandbox.servers.facebook.routing import answer
from bizops_sandbox.servers.facebook.usage import usage_headers
from bizops_sandbox.servers.gate import Gate

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.servers.facebook.calls import Call
    from bizops_sandbox.servers.facebook.simulator import Simulator


def build_app(simulator: Simulator) -> Starlette:
    """Build the application; every path but the control's is one of the graph."""
    methods = ["GET", "POST", "DELETE", "PUT", "PATCH"]
    app = Starlette(
        routes=[*CONTROL_ROUTES, Route("/{path:path}", serve_graph, methods=methods)],
        middleware=[Middleware(Gate, rules=FacebookRules(simulator))],
    )
    app.state.simulator = simulator
    return app


async def serve_graph(request: Request) -> Response:
    """Answer one request of the API: a call, or a batch of them."""
    simulator: Simulator = request.app.state.simulator
    call: Call = request.scope[CALL_KEY]
    response = await run_in_threadpool(_answered, call, simulator)
    response.headers["facebook-api-version"] = f"v{call.version}.0"
    return compressed(response, request)


def _answered(call: Call, simulator: Simulator) -> Response:
    with simulator.lock:
        return _document_or_error(call, simulator)


def _document_or_error(call: Call, simulator: Simulator) -> Response:
    is_batch = not call.path and "batch" in call.params
    try:
        document = run_batch(call, simulator) if is_batch else answer(call, simulator)
        return json_answer(document, headers=usage_headers(call, simulator))
    except GraphError as error:
        headers = {**usage_headers(call, simulator), **error.headers}
        refusal = error.document(simulator.next_trace_id())
        return json_answer(refusal, status=error.status, headers=headers)
