"""Answers in the forms Zuora gives them: JSON, its reasons, XML, plain text, HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

_ENCODER = msgspec.json.Encoder()
SIGN_IN_FIRST = 90000011
LIMIT_EXCEEDED = 50000070
MALFORMED = 50000090
NOT_FOUND = 50000040
FORBIDDEN = 50000010
INVALID_VALUE = 50000020


class Refused(Exception):  # noqa: N818
    """A request the service refuses; carries the answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


def json_answer(document: Any, *, status: int = 200) -> Response:  # noqa: ANN401
    """Answer with a JSON document."""
    return Response(
        _ENCODER.encode(document),
        status_code=status,
        media_type="application/json;charset=utf-8",
    )


def reasons_answer(code: int, message: str, *, status: int = 200) -> Response:
    """Answer `success: false` with one reason, as resources under /v1 do."""
    reasons = [{"code": code, "message": message}]
    return json_answer({"success": False, "reasons": reasons}, status=status)


def sign_in_first() -> Response:
    """Answer that there is no good token or key."""
    message = "this resource is protected, please sign in first"
    return reasons_answer(SIGN_IN_FIRST, message, status=401)


def xml_answer(body: str, *, status: int = 200) -> Response:
    """Answer with an XML document."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return Response(
        head + body, status_code=status, media_type="application/xml;charset=UTF-8"
    )


def storage_error(code: str, message: str, *, status: int) -> Response:
    """Answer as the object storage does."""
    body = (
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        "</Error>"
    )
    return xml_answer(body, status=status)


def html_answer(status: int, title: str) -> Response:
    """Answer with a page, as the proxy before the service does."""
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body>"
    return Response(f"{page}</html>\n", status_code=status, media_type="text/html")


def sorry_answer(status: int) -> Response:
    """Answer with the plain text of an internal error."""
    text = "We're sorry, but something went wrong."
    return Response(text, status_code=status, media_type="text/plain")


def malformed() -> Response:
    """Answer that a JSON body is not what the resource reads."""
    message = "Oops, request is malformed. Please check your request."
    document = {"success": False, "code": MALFORMED, "message": message}
    return json_answer(document, status=400)


def not_found(what: str = "resource") -> Response:
    """Answer that there is nothing here."""
    return reasons_answer(NOT_FOUND, f"Cannot find entity by key: {what}", status=404)


async def read_object(request: Request) -> dict[str, Any]:
    """Read a JSON object from a request's body.

    Raises:
        Refused: when it is none.
    """
    try:
        document = msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(malformed()) from error
    if not isinstance(document, dict):
        raise Refused(malformed())
    return document
