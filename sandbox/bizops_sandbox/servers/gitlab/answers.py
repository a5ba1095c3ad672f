"""Answers in the forms GitLab gives them: JSON, its errors, text, YAML, HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_ENCODER = msgspec.json.Encoder()


class Refused(Exception):  # noqa: N818
    """A request the service refuses; carries the answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


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
        headers=None if headers is None else dict(headers),
        media_type="application/json",
    )


def message_answer(status: int, text: str) -> Response:
    """Answer `{"message": "404 Project Not Found"}`: what was decided."""
    return json_answer({"message": f"{status} {text}"}, status=status)


def error_answer(status: int, text: str) -> Response:
    """Answer `{"error": "page is invalid"}`: what is wrong with a parameter."""
    return json_answer({"error": text}, status=status)


def oauth_error(error: str, description: str, *, status: int) -> Response:
    """Answer as OAuth does."""
    return json_answer(
        {"error": error, "error_description": description}, status=status
    )


def text_answer(status: int, text: str) -> Response:
    """Answer with plain text, as the throttle before the application does."""
    return Response(text, status_code=status, media_type="text/plain")


def html_answer(status: int, title: str) -> Response:
    """Answer with a page, as a proxy or the firewall does."""
    page = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>"
    return Response(
        f"{page}<h1>{title}</h1></body></html>\n",
        status_code=status,
        media_type="text/html",
    )


def yaml_answer(text: str) -> Response:
    """Answer with a YAML document."""
    return Response(text, media_type="application/yaml")


def missing(what: str = "") -> Refused:
    """Make the refusal for what is not there: `404 Project Not Found`."""
    return Refused(message_answer(404, f"{what} Not Found".strip()))


def forbidden(why: str = "") -> Refused:
    """Make the refusal for who may not."""
    return Refused(message_answer(403, f"Forbidden - {why}" if why else "Forbidden"))


def invalid(text: str) -> Refused:
    """Make the refusal for a parameter that is wrong."""
    return Refused(error_answer(400, text))


def failed(status: int) -> Refused:
    """Make the refusal of a request that took too much."""
    text = "Internal Server Error"
    return Refused(json_answer({"message": f"{status} {text}"}, status=status))


def bad_request(text: str) -> Refused:
    """Make the refusal for parameters that do not go together."""
    return Refused(message_answer(400, f"Bad request - {text}"))


async def answer_refusal(_request: Request, refused: Exception) -> Response:
    """Answer a refused request; Starlette calls this for each `Refused`."""
    assert isinstance(refused, Refused)  # noqa: S101
    return refused.answer
