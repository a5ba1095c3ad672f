"""From a call to its answer, the same alone and inside a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.facebook_assets import user_values
from bizops_sandbox.projections.facebook_ids import APP_ID, SYSTEM_USER_ID
from bizops_sandbox.servers.facebook import edges, insights, report_runs
from bizops_sandbox.servers.facebook.call_faults import strike
from bizops_sandbox.servers.facebook.graph_errors import (
    METHOD,
    GraphError,
    bad_parameter,
    dead_version,
    no_such_object,
    unknown_path,
)
from bizops_sandbox.servers.facebook.nodes import check_fields, read_fields, render
from bizops_sandbox.servers.facebook.settings import NEWEST_VERSION, OLDEST_VERSION
from bizops_sandbox.servers.facebook.tokens import SCOPES

if TYPE_CHECKING:
    from bizops_sandbox.projections.facebook_business import Node
    from bizops_sandbox.servers.facebook.calls import Call
    from bizops_sandbox.servers.facebook.simulator import Simulator
    from bizops_sandbox.servers.facebook.tokens import Token

_MOST_IDS = 50


def answer(call: Call, simulator: Simulator) -> Any:  # noqa: ANN401 - JSON
    """Answer a call with a JSON document.

    Raises:
        GraphError: when the service refuses it.
    """
    if call.path == ("oauth", "access_token"):
        return _give_token(call, simulator)
    _check_version(call)
    strike(call, simulator)
    settings, now = simulator.settings, simulator.clock.now()
    token = simulator.tokens.accept(call.token, now, status=settings.token_error_status)
    _check_proof(call, token, simulator)
    simulator.usage.check(call, simulator)
    if call.path == ("debug_token",):
        return _debug_token(call, simulator)
    if "ids" in call.params:
        return _several(call, simulator)
    return _routed(call, simulator)


def _check_version(call: Call) -> None:
    if call.version < OLDEST_VERSION:
        raise dead_version(NEWEST_VERSION)
    if call.version > NEWEST_VERSION:
        raise unknown_path(f"/v{call.version}.0/{'/'.join(call.path)}")


def _check_proof(call: Call, token: Token, simulator: Simulator) -> None:
    proof = call.params.get("appsecret_proof")
    if proof is not None:
        simulator.tokens.check_proof(token, proof)
    elif simulator.settings.requires_appsecret_proof:
        message = "API calls from the server require an appsecret_proof argument"
        raise GraphError(100, message, error_type=METHOD)


def _routed(call: Call, simulator: Simulator) -> Any:  # noqa: ANN401
    match call.path:
        case ("me",):
            return _me(call, simulator)
        case ("me", "adaccounts"):
            return edges.list_nodes(call, _owned("AdAccount", simulator), simulator)
        case ("me", "accounts"):
            return edges.list_nodes(call, _owned("Page", simulator), simulator)
        case (node_id,):
            return _node(call, node_id, simulator)
        case (node_id, edge):
            return _edge(call, node_id, edge, simulator)
        case ():
            raise GraphError(100, "The parameter ids is required.", error_type=METHOD)
        case _:
            raise unknown_path("/" + "/".join(call.path[1:]))


def _several(call: Call, simulator: Simulator) -> dict[str, Any]:
    """Answer `?ids=a,b`: each id's answer by its id, all or none."""
    ids = call.listed("ids")
    if len(ids) > _MOST_IDS:
        raise bad_parameter(f"Too many IDs. Maximum: {_MOST_IDS}. Given: {len(ids)}.")
    rest = {name: value for name, value in call.params.items() if name != "ids"}
    answers = {}
    for node_id in ids:
        one = type(call)(
            method=call.method,
            version=call.version,
            path=(node_id, *call.path),
            params=rest,
            token=call.token,
            base_url=call.base_url,
        )
        answers[node_id] = _routed(one, simulator)
    return answers


def _me(call: Call, simulator: Simulator) -> dict[str, Any]:
    wanted = read_fields(call.params.get("fields", "id,name"))
    check_fields(wanted, "User", simulator)
    values = user_values()
    return {name: values[name] for name, _ in wanted if name in values}


def _owned(kind: str, simulator: Simulator) -> list[Node]:
    return [node for node in simulator.business.nodes if node.kind == kind]


def _find(call: Call, node_id: str, simulator: Simulator) -> Node:
    node = simulator.business.by_id.get(node_id)
    if node is None or node.id in simulator.hidden_ids():
        raise no_such_object(node_id, method=call.method.lower())
    return node


def _node(call: Call, node_id: str, simulator: Simulator) -> Any:  # noqa: ANN401
    if call.method != "GET":
        raise no_such_object(node_id, method=call.method.lower())
    run = simulator.runs.find(node_id, simulator.clock.now())
    if run is not None:
        return report_runs.poll(call, run, simulator)
    if node_id == SYSTEM_USER_ID:
        return _me(call, simulator)
    node = _find(call, node_id, simulator)
    return render(node, read_fields(call.params.get("fields", "")), simulator)


def _edge(call: Call, node_id: str, edge: str, simulator: Simulator) -> Any:  # noqa: ANN401
    run = simulator.runs.find(node_id, simulator.clock.now())
    if run is not None and edge == "insights" and call.method == "GET":
        return insights.read_run(call, run, simulator)
    node = _find(call, node_id, simulator)
    if edge == "insights":
        if call.method == "POST":
            return insights.start_run(call, node, simulator)
        return insights.read_insights(call, node, simulator)
    if call.method != "GET":
        raise no_such_object(node_id, method=call.method.lower())
    return edges.list_edge(call, node, edge, simulator)


def _debug_token(call: Call, simulator: Simulator) -> dict[str, Any]:
    text = call.params.get("input_token", "")
    token = simulator.tokens.find(text)
    if token is None:
        message = "The access token could not be decrypted"
        error = {"code": 190, "message": message}
        return {"data": {"error": error, "is_valid": False, "scopes": []}}
    now = simulator.clock.now()
    expires_at = 0 if token.expires_at is None else int(token.expires_at.timestamp())
    data: dict[str, Any] = {
        "app_id": APP_ID,
        "type": token.kind,
        "application": "BizOps",
        "data_access_expires_at": 0,
        "expires_at": expires_at,
        "is_valid": token.subcode is None,
        "issued_at": int(token.issued_at.timestamp()),
        "scopes": list(SCOPES),
        "user_id": SYSTEM_USER_ID,
    }
    if token.page_id is not None:
        data["profile_id"] = token.page_id
    try:
        simulator.tokens.accept(text, now, status=400)
    except GraphError as error:
        data["is_valid"] = False
        data["error"] = {
            "code": error.code,
            "message": error.message,
            "subcode": error.subcode,
        }
    return {"data": data}


def _give_token(call: Call, simulator: Simulator) -> dict[str, Any]:
    """Answer `GET /oauth/access_token`: a long-lived token, or the app's own."""
    given, tokens = call.params, simulator.tokens
    if given.get("client_id") != APP_ID:
        raise GraphError(101, "Error validating application. Invalid application ID.")
    if not tokens.is_app_secret(given.get("client_secret", "")):
        raise GraphError(1, "Error validating client secret.")
    kind = given.get("grant_type")
    if kind == "client_credentials":
        text = f"{APP_ID}|{given['client_secret']}"
        return {"access_token": text, "token_type": "bearer"}
    if kind != "fb_exchange_token":
        raise bad_parameter("Invalid grant_type.")
    now = simulator.clock.now()
    tokens.accept(given.get("fb_exchange_token", ""), now, status=400)
    token = tokens.give("USER", now)
    life_s = 0 if token.expires_at is None else (token.expires_at - now).total_seconds()
    return {
        "access_token": token.text,
        "token_type": "bearer",
        "expires_in": int(life_s),
    }
