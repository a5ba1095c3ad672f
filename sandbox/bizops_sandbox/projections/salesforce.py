"""The Salesforce org of the sample company, as of any day of its log."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections import salesforce_deals as deals
from bizops_sandbox.projections import salesforce_marketing as marketing
from bizops_sandbox.projections import salesforce_people as people
from bizops_sandbox.projections.salesforce_fields import OBJECT_FIELDS
from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.projections.salesforce_org import ObjectTable, SalesforceOrg
from bizops_sandbox.projections.salesforce_state import OrgState
from bizops_sandbox.projections.salesforce_visibility import is_visible
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end, day_start
from bizops_sandbox.world.parameters import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime

    from bizops_sandbox.projections.salesforce_org import Row
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

_SETUP_HOURS = 6

# Events that leave no trace in Salesforce (ads, activities, billing, usage) are absent.
_HANDLERS: Mapping[type[Event], Callable[..., None]] = {
    log.EmployeeHired: people.hire,
    log.EmployeeLeft: people.leave,
    log.PersonKnown: people.know,
    log.AccountCreated: people.create_account,
    log.AccountTypeSet: people.set_account_type,
    log.AccountParentSet: people.set_account_parent,
    log.AccountsMerged: people.merge_accounts,
    log.AccountDeleted: people.delete_account,
    log.ContactCreated: people.create_contact,
    log.ContactsMerged: people.merge_contacts,
    log.ContactDeleted: people.delete_contact,
    log.EmailOptedOut: people.opt_out,
    log.LeadCreated: people.create_lead,
    log.LeadStatusSet: people.set_lead_status,
    log.LeadsMerged: people.merge_leads,
    log.LeadDeleted: people.delete_lead,
    log.LeadConverted: people.convert_lead,
    log.CampaignPlanned: marketing.plan_campaign,
    log.CampaignStatusSet: marketing.set_campaign_status,
    log.CampaignCostRecorded: marketing.record_campaign_cost,
    log.CampaignDeleted: marketing.delete_campaign,
    log.MemberAdded: marketing.add_member,
    log.MemberResponded: marketing.respond,
    log.MemberDeleted: marketing.delete_member,
    log.OpportunityCreated: deals.create_opportunity,
    log.OpportunityStaged: deals.stage_opportunity,
    log.OpportunityClosed: deals.close_opportunity,
    log.OpportunityDeleted: deals.delete_opportunity,
    log.ContactRoleAdded: deals.add_contact_role,
}


def _table(
    empty: ObjectTable, state: OrgState, params: Parameters, moment: datetime
) -> ObjectTable:
    """The object with its rows, each with the fields of the describe in order."""
    names = [spec.name for spec in empty.fields if spec.type != "address"]
    records = state.tables.get(empty.name, {})
    rows: list[Row] = [
        {name: record[name] for name in names}
        for record in records.values()
        if is_visible(record, params.noise, params.seed, moment)
    ]
    rows.sort(key=lambda row: str(row["Id"]))
    if len({row["Id"] for row in rows}) != len(rows):
        raise ValueError(f"two {empty.name} records got the same id")
    return ObjectTable(
        name=empty.name,
        label=empty.label,
        key_prefix=empty.key_prefix,
        fields=empty.fields,
        rows=tuple(rows),
    )


def project_salesforce(
    events: Iterable[Event], params: Parameters, as_of: date
) -> SalesforceOrg:
    """The org at the end of a day: what its API would answer then.

    Folding the log up to an earlier day gives the earlier state: every change moves
    the record's SystemModstamp, deleted records stay with IsDeleted (as queryAll
    shows them), and no row vanishes later but purged ones (`noise.purge`).

    Args:
        events: The log, in time order.
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
    state = OrgState()
    deals.create_stages(
        state, day_start(params.start_date) + timedelta(hours=_SETUP_HOURS)
    )
    for event in events_until(events, moment):
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(state, event)
    return SalesforceOrg(
        org_id=salesforce_id("Organization", str(params.seed)),
        as_of=moment,
        objects={
            name: _table(empty, state, params, moment)
            for name, empty in OBJECT_FIELDS.items()
        },
    )
