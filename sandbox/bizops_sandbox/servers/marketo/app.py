"""The application of the Marketo server: identity, REST, assets, bulk, control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bizops_sandbox.servers.gate import Gate
from bizops_sandbox.servers.marketo import (
    activities,
    assets,
    bulk,
    identity,
    lead_database,
    memberships,
    stats,
)
from bizops_sandbox.servers.marketo.answers import NotThere, Refused, error_answer
from bizops_sandbox.servers.marketo.control import CONTROL_ROUTES
from bizops_sandbox.servers.marketo.gate import MarketoRules

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.servers.marketo.simulator import Simulator

    _Endpoint = Callable[[Request], Awaitable[Response]]

_READ = ["GET", "POST"]
_LISTS = "/rest/v1/lists"
_KINDS = ("leads", "activities", "program/members")


def build_app(simulator: Simulator) -> Starlette:
    """Build the whole application over a simulator."""
    app = Starlette(
        routes=[
            Route("/identity/oauth/token", identity.give_token, methods=_READ),
            *_lead_database_routes(),
            *_asset_routes(),
            *_bulk_routes(),
            *CONTROL_ROUTES,
        ],
        middleware=[Middleware(Gate, rules=MarketoRules(simulator))],
        exception_handlers={
            Refused: _answer_refusal,
            NotThere: _answer_absence,
            HTTPException: _answer_unrouted,
        },
    )
    app.state.simulator = simulator
    return app


def _lead_database_routes() -> list[Route]:
    leads, members = lead_database, memberships
    found = [
        ("/rest/v1/leads/describe.json", leads.describe),
        ("/rest/v1/leads/describe2.json", leads.describe_newly),
        ("/rest/v1/leads.json", leads.find_leads),
        ("/rest/v1/lead/{lead_id:int}.json", leads.show_lead),
        ("/rest/v1/leads/programs/{program_id:int}.json", members.list_program_leads),
        (f"{_LISTS}.json", leads.list_lists),
        (f"{_LISTS}/{{list_id:int}}.json", leads.show_list),
        (f"{_LISTS}/{{list_id:int}}/leads.json", leads.list_list_leads),
        ("/rest/v1/list/{list_id:int}/leads.json", leads.list_list_leads),
        ("/rest/v1/campaigns.json", leads.list_campaigns),
        ("/rest/v1/campaigns/{campaign_id:int}.json", leads.show_campaign),
        ("/rest/v1/programs/members/describe.json", members.describe),
        ("/rest/v1/program/members/describe.json", members.describe),
        ("/rest/v1/programs/{program_id:int}/members.json", members.find_members),
        ("/rest/v1/activities/types.json", activities.list_types),
        ("/rest/v1/activities/pagingtoken.json", activities.give_page_token),
        ("/rest/v1/activities.json", activities.list_activities),
        ("/rest/v1/activities/deletedleads.json", activities.list_deleted_leads),
        ("/rest/v1/activities/leadchanges.json", activities.list_lead_changes),
        ("/rest/v1/stats/usage.json", stats.show_usage),
        ("/rest/v1/stats/usage/last7days.json", stats.show_usage_of_week),
        ("/rest/v1/stats/errors.json", stats.show_errors),
        ("/rest/v1/stats/errors/last7days.json", stats.show_errors_of_week),
    ]
    return [Route(path, endpoint, methods=_READ) for path, endpoint in found]


def _asset_routes() -> list[Route]:
    base = "/rest/asset/v1"
    routes = []
    for resource in assets.RESOURCES:
        path = f"{base}/{resource.plural}.json"
        routes.append(Route(path, assets.browser(resource), methods=_READ))
        if resource.singular is not None:
            one = f"{base}/{resource.singular}"
            named = assets.namer(resource)
            routes.append(Route(f"{one}/byName.json", named, methods=_READ))
            shown = assets.shower(resource)
            routes.append(Route(f"{one}/{{asset_id:int}}.json", shown, methods=["GET"]))
    routes += [
        Route(f"{base}/folder/{{folder_id:int}}/tokens.json", assets.list_tokens),
        Route(
            f"{base}/segmentation/{{segmentation_id:int}}/segments.json",
            assets.list_segments,
        ),
    ]
    return routes


def _bulk_routes() -> list[Route]:
    routes = []
    for kind in _KINDS:
        exports = f"/bulk/v1/{kind}/export"
        one = f"{exports}/{{export_id}}"
        for path, endpoint, method in (
            (f"{exports}/create.json", bulk.create_job, "POST"),
            (f"{exports}.json", bulk.list_jobs, "GET"),
            (f"{one}/enqueue.json", bulk.enqueue_job, "POST"),
            (f"{one}/cancel.json", bulk.cancel_job, "POST"),
            (f"{one}/status.json", bulk.show_job, "GET"),
            (f"{one}/file.json", bulk.send_file, "GET"),
        ):
            routes.append(Route(path, _of_kind(kind, endpoint), methods=[method]))
    return routes


def _of_kind(kind: str, endpoint: _Endpoint) -> _Endpoint:
    """Tell an endpoint of exports which kind of them it serves."""

    async def answer(request: Request) -> Response:
        request.path_params["kind"] = kind
        return await endpoint(request)

    return answer


async def _answer_refusal(_request: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)  # noqa: S101
    return error_answer(refused.code, refused.message)


async def _answer_absence(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("Export file not found", status_code=404)


async def _answer_unrouted(_request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:
        return error_answer("605")
    return error_answer("610")
