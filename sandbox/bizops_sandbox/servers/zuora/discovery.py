"""The describe calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.servers.zuora.access import base_url_of, simulator_of
from bizops_sandbox.servers.zuora.answers import not_found, xml_answer
from bizops_sandbox.servers.zuora.describing import describe_all, describe_object

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def list_objects(request: Request) -> Response:
    """Answer `GET /v1/describe`."""
    simulator = simulator_of(request)
    return xml_answer(describe_all(simulator.tables(), base_url_of(request)))


async def describe(request: Request) -> Response:
    """Answer `GET /v1/describe/{Object}`."""
    name = str(request.path_params["name"])
    simulator = simulator_of(request)
    table = simulator.table(name)
    if table is None:
        return not_found(name)
    lists_to_many = simulator.settings.lists_to_many
    body = describe_object(table, base_url_of(request), lists_to_many=lists_to_many)
    return xml_answer(body)
