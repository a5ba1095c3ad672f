"""Events about campaigns, what they cost, and what people do with them."""

from __future__ import annotations

from datetime import date  # noqa: TC003
from decimal import Decimal  # noqa: TC003

from bizops_sandbox.world.events.base import BaseEvent


class CampaignPlanned(BaseEvent, frozen=True, kw_only=True):
    """A campaign is set up in the CRM and in the tool that runs it.

    `is_program` tells whether its cost counts as programme spend.
    """

    campaign_key: str
    name: str
    channel: str
    parent_key: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    budget: Decimal | None = None
    expected_revenue: Decimal | None = None
    is_program: bool = False
    by: str


class CampaignStatusSet(BaseEvent, frozen=True, kw_only=True):
    """A campaign goes In Progress, Completed or Aborted."""

    campaign_key: str
    status: str
    by: str


class CampaignCostRecorded(BaseEvent, frozen=True, kw_only=True):
    """Marketing writes what a campaign cost until now, in all, into the CRM."""

    campaign_key: str
    total_cost: Decimal
    by: str


class CampaignDeleted(BaseEvent, frozen=True, kw_only=True):
    """A campaign entered by mistake is deleted, with its memberships."""

    campaign_key: str
    by: str


class AdDaySpent(BaseEvent, frozen=True, kw_only=True):
    """One ad's day, as the ad platform counts it; spend in USD."""

    campaign_key: str
    ad_key: str
    day: date
    spend: Decimal
    impressions: int
    clicks: int


class TouchMade(BaseEvent, frozen=True, kw_only=True):
    """A person responds to a campaign, whichever system records it."""

    person_key: str
    campaign_key: str
    kind: str
    asset: str
    ad_key: str | None = None


class ActivityTracked(BaseEvent, frozen=True, kw_only=True):
    """The marketing automation tool records what a known person did."""

    person_key: str
    kind: str
    asset: str
    campaign_key: str | None = None


class PersonScored(BaseEvent, frozen=True, kw_only=True):
    """A person's lead score changes to `score`."""

    person_key: str
    score: int


class LeadCreated(BaseEvent, frozen=True, kw_only=True):
    """The CRM gets a lead record for a person."""

    lead_key: str
    person_key: str
    company: str
    email: str
    uses_free_email: bool = False
    title: str
    country: str
    source: str
    phone: str | None = None
    website: str | None = None
    instance_uuid: str | None = None
    owner_key: str
    by: str


class LeadStatusSet(BaseEvent, frozen=True, kw_only=True):
    """A lead's status changes; on `MQL` the lead is qualified by marketing."""

    lead_key: str
    status: str
    mql_date: date | None = None
    by: str


class LeadsMerged(BaseEvent, frozen=True, kw_only=True):
    """Two lead records of one person become one."""

    loser_key: str
    survivor_key: str
    by: str


class LeadDeleted(BaseEvent, frozen=True, kw_only=True):
    """A lead record is deleted as spam, with its campaign memberships."""

    lead_key: str
    by: str


class LeadConverted(BaseEvent, frozen=True, kw_only=True):
    """A lead becomes a contact of an account, perhaps with an opportunity."""

    lead_key: str
    account_key: str
    contact_key: str
    opportunity_key: str | None = None
    by: str


class MemberAdded(BaseEvent, frozen=True, kw_only=True):
    """A lead or contact record becomes member of a campaign.

    `responded_on` is the day of the response when there was one already.
    """

    member_key: str
    campaign_key: str
    record_key: str
    status: str
    responded_on: date | None = None
    by: str


class MemberResponded(BaseEvent, frozen=True, kw_only=True):
    """A member who had only been invited responds."""

    member_key: str
    status: str
    responded_on: date
    by: str


class MemberDeleted(BaseEvent, frozen=True, kw_only=True):
    """A membership is deleted, for example the second one after a merge."""

    member_key: str
    by: str
