"""Programs, their costs and members: what the log's campaigns are in Marketo."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.projections.marketo_activity_types import ADD_TO_LIST, CHANGE_STATUS
from bizops_sandbox.projections.marketo_assets import (
    NOT_IN_PROGRAM,
    Program,
    Status,
    add_program,
    statuses,
)
from bizops_sandbox.projections.marketo_draws import below
from bizops_sandbox.projections.marketo_state import (
    InstanceState,
    LeadDraft,
    Mark,
    MemberDraft,
)
from bizops_sandbox.projections.salesforce_ids import salesforce_id

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.world.events import (
        CampaignCostRecorded,
        CampaignDeleted,
        CampaignPlanned,
        CampaignStatusSet,
        MemberAdded,
        MemberDeleted,
        MemberResponded,
    )

_RENAMED_ONE_IN = 8
_UNLINKED_ONE_IN = 25
_LOG_STATUS_STEP = {"Sent": 10, "Registered": 20, "Responded": 20, "Attended": 20}


def plan_program(state: InstanceState, event: CampaignPlanned) -> None:
    """A campaign of the CRM becomes a program; umbrella campaigns are folders here.

    Some programs carry a name of their own, and some are not linked to the CRM.
    """
    if event.parent_key is None:
        return
    key = event.campaign_key
    name = event.name
    if below(_RENAMED_ONE_IN, state.seed, key, "program name") == 0:
        prefix = {"webinar": "WBN", "conference": "EVT"}.get(event.channel, "CMP")
        name = f"{prefix} - {name}"
    more: dict[str, object] = {}
    if below(_UNLINKED_ONE_IN, state.seed, key, "program link") != 0:
        more = {"sfdcId": salesforce_id("Campaign", key), "sfdcName": event.name}
    has_dates = event.channel in {"webinar", "conference", "email"}
    if has_dates and event.start_date is not None:
        more["startDate"] = event.start_date
        more["endDate"] = event.end_date or event.start_date
    tags = [
        {
            "tagType": "Program Spend",
            "tagValue": "Yes" if event.is_program else "No",
        }
    ]
    program = add_program(
        state.shelf,
        event.at,
        key=key,
        channel=event.channel,
        name=name,
        campaign_name=event.name,
        **more,
    )
    program.row["tags"] = tags


def set_program_status(state: InstanceState, event: CampaignStatusSet) -> None:
    """A running program has active smart campaigns; email programs say it too."""
    program = state.shelf.programs.get(event.campaign_key)
    if program is None:
        return
    is_running = event.status == "In Progress"
    if program.row["type"] == "Email":
        program.row["status"] = "unlocked" if is_running else "completed"
    program.row["updatedAt"] = event.at
    for row in state.shelf.rows["smart_campaigns"]:
        if row.get("parentProgramId") == program.id:
            row["isActive"] = is_running
            row["status"] = "Active" if is_running else "Inactive"
            row["updatedAt"] = event.at


def record_cost(state: InstanceState, event: CampaignCostRecorded) -> None:
    """What was added to the cost becomes a period cost in whole dollars.

    As in life, editing costs leaves the program's `updatedAt` as it is.
    """
    program = state.shelf.programs.get(event.campaign_key)
    if program is None:
        return
    total = int(event.total_cost.quantize(Decimal(1), ROUND_HALF_UP))
    month = event.at.date().replace(day=1)
    added = total - program.total_cost_usd
    program.total_cost_usd = total
    if program.costs and program.costs[-1]["startDate"] == month:
        program.costs[-1]["cost"] = int(str(program.costs[-1]["cost"])) + added
    elif added:
        program.costs.append({"startDate": month, "cost": added, "note": ""})


def delete_program(state: InstanceState, event: CampaignDeleted) -> None:
    """The program and all below it are gone: no call tells of them any more."""
    program = state.shelf.programs.get(event.campaign_key)
    if program is not None:
        program.is_deleted = True
        for memberships in state.members.values():
            memberships.pop(event.campaign_key, None)


def add_member(state: InstanceState, event: MemberAdded) -> None:
    """A person becomes a member of the program, or moves on in it."""
    lead = state.by_record.get(event.record_key)
    program = state.shelf.programs.get(event.campaign_key)
    if lead is None or program is None:
        return
    status = _status(program, event.status)
    member = state.member(lead, program.campaign_key)
    if member is None:
        member = _join(state, lead.survivor, program, event.at)
    member.crm_keys.add(event.member_key)
    state.by_member_key[event.member_key] = (lead, program.campaign_key)
    _move_on(state, member, program, status, event.at)


def respond(state: InstanceState, event: MemberResponded) -> None:
    """An invited member responds."""
    member = _member(state, event.member_key)
    if member is not None:
        program = state.shelf.programs[member.campaign_key]
        _move_on(state, member, program, _status(program, event.status), event.at)


def delete_member(state: InstanceState, event: MemberDeleted) -> None:
    """The membership ends, unless another one of the CRM stands behind it."""
    member = _member(state, event.member_key)
    if member is None:
        return
    member.crm_keys.discard(event.member_key)
    if not member.crm_keys:
        del state.members[member.lead.survivor.id][member.campaign_key]
        program = state.shelf.programs[member.campaign_key]
        nowhere = statuses(program.channel)[0]
        _tell_status(state, member, program, nowhere, event.at)


def move_members(state: InstanceState, loser: LeadDraft, survivor: LeadDraft) -> None:
    """Memberships go with a merge; of two in one program the further one stays."""
    own = state.members.setdefault(survivor.id, {})
    for campaign_key, member in state.members.pop(loser.id, {}).items():
        kept = own.get(campaign_key)
        if kept is None:
            member.lead = survivor
            own[campaign_key] = member
            continue
        kept.crm_keys |= member.crm_keys
        if member.has_success and not kept.has_success:
            kept.status, kept.has_success = member.status, True
            kept.success_at = member.success_at


def add_to_list(
    state: InstanceState, lead: LeadDraft, list_id: int, name: str, at: datetime
) -> None:
    """Put a person on a static list, once."""
    listed = state.listed.setdefault(list_id, {})
    if lead.survivor.id in listed:
        return
    listed[lead.survivor.id] = lead
    state.shelf.static_list(list_id)["updatedAt"] = at
    mark = Mark(primary_id=list_id, primary_value=name)
    state.act(lead, at, ADD_TO_LIST, {"Source": "Smart Campaign"}, mark)


def _member(state: InstanceState, member_key: str) -> MemberDraft | None:
    lead, campaign_key = state.by_member_key.get(member_key, (None, ""))
    return None if lead is None else state.member(lead, campaign_key)


def _status(program: Program, log_status: str) -> Status:
    step = _LOG_STATUS_STEP[log_status]
    return next(s for s in statuses(program.channel) if s.step == step)


def _join(
    state: InstanceState, lead: LeadDraft, program: Program, at: datetime
) -> MemberDraft:
    state.member_count += 1
    is_acquired = "acquisitionProgramId" not in lead.values
    if is_acquired:
        state.save(lead, at, acquisitionProgramId=program.id, acquisitionDate=at)
    member = MemberDraft(
        number=state.member_count,
        campaign_key=program.campaign_key,
        lead=lead,
        status=NOT_IN_PROGRAM,
        is_acquired_by=is_acquired,
        has_success=False,
        joined_at=at,
        success_at=None,
        updated_at=at,
    )
    state.members.setdefault(lead.id, {})[program.campaign_key] = member
    return member


def _move_on(
    state: InstanceState,
    member: MemberDraft,
    program: Program,
    status: Status,
    at: datetime,
) -> None:
    old = _named(program, member.status)
    if status.step <= old.step:
        return
    _tell_status(state, member, program, status, at)
    member.status = status.name
    member.updated_at = at
    if status.is_success and not member.has_success:
        member.has_success, member.success_at = True, at
    state.save(member.lead, at)
    if program.list_id is not None and status.is_success:
        name = f"{program.name}.Badge scans"
        add_to_list(state, member.lead, program.list_id, name, at)


def _tell_status(
    state: InstanceState,
    member: MemberDraft,
    program: Program,
    status: Status,
    at: datetime,
) -> None:
    old = _named(program, member.status)
    attributes = {
        "Program Member ID": member.number,
        "Acquired By": member.is_acquired_by,
        "Old Status": old.name,
        "New Status ID": status.id,
        "Success": status.is_success and not member.has_success,
        "New Status": status.name,
        "Old Status ID": old.id,
        "Reason": "Synced from Salesforce campaign",
    }
    mark = Mark(program.respond_campaign_id, program.id, program.name)
    state.act(member.lead, at, CHANGE_STATUS, attributes, mark)


def _named(program: Program, name: str) -> Status:
    return next(s for s in statuses(program.channel) if s.name == name)
