"""The asset API `/rest/asset/v1`: browsing by offset, single assets, tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.marketo.answers import Refused, assets_answer
from bizops_sandbox.servers.marketo.formats import asset_row
from bizops_sandbox.servers.marketo.paging import page_facts
from bizops_sandbox.servers.marketo.reading import (
    moment_of,
    parameters_of,
    required,
    simulator_of,
    whole_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.servers.marketo.simulator import Simulator

_DEFAULT_RETURN = 20
_MOST_RETURN = 200
_HIDDEN_IN_BROWSE = frozenset({"tags", "costs"})


@dataclass(frozen=True, slots=True)
class Resource:
    """An asset kind: its plural and singular path, and what browsing can filter."""

    kind: str
    plural: str
    singular: str | None
    has_dates: bool = False
    has_status: bool = False


RESOURCES = (
    Resource("programs", "programs", "program", has_dates=True, has_status=True),
    Resource("smart_campaigns", "smartCampaigns", "smartCampaign", has_dates=True),
    Resource("static_lists", "staticLists", "staticList", has_dates=True),
    Resource("smart_lists", "smartLists", "smartList", has_dates=True),
    Resource("emails", "emails", "email", has_dates=True, has_status=True),
    Resource("email_templates", "emailTemplates", "emailTemplate", has_status=True),
    Resource("forms", "forms", "form", has_status=True),
    Resource("landing_pages", "landingPages", "landingPage", has_status=True),
    Resource("folders", "folders", "folder"),
    Resource("segmentations", "segmentation", None, has_status=True),
    Resource("channels", "channels", None),
    Resource("tag_types", "tagTypes", None),
)
_UNSEEN = {
    "smart_campaigns": frozenset({"programName"}),
    "static_lists": frozenset({"programName"}),
}


def browser(resource: Resource) -> Callable[[Request], Any]:
    """Make the endpoint that browses a kind of asset."""

    async def browse(request: Request) -> Response:
        simulator, asked = simulator_of(request), await parameters_of(request)
        rows = _filtered(resource, simulator.assets(resource.kind), asked)
        return assets_answer(_page(request, asked, resource, rows))

    return browse


def shower(resource: Resource) -> Callable[[Request], Any]:
    """Make the endpoint that shows one asset by its id."""

    async def show(request: Request) -> Response:
        wanted = str(request.path_params["asset_id"])
        rows = simulator_of(request).assets(resource.kind)
        found = [row for row in rows if str(row["id"]) == wanted]
        return assets_answer([_row(resource, row, is_whole=True) for row in found])

    return show


def namer(resource: Resource) -> Callable[[Request], Any]:
    """Make the endpoint that shows one asset by its name."""

    async def show_by_name(request: Request) -> Response:
        simulator, asked = simulator_of(request), await parameters_of(request)
        name = required(asked, "name")
        found = [row for row in simulator.assets(resource.kind) if row["name"] == name]
        return assets_answer([_row(resource, row, is_whole=True) for row in found])

    return show_by_name


async def list_tokens(request: Request) -> Response:
    """Answer `GET /rest/asset/v1/folder/{id}/tokens.json?folderType=Program`."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    folder_id = int(request.path_params["folder_id"])
    if asked.get("folderType", "Folder") != "Program":
        return assets_answer([])
    for row in simulator.assets("programs"):
        if row["id"] == folder_id:
            tokens = _tokens(row)
            folder = {"value": folder_id, "type": "Program"}
            return assets_answer([{"folder": folder, "tokens": tokens}])
    return assets_answer([])


async def list_segments(request: Request) -> Response:
    """Answer `GET /rest/asset/v1/segmentation/{id}/segments.json`."""
    simulator = simulator_of(request)
    wanted = str(request.path_params["segmentation_id"])
    if all(str(row["id"]) != wanted for row in simulator.assets("segmentations")):
        return assets_answer([])
    stamp = simulator.assets("segmentations")[0]["createdAt"]
    rows = [
        {
            "id": 1001 + number,
            "name": name,
            "description": "",
            "status": "approved",
            "segmentationId": int(wanted),
            "createdAt": stamp,
            "updatedAt": stamp,
        }
        for number, name in enumerate(("Small", "Large", "Default"))
    ]
    return assets_answer([asset_row(row) for row in rows])


def _tokens(row: Mapping[str, Any]) -> list[dict[str, str]]:
    url = str(row["url"])
    tokens = [("Offer", "text", str(row["name"]))]
    if row.get("startDate") is not None:
        tokens.append(("Event Date", "date", row["startDate"].isoformat()))
    return [
        {"name": name, "type": kind, "value": value, "computedUrl": url}
        for name, kind, value in tokens
    ]


def _filtered(
    resource: Resource, rows: Sequence[Mapping[str, Any]], asked: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    found = list(rows)
    if resource.has_status and asked.get("status"):
        found = [row for row in found if row.get("status") == asked["status"]]
    if resource.has_dates:
        if asked.get("earliestUpdatedAt"):
            first = moment_of(asked["earliestUpdatedAt"])
            found = [row for row in found if row["updatedAt"] >= first]
        if asked.get("latestUpdatedAt"):
            last = moment_of(asked["latestUpdatedAt"])
            found = [row for row in found if row["updatedAt"] <= last]
    return found


def _page(
    request: Request,
    asked: Mapping[str, str],
    resource: Resource,
    rows: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    simulator = simulator_of(request)
    size = whole_number(asked, "maxReturn", _DEFAULT_RETURN)
    if not 1 <= size <= _MOST_RETURN:
        raise Refused("1003", "maxReturn must be between 1 and 200")
    offset = whole_number(asked, "offset", 0)
    start = max(offset - _shift(simulator, request, 1 + offset // size, size), 0)
    return [_row(resource, row) for row in rows[start : start + size]]


def _shift(simulator: Simulator, request: Request, page: int, size: int) -> int:
    facts = page_facts(request, page)
    if simulator.faults.take({"page_duplicated"}, facts) is not None:
        return size
    shifted = simulator.faults.take({"rows_shifted"}, facts)
    return 0 if shifted is None else int(shifted.parameters["rows"])


def _row(
    resource: Resource, row: Mapping[str, Any], *, is_whole: bool = False
) -> dict[str, Any]:
    hidden = frozenset() if is_whole else _HIDDEN_IN_BROWSE
    unseen = hidden | _UNSEEN.get(resource.kind, frozenset())
    told = asset_row({name: row[name] for name in row if name not in unseen})
    if is_whole and resource.kind == "programs" and not told["costs"]:
        told["costs"] = None
    return told
