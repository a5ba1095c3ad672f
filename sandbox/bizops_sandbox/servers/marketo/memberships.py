"""Program members of `/rest/v1`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.marketo.answers import Refused, rows_answer
from bizops_sandbox.servers.marketo.export_files import member_values
from bizops_sandbox.servers.marketo.formats import plain_datetime, rest_value
from bizops_sandbox.servers.marketo.lead_database import lead_fields_of, lead_row
from bizops_sandbox.servers.marketo.paging import page_of
from bizops_sandbox.servers.marketo.reading import (
    listed,
    moment_of,
    parameters_of,
    required,
    simulator_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.projections.marketo_instance import ProgramMember
    from bizops_sandbox.servers.marketo.simulator import Simulator

_SEARCHABLE = ("leadId", "reachedSuccess", "statusName", "updatedAt")
_DEFAULT_FIELDS = (
    "leadId",
    "reachedSuccess",
    "programId",
    "acquiredBy",
    "membershipDate",
)
_LONGEST = timedelta(days=7)


async def describe(request: Request) -> Response:
    """Answer `GET /rest/v1/programs/members/describe.json`."""
    simulator = simulator_of(request)
    stamp = plain_datetime(simulator.instance.as_of.replace(month=1, day=1))
    whole = {
        "name": "API Program Membership",
        "description": "Map for API program membership fields",
        "createdAt": stamp,
        "updatedAt": stamp,
        "dedupeFields": ["leadId", "programId"],
        "searchableFields": [[name] for name in _SEARCHABLE[:3]],
        "fields": [
            {
                "name": field.name,
                "displayName": field.name,
                "dataType": field.data_type,
                **({} if field.length is None else {"length": field.length}),
                "updateable": field.is_updateable,
                "crmManaged": False,
            }
            for field in simulator.member_fields()
        ],
    }
    return rows_answer([whole])


async def find_members(request: Request) -> Response:
    """Answer `/rest/v1/programs/{id}/members.json?filterType=`."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    program_id = _program_id(simulator, request)
    is_wanted = _filter(asked)
    fields = listed(asked.get("fields", "")) or list(_DEFAULT_FIELDS)
    known = {field.name for field in simulator.member_fields()}
    for name in fields:
        if name not in known:
            raise Refused("1006", f"Field '{name}' not found")
    found = [
        member
        for member in simulator.members()
        if member.program_id == program_id and is_wanted(member)
    ]
    page = page_of(request, asked, "members", found)
    rows = [
        {"seq": number, **_row(member, fields)}
        for number, member in enumerate(page.rows)
    ]
    return rows_answer(rows, token=page.token, has_more=page.token is not None)


async def list_program_leads(request: Request) -> Response:
    """Answer `/rest/v1/leads/programs/{id}.json`: leads with their membership."""
    simulator, asked = simulator_of(request), await parameters_of(request)
    program_id = _program_id(simulator, request)
    fields = lead_fields_of(simulator, asked)
    found = [
        member for member in simulator.members() if member.program_id == program_id
    ]
    page = page_of(request, asked, "program_leads", found)
    rows = []
    for member in page.rows:
        lead = simulator.lead(member.lead_id)
        if lead is not None:
            membership = {
                "progressionStatus": member.status,
                "isExhausted": False,
                "acquiredBy": member.is_acquired_by,
                "reachedSuccess": member.has_success,
                "membershipDate": plain_datetime(member.joined_at),
            }
            rows.append(lead_row(lead, fields) | {"membership": membership})
    return rows_answer(rows, token=page.token)


def _program_id(simulator: Simulator, request: Request) -> int:
    program_id = int(request.path_params["program_id"])
    if all(row["id"] != program_id for row in simulator.assets("programs")):
        raise Refused("1013", f"Program '{program_id}' not found")
    return program_id


def _filter(asked: Mapping[str, str]) -> Callable[[ProgramMember], bool]:
    name = required(asked, "filterType")
    if name not in _SEARCHABLE:
        raise Refused("1011", f"Field '{name}' not supported")
    if name == "updatedAt":
        start = moment_of(required(asked, "startAt"))
        end = moment_of(required(asked, "endAt"))
        if end - start > _LONGEST:
            raise Refused("1003", "Date range must be 7 days or less")
        return lambda member: start <= member.updated_at <= end
    wanted = {value.lower() for value in listed(required(asked, "filterValues"))}

    def is_wanted(member: ProgramMember) -> bool:
        return str(member_values(member)[name]).lower() in wanted

    return is_wanted


def _row(member: ProgramMember, fields: list[str]) -> dict[str, Any]:
    values = member_values(member)
    return {name: rest_value(values.get(name)) for name in fields}
