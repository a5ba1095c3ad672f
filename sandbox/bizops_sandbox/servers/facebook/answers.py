"""Answers in the forms Facebook gives them: JSON, its error object, HTML pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENCODER = msgspec.json.Encoder()


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
