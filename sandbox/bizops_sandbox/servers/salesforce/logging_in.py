"""The token endpoint: four ways to a session, and SOAP login as the old fifth."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec
from starlette.responses import Response

from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.salesforce.access import simulator_of
from bizops_sandbox.servers.salesforce.answers import json_answer, oauth_error
from bizops_sandbox.servers.salesforce.fault_kinds import LOGIN_FAULTS, names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from bizops_sandbox.servers.salesforce.simulator import Simulator

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_PRODUCTION = ("https://login.salesforce.com", "https://test.salesforce.com")
_LONGEST_ASSERTION_S = 300


class _GrantRefused(Exception):  # noqa: N818
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


async def give_token(request: Request) -> Response:
    """Answer `POST /services/oauth2/token` on either host."""
    simulator = simulator_of(request)
    form = _read_form(await request.body())
    host = str(request.app.state.host)
    fault = simulator.faults.take(
        names(LOGIN_FAULTS) - {"rotate"}, Facts(host, "POST", request.url.path)
    )
    if fault is not None and fault.kind.name == "login_refused":
        return oauth_error(
            str(fault.parameters["error"]), str(fault.parameters["error_description"])
        )
    grant_type = form.get("grant_type", "")
    try:
        if fault is not None and grant_type == "refresh_token":
            raise _GrantRefused("invalid_grant", "expired access/refresh token")
        grant = _GRANTS.get(grant_type)
        if grant is None:
            raise _GrantRefused("unsupported_grant_type", "grant type not supported")
        return json_answer(grant(simulator, form, request))
    except _GrantRefused as refused:
        return oauth_error(refused.error, refused.description)


async def answer_head(_request: Request) -> Response:
    """Answer a look at the login host; its Date header tells the server's time."""
    return Response(status_code=200, media_type="text/html;charset=UTF-8")


def _read_form(body: bytes) -> dict[str, str]:
    pairs = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in pairs.items()}


def _refresh(
    simulator: Simulator, form: Mapping[str, str], request: Request
) -> dict[str, Any]:
    _check_client(simulator, form.get("client_id", ""), form.get("client_secret", ""))
    if not simulator.sessions.is_refresh_token(form.get("refresh_token", "")):
        raise _GrantRefused("invalid_grant", "expired access/refresh token")
    answer = token_answer(simulator, scope="api refresh_token")
    facts = Facts(str(request.app.state.host), "POST", request.url.path)
    rotates = simulator.settings.rotate_refresh_tokens
    if rotates or simulator.faults.take({"rotate"}, facts) is not None:
        answer["refresh_token"] = simulator.sessions.rotate()
    return answer


def _client_credentials(
    simulator: Simulator, form: Mapping[str, str], request: Request
) -> dict[str, Any]:
    # Only the org's own domain, here the instance host, gives this grant.
    if request.app.state.host != "instance":
        raise _GrantRefused("invalid_grant", "request not supported on this domain")
    client_id, client_secret = form.get("client_id", ""), form.get("client_secret", "")
    header = request.headers.get("authorization", "")
    if header.lower().startswith("basic "):
        client_id, client_secret = _basic_pair(header[6:])
    _check_client(simulator, client_id, client_secret)
    return token_answer(simulator, scope="api")


def _jwt_bearer(
    simulator: Simulator, form: Mapping[str, str], _request: Request
) -> dict[str, Any]:
    claims = _read_assertion(form.get("assertion", ""))
    credentials = simulator.settings.credentials
    if claims.get("iss") != credentials.client_id:
        raise _GrantRefused("invalid_client_id", "client identifier invalid")
    audiences = {simulator.login_url, simulator.instance_url, *_PRODUCTION}
    if str(claims.get("aud", "")).rstrip("/") not in audiences:
        raise _GrantRefused("invalid_grant", "audience is invalid")
    if claims.get("sub") != credentials.username:
        raise _GrantRefused("invalid_grant", "user hasn't approved this consumer")
    expires_s, now_s = claims.get("exp"), simulator.clock.now().timestamp()
    if not isinstance(expires_s, int | float) or expires_s <= now_s:
        raise _GrantRefused("invalid_grant", "expired authorization code")
    if expires_s > now_s + _LONGEST_ASSERTION_S:
        raise _GrantRefused("invalid_grant", "invalid assertion")
    return token_answer(simulator, scope="api")


_GRANTS: dict[
    str, Callable[[Simulator, Mapping[str, str], Request], dict[str, Any]]
] = {
    "refresh_token": _refresh,
    "client_credentials": _client_credentials,
    JWT_GRANT: _jwt_bearer,
}


def token_answer(simulator: Simulator, *, scope: str) -> dict[str, Any]:
    """Open a session and tell of it as the token endpoint does."""
    access_token = simulator.sessions.open()
    identity = f"{simulator.login_url}/id/{simulator.org.org_id}/{simulator.user_id}"
    issued_at = str(int(simulator.clock.now().timestamp()) * 1000)
    digest = hashlib.sha256(f"{identity}{issued_at}".encode()).digest()
    return {
        "access_token": access_token,
        "signature": base64.b64encode(digest).decode("ascii"),
        "scope": scope,
        "instance_url": simulator.instance_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def _check_client(simulator: Simulator, client_id: str, client_secret: str) -> None:
    credentials = simulator.settings.credentials
    if client_id != credentials.client_id:
        raise _GrantRefused("invalid_client_id", "client identifier invalid")
    if client_secret != credentials.client_secret:
        raise _GrantRefused("invalid_client", "invalid client credentials")


def _basic_pair(encoded: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, secret = text.partition(":")
    return name, secret


def _read_assertion(assertion: str) -> dict[str, Any]:
    """Read the claims of a JWT; its signature is not verified, only its presence."""
    parts = assertion.split(".")
    try:
        header, claims = (msgspec.json.decode(_base64url(part)) for part in parts[:2])
        is_signed = len(parts) == 3 and len(_base64url(parts[2])) >= 256
    except (ValueError, msgspec.DecodeError):
        raise _GrantRefused("invalid_grant", "invalid assertion") from None
    if not (is_signed and isinstance(header, dict) and header.get("alg") == "RS256"):
        raise _GrantRefused("invalid_grant", "invalid assertion")
    return claims if isinstance(claims, dict) else {}


def _base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
