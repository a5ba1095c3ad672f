"""Asks the tenant what objects there are, and what each of them has."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from reading_kit.errors import ApiError
from reading_kit.sending import MalformedAnswerError
from tap_zuora.client import refuse_json
from tap_zuora.describing import DescribeError, parse_object, parse_object_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    import requests

    from tap_zuora.client import ZuoraClient
    from tap_zuora.describing import ObjectSpec

    T = TypeVar("T")

logger = logging.getLogger(__name__)

_AT_ONCE = 8
#: An object that cannot be described is left out.
_LEFT_OUT = frozenset({400, 403, 404})


def list_objects(client: ZuoraClient) -> list[str]:
    """Give the names of all objects."""
    return client.exchange("GET", "/v1/describe", _reading(parse_object_names))


def describe_objects(client: ZuoraClient, names: Iterable[str]) -> list[ObjectSpec]:
    """Describe objects, several at once; those that cannot be are left out."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="describe") as pool:
        specs = pool.map(lambda name: _describe(client, name), names)
        return [spec for spec in specs if spec is not None]


def _describe(client: ZuoraClient, name: str) -> ObjectSpec | None:
    are_keys_joined = client.settings.are_keys_joined

    def parse(document: bytes) -> ObjectSpec | None:
        return parse_object(document, are_keys_joined=are_keys_joined)

    try:
        spec = client.exchange("GET", f"/v1/describe/{name}", _reading(parse))
    except ApiError as error:
        if error.problem.status not in _LEFT_OUT:
            raise
        logger.warning("%s cannot be described, left out: %s", name, error)
        return None
    if spec is None:
        logger.info("%s has no Id to export, left out", name)
    return spec


def _reading(parse: Callable[[bytes], T]) -> Callable[[requests.Response], T]:
    """Make what consumes an answer of XML."""

    def consume(response: requests.Response) -> T:
        refuse_json(response)
        try:
            return parse(response.content)
        except DescribeError as error:
            raise MalformedAnswerError(f"describe: {error}") from None

    return consume
