"""`/identity/oauth/token`: the one way to get an access token."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from bizops_sandbox.servers.marketo.answers import json_answer
from bizops_sandbox.servers.marketo.reading import simulator_of
from bizops_sandbox.servers.marketo.settings import USERS
from bizops_sandbox.servers.marketo.tokens import find_user

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def give_token(request: Request) -> Response:
    """Answer a GET, or a POST with a form: the user's token and its remaining life."""
    simulator = simulator_of(request)
    asked = dict(request.query_params)
    if request.method == "POST":
        asked |= dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    fault = simulator.faults.take({"login_refused"}, request.scope["marketo.facts"])
    if fault is not None:
        said = fault.parameters
        return _refusal(
            str(said["error"]), str(said["error_description"]), int(said["status"])
        )
    if asked.get("grant_type") != "client_credentials":
        kind = asked.get("grant_type", "")
        return _refusal(
            "unsupported_grant_type", f"Unsupported grant type: {kind}", 400
        )
    client_id = asked.get("client_id", "")
    user = find_user(client_id, asked.get("client_secret", ""))
    if user is None:
        if all(known.client_id != client_id for known in USERS):
            text = f"No client with requested id: {client_id}"
            return _refusal("unauthorized", text, 401)
        return _refusal("invalid_client", "Bad client credentials", 401)
    token, life_s = simulator.tokens.give(
        user, at_s=simulator.clock.elapsed_s, life_s=simulator.settings.token_s
    )
    return json_answer(
        {
            "access_token": token.text,
            "token_type": "bearer",
            "expires_in": life_s,
            "scope": user.user_id,
        }
    )


def _refusal(error: str, description: str, status: int) -> Response:
    return json_answer(
        {"error": error, "error_description": description}, status=status
    )
