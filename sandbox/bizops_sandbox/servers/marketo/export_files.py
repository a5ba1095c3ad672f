"""Writing the files of export jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.marketo_activity_types import DELETE_LEAD
from bizops_sandbox.servers.marketo.export_jobs import ExportFile
from bizops_sandbox.servers.marketo.formats import csv_cell, csv_line, plain_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bizops_sandbox.projections.marketo_instance import (
        Activity,
        Lead,
        ProgramMember,
    )
    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.marketo.export_requests import ExportRequest
    from bizops_sandbox.servers.marketo.simulator import Simulator

_RECENTLY = timedelta(days=90)


def write_file(
    simulator: Simulator, request: ExportRequest, fate: Fault | None
) -> ExportFile:
    """Write the rows a request asks for, as the instance has them now."""
    rows = {
        "leads": _lead_rows,
        "activities": _activity_rows,
        "program/members": _member_rows,
    }[request.kind](simulator, request)
    name = "" if fate is None else fate.kind.name
    is_escaped = name != "quotes_unescaped"
    separator = request.separator
    lines = [
        csv_line(request.headers, separator),
        *(csv_line(row, separator, is_escaped=is_escaped) for row in rows),
    ]
    if fate is not None and name == "rows_duplicated":
        lines += lines[1:][-int(fate.parameters["rows"]) :]
    return ExportFile("".join(lines).encode("utf-8"), len(lines) - 1)


def _lead_rows(simulator: Simulator, request: ExportRequest) -> Iterator[list[str]]:
    columns = request.fields
    for lead in _chosen_leads(simulator, request):
        values = lead.values
        yield [csv_cell(values.get(name)) for name in columns]


def _chosen_leads(simulator: Simulator, request: ExportRequest) -> Iterable[Lead]:
    created, updated = request.span("createdAt"), request.span("updatedAt")
    leads = simulator.leads()
    if created is not None:
        return [lead for lead in leads if created.holds(lead.created_at)]
    if updated is not None:
        return [lead for lead in leads if updated.holds(lead.changed_at)]
    list_id = next(iter(request.filters.values()))
    if any(name.startswith("static") for name in request.filters):
        members = set(simulator.instance.list_members.get(list_id, ()))
        return [lead for lead in leads if lead.id in members]
    return [lead for lead in leads if _is_in_smart_list(simulator, list_id, lead)]


def _is_in_smart_list(simulator: Simulator, list_id: int, lead: Lead) -> bool:
    first = simulator.assets("smart_lists")[0]
    if list_id == first["id"]:
        return lead.changed_at >= simulator.clock.now() - _RECENTLY
    return lead.values.get("unsubscribed") is True


def _activity_rows(simulator: Simulator, request: ExportRequest) -> Iterator[list[str]]:
    span = request.span("createdAt")
    types = request.numbers("activityTypeIds")
    ids = request.numbers("primaryAttributeValueIds")
    values = request.filters.get("primaryAttributeValues")
    read = [_ACTIVITY_CELLS[name] for name in request.fields]
    for activity in simulator.activities():
        if span is None or not span.holds(activity.at):
            continue
        if activity.type_id == DELETE_LEAD:
            continue
        if types is not None and activity.type_id not in types:
            continue
        if ids is not None and activity.primary_id not in ids:
            continue
        if values is not None and activity.primary_value not in values:
            continue
        yield [cell(activity) for cell in read]


_ACTIVITY_CELLS: dict[str, Callable[[Activity], str]] = {
    "marketoGUID": lambda activity: str(activity.id),
    "leadId": lambda activity: str(activity.lead_id),
    "activityDate": lambda activity: plain_datetime(activity.at),
    "activityTypeId": lambda activity: str(activity.type_id),
    "campaignId": lambda activity: csv_cell(activity.campaign_id),
    "primaryAttributeValueId": lambda activity: csv_cell(activity.primary_id),
    "primaryAttributeValue": lambda activity: csv_cell(activity.primary_value),
    "attributes": lambda activity: activity.attributes,
    "actionResult": lambda activity: activity.result,
}


def _member_rows(simulator: Simulator, request: ExportRequest) -> Iterator[list[str]]:
    programs = request.numbers("programIds") or request.numbers("programId") or ()
    span = request.span("updatedAt")
    statuses = request.filters.get("statusNames")
    has_digits = simulator.settings.member_booleans == "digits"
    for member in simulator.members():
        if member.program_id not in programs or request.filters.get("isExhausted"):
            continue
        if span is not None and not span.holds(member.updated_at):
            continue
        if statuses is not None and member.status not in statuses:
            continue
        values = member_values(member)
        yield [_member_cell(values.get(name), has_digits) for name in request.fields]


def _member_cell(value: Any, has_digits: bool) -> str:  # noqa: ANN401, FBT001
    if has_digits and isinstance(value, bool):
        return str(int(value))
    return csv_cell(value)


def member_values(member: ProgramMember) -> dict[str, Any]:
    """Return a membership by the field names of its describe."""
    return {
        "acquiredBy": member.is_acquired_by,
        "createdAt": member.joined_at,
        "isExhausted": False,
        "leadId": member.lead_id,
        "membershipDate": member.joined_at,
        "program": member.program_name,
        "programId": member.program_id,
        "reachedSuccess": member.has_success,
        "reachedSuccessDate": member.success_at,
        "statusName": member.status,
        "updatedAt": member.updated_at,
    }
