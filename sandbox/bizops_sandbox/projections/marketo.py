"""The Marketo instance of the sample company, as of any day of its log."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections import marketo_behaviour as behaviour
from bizops_sandbox.projections import marketo_leads as leads
from bizops_sandbox.projections import marketo_programs as programs
from bizops_sandbox.projections.marketo_activity_types import (
    ACTIVITY_TYPES,
    DELETE_LEAD,
)
from bizops_sandbox.projections.marketo_assets import make_shelf
from bizops_sandbox.projections.marketo_draws import below
from bizops_sandbox.projections.marketo_fields import LEAD_FIELDS, MEMBER_FIELDS
from bizops_sandbox.projections.marketo_instance import (
    Activity,
    Lead,
    MarketoInstance,
    ProgramMember,
)
from bizops_sandbox.projections.marketo_state import InstanceState
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end, day_start
from bizops_sandbox.world.parameters import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime

    from bizops_sandbox.projections.marketo_instance import Asset
    from bizops_sandbox.projections.marketo_state import ActivityDraft, LeadDraft
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Noise, Parameters

FIRST_ACTIVITY_ID = 500_000_001
_SETUP_HOURS = 6
_SHARE_STEPS = 1_000_000

# Events that leave no trace in Marketo (deals, billing, usage, ad days) are absent.
_HANDLERS: Mapping[type[Event], Callable[..., None]] = {
    log.OrganizationKnown: leads.know_organization,
    log.PersonKnown: leads.know_person,
    log.AccountCreated: leads.know_account,
    log.LeadCreated: leads.create_lead,
    log.ContactCreated: leads.create_contact,
    log.LeadStatusSet: leads.set_status,
    log.LeadConverted: leads.convert_lead,
    log.LeadsMerged: leads.merge_records,
    log.ContactsMerged: leads.merge_records,
    log.LeadDeleted: leads.delete_lead,
    log.ContactDeleted: leads.delete_contact,
    log.EmailOptedOut: leads.opt_out,
    log.AccountTypeSet: leads.become_customer,
    log.CampaignPlanned: programs.plan_program,
    log.CampaignStatusSet: programs.set_program_status,
    log.CampaignCostRecorded: programs.record_cost,
    log.CampaignDeleted: programs.delete_program,
    log.MemberAdded: programs.add_member,
    log.MemberResponded: programs.respond,
    log.MemberDeleted: programs.delete_member,
    log.ActivityTracked: behaviour.track,
    log.PersonScored: behaviour.set_score,
}


def project_marketo(
    events: Iterable[Event], params: Parameters, as_of: date
) -> MarketoInstance:
    """The instance at the end of a day: what its API would answer then.

    An earlier day gives the earlier state; ids are counted in the order of the log,
    so a record has the same id on any day. Mails that are read after the day may
    have been sent on it, so the log is read a little further than the day.

    Args:
        events: The log, in time order, whole.
        params: The parameters that made it.
        as_of: The day, in the window of the log.

    Raises:
        ParameterError: `as_of` is outside the window.
    """
    if not params.start_date <= as_of <= params.as_of:
        raise ParameterError(
            f"as_of: {as_of} is not between {params.start_date} and {params.as_of},"
            " the days of the sample company"
        )
    moment = day_end(as_of)
    state = fold_marketo(events, params, moment)
    alive = [lead for lead in state.leads if not lead.is_gone and not lead.merged_into]
    assets = _assets(state)
    lists = {row["id"] for row in assets["static_lists"]}
    return MarketoInstance(
        munchkin_id=_munchkin_id(params.seed),
        as_of=moment,
        lead_fields=LEAD_FIELDS,
        member_fields=MEMBER_FIELDS,
        activity_types=ACTIVITY_TYPES,
        leads=tuple(_lead(draft) for draft in alive),
        activities=_activities(state, params.noise, moment),
        members=_members(state),
        assets=assets,
        list_members={
            list_id: tuple(
                sorted({x.survivor.id for x in listed.values() if _is_here(x)})
            )
            for list_id, listed in sorted(state.listed.items())
            if list_id in lists
        },
    )


def fold_marketo(
    events: Iterable[Event],
    params: Parameters,
    moment: datetime,
    *,
    keeps_activities: bool = True,
) -> InstanceState:
    """All that led to the instance at a moment, what is gone from it too.

    Most of it is activities: who needs none of them need not keep them.
    """
    contents: set[str] = set()
    converted: set[str] = set()
    for event in events:
        if isinstance(event, log.ActivityTracked):
            contents.add(event.asset)
        elif isinstance(event, log.LeadConverted) and event.at <= moment:
            converted.add(event.contact_key)
    setup = day_start(params.start_date) + timedelta(hours=_SETUP_HOURS)
    state = InstanceState(
        seed=params.seed,
        noise=params.noise,
        moment=moment,
        shelf=make_shelf(setup, tuple(sorted(contents))),
        converted_contacts=frozenset(converted),
        keeps_activities=keeps_activities,
    )
    for index, event in enumerate(
        events_until(events, moment + behaviour.MAIL_LOOKAHEAD)
    ):
        if event.at <= moment:
            handler = _HANDLERS.get(type(event))
            if handler is not None:
                state.begin(index)
                handler(state, event)
        elif isinstance(event, log.ActivityTracked):
            state.begin(index)
            behaviour.expect_mail(state, event)
    return state


def _munchkin_id(seed: int) -> str:
    digits = f"{below(1_000_000, seed, 'munchkin'):06d}"
    return f"{digits[:3]}-SBX-{digits[3:]}"


def _is_here(lead: LeadDraft) -> bool:
    return not lead.survivor.is_gone


def _lead(draft: LeadDraft) -> Lead:
    return Lead(
        id=draft.id,
        key=draft.key,
        person_key=draft.person_key,
        created_at=draft.created_at,
        updated_at=draft.updated_at,
        changed_at=draft.changed_at,
        values=draft.values
        | {
            "id": draft.id,
            "mktoName": f"{draft.values['firstName']} {draft.values['lastName']}",
            "createdAt": draft.created_at,
            "updatedAt": draft.updated_at,
        },
    )


def _activities(
    state: InstanceState, noise: Noise, moment: datetime
) -> tuple[Activity, ...]:
    """The log in order. What deleted people did is gone but for the deletion."""
    ordered = sorted(state.activities, key=lambda draft: draft[:3])
    return tuple(
        Activity(
            id=number,
            lead_id=draft.lead.survivor.id,
            at=draft.at,
            type_id=draft.type_id,
            campaign_id=draft.mark.campaign_id,
            primary_id=draft.mark.primary_id,
            primary_value=draft.mark.primary_value,
            attributes=draft.attributes,
            result=draft.result,
        )
        for number, draft in enumerate(ordered, start=FIRST_ACTIVITY_ID)
        if (_is_here(draft.lead) or draft.type_id == DELETE_LEAD)
        and _is_visible(draft, number, state.seed, noise, moment)
    )


def _is_visible(
    draft: ActivityDraft, number: int, seed: int, noise: Noise, moment: datetime
) -> bool:
    """Whether the API shows it already; a few come seconds late."""
    age_s = (moment - draft.at).total_seconds()
    if age_s >= noise.late_seconds_max:
        return True
    if below(_SHARE_STEPS, seed, number, "late") >= noise.late * _SHARE_STEPS:
        return True
    return age_s >= 1 + below(noise.late_seconds_max, seed, number, "lag")


def _members(state: InstanceState) -> tuple[ProgramMember, ...]:
    rows = [
        ProgramMember(
            program_id=state.shelf.programs[draft.campaign_key].id,
            program_name=state.shelf.programs[draft.campaign_key].name,
            lead_id=lead_id,
            status=draft.status,
            is_acquired_by=draft.is_acquired_by,
            has_success=draft.has_success,
            joined_at=draft.joined_at,
            success_at=draft.success_at,
            updated_at=draft.updated_at,
        )
        for lead_id, memberships in state.members.items()
        for draft in memberships.values()
    ]
    return tuple(sorted(rows, key=lambda row: (row.program_id, row.lead_id)))


def _assets(state: InstanceState) -> dict[str, tuple[Asset, ...]]:
    """Copies of all rows; a deleted program takes what is below it along."""
    gone = {p.id: p.name for p in state.shelf.programs.values() if p.is_deleted}
    prefixes = tuple(f"{name}." for name in gone.values())
    costs = {p.id: p.costs for p in state.shelf.programs.values()}
    assets: dict[str, tuple[Asset, ...]] = {}
    for kind, rows in state.shelf.rows.items():
        kept = [
            dict(row)
            for row in rows
            if not (kind == "programs" and row["id"] in gone)
            and not (prefixes and str(row.get("name", "")).startswith(prefixes))
        ]
        if kind == "programs":
            for row in kept:
                row["costs"] = [dict(cost) for cost in costs[int(str(row["id"]))]]
        assets[kind] = tuple(kept)
    return assets
