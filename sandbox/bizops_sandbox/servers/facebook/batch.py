"""Several calls in one request: `POST /` with `batch`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from bizops_sandbox.servers.facebook.calls import Call, make_call
from bizops_sandbox.servers.facebook.fault_kinds import BATCH_FAULTS, names
from bizops_sandbox.servers.facebook.graph_errors import GraphError, bad_parameter
from bizops_sandbox.servers.facebook.routing import answer
from bizops_sandbox.servers.facebook.usage import usage_headers

if TYPE_CHECKING:
    from bizops_sandbox.servers.facebook.simulator import Simulator

_MOST_CALLS = 50


def run_batch(call: Call, simulator: Simulator) -> list[dict[str, Any] | None]:
    """Answer each element: its status, headers, and its body as text.

    A fault may leave an element null, as when a batch takes too long.

    Raises:
        GraphError: when the batch itself is no good.
    """
    settings, now = simulator.settings, simulator.clock.now()
    simulator.tokens.accept(call.token, now, status=settings.token_error_status)
    elements = call.json("batch")
    if not isinstance(elements, list):
        raise bad_parameter("param batch must be an array.")
    if len(elements) > _MOST_CALLS:
        message = (
            f"Too many requests in batch message. Maximum batch size is {_MOST_CALLS}"
        )
        raise GraphError(1, message)
    has_headers = call.params.get("include_headers", "true").lower() != "false"
    return [
        _run(element, call, simulator, has_headers=has_headers) for element in elements
    ]


def _run(
    element: Any,  # noqa: ANN401
    outer: Call,
    simulator: Simulator,
    *,
    has_headers: bool,
) -> dict[str, Any] | None:
    if not isinstance(element, dict) or "relative_url" not in element:
        raise bad_parameter("Each batch element must have a relative_url.")
    call = make_call(
        str(element.get("method", "GET")),
        "/" + str(element["relative_url"]).lstrip("/"),
        form=dict(parse_qsl(str(element.get("body", "")), keep_blank_values=True)),
        token="",
        base_url=outer.base_url,
        default_version=outer.version,
    )
    call = _with_token(call, outer)
    fault = simulator.take_fault(names(BATCH_FAULTS), call)
    if fault is not None and fault.kind.name == "batch_null":
        return None
    headers: dict[str, str] = {}
    try:
        if fault is not None:
            raise GraphError(960, "Request aborted: the batch took too long.")
        status, document = 200, answer(call, simulator)
        headers = usage_headers(call, simulator)
    except GraphError as error:
        status, document = error.status, error.document(simulator.next_trace_id())
        headers = {**usage_headers(call, simulator), **error.headers}
    if status == 200 and element.get("omit_response_on_success"):
        return None
    shown: dict[str, Any] = {"code": status}
    if has_headers:
        shown["headers"] = [
            {"name": name, "value": value}
            for name, value in {"Content-Type": "application/json", **headers}.items()
        ]
    shown["body"] = msgspec.json.encode(document).decode()
    return shown


def _with_token(call: Call, outer: Call) -> Call:
    """An element's own token counts before the batch's; so does a proof."""
    params = dict(call.params)
    proof = outer.params.get("appsecret_proof")
    if proof is not None and not call.token:
        params.setdefault("appsecret_proof", proof)
    return Call(
        method=call.method,
        version=call.version,
        path=call.path,
        params=params,
        token=call.token or outer.token,
        base_url=call.base_url,
    )
