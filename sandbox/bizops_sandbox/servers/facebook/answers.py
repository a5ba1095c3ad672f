"""Answers in the forms Facebook gives them: JSON, its error object, HTML pages."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENCODER = msgspec.json.Encoder()
# Like most servers, small answers are not worth compressing.
_GZIP_FLOOR_BYTES = 1_024


def json_answer(
    document: Any,  # noqa: ANN401
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a JSON document."""
    return Response(
        _ENCODER.encode(document),
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/json; charset=UTF-8",
    )


def html_answer(status: int, title: str) -> Response:
    """Answer with a page, as the front of the service does before its API."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>"
    text = f"{page}<h1>{title}</h1></body></html>\n"
    return Response(text, status_code=status, media_type="text/html")


def compressed(response: Response, accepted: str) -> Response:
    """Compress an answer when the client asked for gzip, and only then."""
    body = bytes(response.body)
    if "gzip" not in accepted.lower() or len(body) < _GZIP_FLOOR_BYTES:
        return response
    response.body = gzip.compress(body, compresslevel=1, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
    return response
