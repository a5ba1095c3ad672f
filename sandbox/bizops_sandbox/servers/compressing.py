"""Compressing an answer for a client that asked for it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

# Like most servers, small answers are not worth compressing.
_FLOOR_BYTES = 1_024


def compressed(response: Response, request: Request) -> Response:
    """Compress an answer (it is changed) of 1,024 bytes or more for who takes gzip."""
    accepted = request.headers.get("accept-encoding", "").lower()
    body = bytes(response.body)
    if "gzip" not in accepted or len(body) < _FLOOR_BYTES:
        return response
    response.body = gzip.compress(body, compresslevel=1, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
    return response
