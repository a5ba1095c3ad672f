"""Answers in the forms Marketo gives them: envelopes, errors inside 200, text."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


NO_ASSETS = "No assets found for the given search criteria."
MESSAGES = {
    "600": "Access token must be sent in the Authorization header",
    "601": "Access token invalid",
    "602": "Access token expired",
    "603": "Access denied",
    "604": "Request timed out",
    "605": "HTTP Method not supported",
    "606": "Max rate limit '100' exceeded with in '20' secs",
    "607": "Daily API Request Limit Reached",
    "608": "API Temporarily Unavailable",
    "609": "Invalid JSON",
    "610": "Requested resource not found",
    "611": "System error",
    "612": "Invalid Content Type",
    "614": "Invalid Subscription",
    "615": "Concurrent access limit reached",
    "702": "No data found",
    "713": "Transient Error",
    "1013": "Object not found",
    "1035": "Unsupported filter type for target subscription",
}
QUEUE_FULL = "Too many jobs in queue"
ALREADY_QUEUED = "Job already queued"
QUOTA_EXCEEDED = "Export daily quota 500MB exceeded."
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_request_numbers = itertools.count(0x14272D07D78)


class Refused(Exception):  # noqa: N818
    """A request the service refuses within a 200: code and message."""

    def __init__(self, code: str, message: str | None = None) -> None:
        super().__init__(message or MESSAGES.get(code, "Error"))
        self.code = code

    @property
    def message(self) -> str:
        """What the service says."""
        return str(self)


class NotThere(Exception):  # noqa: N818
    """A file that is not there (yet, or any more): 404 with plain text."""


def request_id() -> str:
    """Return the id of a request, like `e42b#14272d07d78`."""
    number = next(_request_numbers)
    return f"{number * 40_503 % 65_536:x}#{number:x}"


def json_answer(document: Any, *, status: int = 200) -> Response:  # noqa: ANN401
    """Answer with a JSON document."""
    return Response(
        _ENCODER.encode(document),
        status_code=status,
        media_type="application/json;charset=UTF-8",
    )


def rows_answer(
    rows: Sequence[Any],
    *,
    token: str | None = None,
    has_more: bool | None = None,
) -> Response:
    """Answer of the lead database: rows, perhaps a page token and `moreResult`."""
    document: dict[str, Any] = {
        "requestId": request_id(),
        "result": list(rows),
        "success": True,
    }
    if token is not None:
        document["nextPageToken"] = token
    if has_more is not None:
        document["moreResult"] = has_more
    return json_answer(document)


def void_answer(*, token: str) -> Response:
    """Answer with nothing but a page token."""
    document = {"requestId": request_id(), "success": True, "nextPageToken": token}
    return json_answer(document)


def assets_answer(rows: Sequence[Mapping[str, Any]]) -> Response:
    """Answer of the asset API; without rows there is a warning and no result."""
    document: dict[str, Any] = {
        "success": True,
        "errors": [],
        "requestId": request_id(),
        "warnings": [] if rows else [NO_ASSETS],
    }
    if rows:
        document["result"] = list(rows)
    return json_answer(document)


def error_answer(code: str, message: str | None = None) -> Response:
    """Answer that the request failed, which is a 200 all the same."""
    text = message or MESSAGES.get(code, "Error")
    answer = json_answer(
        {
            "requestId": request_id(),
            "success": False,
            "errors": [{"code": code, "message": text}],
        }
    )
    answer.headers["X-Sandbox-Error"] = code
    return answer


def html_answer(status: int, title: str) -> Response:
    """Answer with an HTML page, as what stands before the service does."""
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body>"
    return Response(f"{page}</html>\n", status_code=status, media_type="text/html")
