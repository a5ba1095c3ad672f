"""The token resource."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from uuid import uuid4

from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.zuora.access import HOST, simulator_of
from bizops_sandbox.servers.zuora.answers import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_FORM = "application/x-www-form-urlencoded"
_SCOPE = "entity.11e64eef-ad31-7702-aef1-00259058c29c user.8ad0tenant service.api.write"


async def give_token(request: Request) -> Response:
    """Answer `POST /oauth/token`: a form only; an Authorization header is not read."""
    simulator = simulator_of(request)
    facts = Facts(HOST, "POST", "/oauth/token")
    fault = simulator.faults.take({"login_refused"}, facts)
    if fault is not None:
        return _refused("Bad client credentials", int(fault.parameters["status"]))
    if (request.url.hostname or "") in simulator.settings.refused_hosts:
        return _refused("Bad client credentials", 401)
    if not request.headers.get("content-type", "").startswith(_FORM):
        return _refused("Client credentials are required", 400)
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    given = {name: values[0] for name, values in form.items()}
    if given.get("grant_type") != "client_credentials":
        message = f"Unsupported grant type: {given.get('grant_type')}"
        return _refused(message, 400, error="unsupported_grant_type")
    credentials = simulator.settings.credentials
    if not (
        _same(given.get("client_id"), credentials.client_id)
        and _same(given.get("client_secret"), credentials.client_secret)
    ):
        return _refused("Bad client credentials", 401)
    life_s = simulator.settings.token_s
    short = simulator.faults.take({"short_token"}, facts)
    if short is not None:
        life_s = int(short.parameters["seconds"])
    return json_answer(
        {
            "access_token": simulator.tokens.give(life_s),
            "token_type": "bearer",
            "expires_in": life_s,
            "scope": _SCOPE,
            "jti": uuid4().hex,
        }
    )


def _same(given: str | None, wanted: str) -> bool:
    return secrets.compare_digest((given or "").encode(), wanted.encode())


def _refused(message: str, status: int, *, error: str = "invalid_client") -> Response:
    document = {"error": error, "error_description": message}
    return json_answer(document, status=status)
