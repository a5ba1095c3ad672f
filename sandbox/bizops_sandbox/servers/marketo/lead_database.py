"""Leads, their describes, static lists and smart campaigns of `/rest/v1`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.marketo.answers import Refused, rows_answer
from bizops_sandbox.servers.marketo.formats import rest_value
from bizops_sandbox.servers.marketo.paging import page_of
from bizops_sandbox.servers.marketo.reading import (
    listed,
    parameters_of,
    required,
    simulator_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.marketo_instance import Lead, LeadField
    from bizops_sandbox.servers.marketo.simulator import Simulator

DEFAULT_FIELDS = ("id", "updatedAt", "lastName", "email", "createdAt", "firstName")
_MOST_VALUES = 300
_SEARCHABLE = (
    "id",
    "email",
    "cookies",
    "leadPartitionId",
    "sfdcId",
    "sfdcLeadId",
    "sfdcContactId",
    "sfdcAccountId",
    "sfdcLeadOwnerId",
    "instanceUUID",
)


async def describe(request: Request) -> Response:
    """Answer `GET /rest/v1/leads/describe.json`."""
    fields = simulator_of(request).lead_fields()
    return rows_answer([_described(field) for field in fields])


async def describe_newly(request: Request) -> Response:
    """Answer `GET /rest/v1/leads/describe2.json`."""
    fields = simulator_of(request).lead_fields()
    described = [
        {
            "name": field.rest_name,
            "displayName": field.display_name,
            "dataType": field.data_type,
            **({} if field.length is None else {"length": field.length}),
            "updateable": not field.is_read_only,
            "crmManaged": field.is_crm_managed,
        }
        for field in fields
        if field.rest_name is not None
    ]
    searchable = [[name] for name in _SEARCHABLE]
    whole = {"name": "API Lead", "searchableFields": searchable, "fields": described}
    return rows_answer([whole])


async def find_leads(request: Request) -> Response:
    """Answer `/rest/v1/leads.json?filterType=&filterValues=`."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    name = required(asked, "filterType")
    values = set(listed(required(asked, "filterValues")))
    if name not in _SEARCHABLE:
        raise Refused("1011", f"Field '{name}' not supported")
    if len(values) > _MOST_VALUES:
        raise Refused("1003", f"filterValues may hold {_MOST_VALUES} values")
    if name == "id":
        numbers = sorted(int(value) for value in values if value.isdecimal())
        found: Iterable[Lead | None] = (simulator.lead(number) for number in numbers)
    else:
        wanted = {value.lower() for value in values}
        found = (
            lead
            for lead in simulator.leads()
            if str(lead.values.get(name, "")).strip().lower() in wanted
        )
    return _lead_page(request, asked, [lead for lead in found if lead is not None])


async def show_lead(request: Request) -> Response:
    """Answer `GET /rest/v1/lead/{id}.json`."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    lead = simulator.lead(int(request.path_params["lead_id"]))
    if lead is None:
        raise Refused("1004", "Lead not found")
    return rows_answer([_lead_row(lead, _fields(simulator, asked))])


async def list_lists(request: Request) -> Response:
    """Answer `GET /rest/v1/lists.json`."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    rows = [
        _list_row(row)
        for row in simulator.assets("static_lists")
        if _is_wanted(asked, row)
    ]
    page = page_of(request, asked, "lists", rows)
    return rows_answer(page.rows, token=page.token)


async def show_list(request: Request) -> Response:
    """Answer `GET /rest/v1/lists/{id}.json`."""
    row = _asset(simulator_of(request), "static_lists", request.path_params["list_id"])
    return rows_answer([_list_row(row)])


async def list_list_leads(request: Request) -> Response:
    """Answer `/rest/v1/lists/{id}/leads.json`, and the same below `list`."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    row = _asset(simulator, "static_lists", request.path_params["list_id"])
    found = [
        simulator.lead(number)
        for number in simulator.instance.list_members.get(int(row["id"]), ())
    ]
    return _lead_page(request, asked, [lead for lead in found if lead is not None])


async def list_campaigns(request: Request) -> Response:
    """Answer `GET /rest/v1/campaigns.json`: smart campaigns in their older form."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    is_triggerable = asked.get("isTriggerable", "").lower()
    rows = [
        _campaign_row(row)
        for row in simulator.assets("smart_campaigns")
        if _is_wanted(asked, row)
        and (is_triggerable not in {"1", "true"} or row["isRequestable"])
    ]
    page = page_of(request, asked, "campaigns", rows)
    return rows_answer(page.rows, token=page.token)


async def show_campaign(request: Request) -> Response:
    """Answer `GET /rest/v1/campaigns/{id}.json`."""
    campaign_id = request.path_params["campaign_id"]
    row = _asset(simulator_of(request), "smart_campaigns", campaign_id)
    return rows_answer([_campaign_row(row)])


def lead_row(lead: Lead, fields: Sequence[str]) -> dict[str, Any]:
    """Return a lead as JSON has it; what it lacks is null."""
    return _lead_row(lead, fields)


def lead_fields_of(simulator: Simulator, asked: Mapping[str, str]) -> Sequence[str]:
    """Return the fields a request asks for.

    Raises:
        Refused: 1006 for one that is not there.
    """
    return _fields(simulator, asked)


def _described(field: LeadField) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": field.id,
        "displayName": field.display_name,
        "dataType": field.data_type,
    }
    if field.length is not None:
        row["length"] = field.length
    if field.rest_name is not None:
        row["rest"] = {"name": field.rest_name, "readOnly": field.is_read_only}
    row["soap"] = {"name": field.soap_name, "readOnly": field.is_read_only}
    return row


def _fields(simulator: Simulator, asked: Mapping[str, str]) -> Sequence[str]:
    wanted = listed(asked.get("fields", "")) or list(DEFAULT_FIELDS)
    known = {field.rest_name for field in simulator.lead_fields()}
    for name in wanted:
        if name not in known:
            raise Refused("1006", f"Field '{name}' not found")
    return list(dict.fromkeys(["id", *wanted]))


def _lead_row(lead: Lead, fields: Sequence[str]) -> dict[str, Any]:
    return {name: rest_value(lead.values.get(name)) for name in fields}


def _lead_page(
    request: Request, asked: Mapping[str, str], leads: Sequence[Lead]
) -> Response:
    fields = _fields(simulator_of(request), asked)
    page = page_of(request, asked, "leads", leads)
    rows = [_lead_row(lead, fields) for lead in page.rows]
    return rows_answer(rows, token=page.token)


def _is_wanted(asked: Mapping[str, str], row: Mapping[str, Any]) -> bool:
    """Say whether a row passes the filters by id, name, program and workspace."""
    tests = {
        "id": str(row["id"]),
        "name": str(row["name"]),
        "programName": str(row.get("programName", "")),
        "workspaceName": str(row["workspace"]),
    }
    return all(
        value in listed(asked[name]) or value == asked[name]
        for name, value in tests.items()
        if asked.get(name)
    )


def _asset(simulator: Simulator, kind: str, identity: object) -> Mapping[str, Any]:
    for row in simulator.assets(kind):
        if str(row["id"]) == str(identity):
            found: Mapping[str, Any] = row
            return found
    raise Refused("1013", "Object not found")


def _list_row(row: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"id": row["id"], "name": row["name"]}
    for name in ("description", "programName"):
        if row.get(name):
            told[name] = row[name]
    told["workspaceName"] = row["workspace"]
    return told | _stamps(row)


def _campaign_row(row: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "type": row["type"],
    }
    if "parentProgramId" in row:
        told["programName"] = row["programName"]
        told["programId"] = row["parentProgramId"]
    told["workspaceName"] = row["workspace"]
    return told | _stamps(row) | {"active": row["isActive"]}


def _stamps(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("createdAt", "updatedAt")
    return {name: rest_value(row[name]) for name in names}
