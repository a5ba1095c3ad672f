"""Reading a call from an HTTP request: query, form, multipart or JSON body."""

from __future__ import annotations

import json
from email import message_from_bytes
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec

from bizops_sandbox.servers.facebook.calls import Call, make_call
from bizops_sandbox.servers.facebook.graph_errors import GraphError
from bizops_sandbox.servers.facebook.settings import OLDEST_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope


def read_call(scope: Scope, body: bytes) -> Call:
    """Read what a request asks for.

    Raises:
        GraphError: when its body cannot be read.
    """
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in scope["headers"]
    }
    query = scope["query_string"].decode("latin-1")
    scheme, _, token = headers.get("authorization", "").partition(" ")
    is_bearer = scheme.lower() in {"bearer", "oauth"}
    return make_call(
        scope["method"],
        f"{scope['path']}?{query}",
        form=_read_form(headers.get("content-type", ""), body),
        token=token.strip() if is_bearer else "",
        base_url=f"{scope['scheme']}://{headers.get('host', 'localhost')}",
        default_version=OLDEST_VERSION,
    )


def _read_form(content_type: str, body: bytes) -> Mapping[str, str]:
    if not body:
        return {}
    if content_type.startswith("application/json"):
        return _read_json(body)
    if content_type.startswith("multipart/form-data"):
        return _read_multipart(content_type, body)
    text = body.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True))


def _read_json(body: bytes) -> dict[str, str]:
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise GraphError(100, "(#100) The body is no valid JSON.") from error
    if not isinstance(document, dict):
        raise GraphError(100, "(#100) The body must be a JSON object.")
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in document.items()
    }


def _read_multipart(content_type: str, body: bytes) -> dict[str, str]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")
    form: dict[str, str] = {}
    for part in message_from_bytes(head + body).walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            form[name] = content.decode("utf-8", "replace")
    return form
