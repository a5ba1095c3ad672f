"""Answers in the forms Salesforce gives them: JSON, its error list, HTML pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_ENCODER = msgspec.json.Encoder()


class Refused(Exception):  # noqa: N818
    """A request the service refuses: its status, errorCode and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def json_answer(document: Any, *, status: int = 200) -> Response:  # noqa: ANN401
    """Answer with a JSON document."""
    return Response(
        _ENCODER.encode(document),
        status_code=status,
        media_type="application/json;charset=UTF-8",
    )


def error_answer(status: int, code: str, message: str) -> Response:
    """Answer with the list of errors every REST resource of Salesforce uses."""
    return json_answer([{"message": message, "errorCode": code}], status=status)


def oauth_error(error: str, description: str, *, status: int = 400) -> Response:
    """Answer with the error object of the token endpoint."""
    return json_answer(
        {"error": error, "error_description": description}, status=status
    )


def html_answer(status: int, title: str) -> Response:
    """Answer with an HTML page, as the front of the service does before its API."""
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body>"
    return Response(f"{page}</html>\n", status_code=status, media_type="text/html")


def not_found() -> Response:
    """Answer that there is no such resource."""
    return error_answer(404, "NOT_FOUND", "The requested resource does not exist")


def csv_answer(body: bytes, headers: Mapping[str, str]) -> Response:
    """Answer with a page of CSV."""
    return Response(body, headers=dict(headers), media_type="text/csv;charset=UTF-8")


async def read_json(request: Request) -> Any:  # noqa: ANN401
    """Read a JSON body.

    Raises:
        Refused: 400 JSON_PARSER_ERROR when it is none.
    """
    try:
        return msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, "JSON_PARSER_ERROR", str(error)) from error
