"""SOAP login of the partner API: user name and password for a session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from starlette.responses import Response

from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.salesforce.access import simulator_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bizops_sandbox.servers.salesforce.simulator import Simulator

FIRST_VERSION, LAST_VERSION = 30, 64
_LARGEST_BODY_BYTES = 65_536
_LOGIN = "{urn:partner.soap.sforce.com}"
_VERSION = re.compile(r"(\d\d)\.0")
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"{names}>'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
_FAULT_NAMES = (
    ' xmlns:sf="urn:fault.partner.soap.sforce.com"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


async def log_in(request: Request) -> Response:
    """Answer `POST /services/Soap/u/<version>`."""
    match = _VERSION.fullmatch(str(request.path_params["version"]))
    if match is None or not FIRST_VERSION <= int(match.group(1)) <= LAST_VERSION:
        return _fault(
            "UNSUPPORTED_API_VERSION",
            "Invalid Api version specified on URL: login() is not supported there",
        )
    simulator = simulator_of(request)
    facts = Facts(str(request.app.state.host), "POST", request.url.path)
    refusal = simulator.faults.take({"login_refused"}, facts)
    if refusal is not None:
        return _fault("INVALID_LOGIN", str(refusal.parameters["error_description"]))
    try:
        username, password = _read_login(await request.body())
    except ValueError as error:
        return _fault("UNKNOWN_EXCEPTION", str(error))
    if problem := _problem(simulator, username, password):
        return _fault(*problem)
    return _logged_in(simulator, match.group(0))


def _read_login(body: bytes) -> tuple[str, str]:
    if len(body) > _LARGEST_BODY_BYTES or b"<!DOCTYPE" in body:
        raise ValueError("the envelope is too large or has a document type")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - no document type in it
    except ElementTree.ParseError as error:
        raise ValueError(f"the envelope is not XML: {error}") from error
    login = root.find(f".//{_LOGIN}login")
    if login is None:
        raise ValueError("the envelope has no login")
    username = login.findtext(f"{_LOGIN}username") or ""
    return username, login.findtext(f"{_LOGIN}password") or ""


def _problem(
    simulator: Simulator, username: str, password: str
) -> tuple[str, str] | None:
    credentials = simulator.settings.credentials
    if (username, password) == (credentials.username, credentials.password):
        return (
            "LOGIN_MUST_USE_SECURITY_TOKEN",
            "Invalid username, password, security token; or user locked out. "
            "Append the security token to the password.",
        )
    expected = credentials.password + credentials.security_token
    if (username, password) != (credentials.username, expected):
        return (
            "INVALID_LOGIN",
            "Invalid username, password, security token; or user locked out.",
        )
    return None


def _logged_in(simulator: Simulator, version: str) -> Response:
    url = f"{simulator.instance_url}/services/Soap/u/{version}/{simulator.org.org_id}"
    fields = {
        "metadataServerUrl": url.replace("/Soap/u/", "/Soap/m/"),
        "passwordExpired": "false",
        "sandbox": "false",
        "serverUrl": url,
        "sessionId": simulator.sessions.open(),
        "userId": simulator.user_id,
    }
    result = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in fields.items())
    body = f"<loginResponse><result>{result}</result></loginResponse>"
    return _xml(body, ' xmlns="urn:partner.soap.sforce.com"')


def _fault(code: str, message: str) -> Response:
    text = escape(f"{code}: {message}")
    kind = "LoginFault" if code.startswith(("INVALID_LOGIN", "LOGIN")) else "ApiFault"
    body = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode>"
        f"<faultstring>{text}</faultstring><detail>"
        f'<sf:{kind} xsi:type="sf:{kind}">'
        f"<sf:exceptionCode>{code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage>"
        f"</sf:{kind}></detail></soapenv:Fault>"
    )
    return _xml(body, _FAULT_NAMES, status=500)


def _xml(body: str, names: str, *, status: int = 200) -> Response:
    return Response(
        _ENVELOPE.format(names=names, body=body),
        status_code=status,
        media_type="text/xml;charset=UTF-8",
    )
