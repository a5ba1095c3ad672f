"""Events about the company itself: its money, its people, its audience."""

from __future__ import annotations

from datetime import date  # noqa: TC003
from decimal import Decimal  # noqa: TC003

from bizops_sandbox.world.events.base import BaseEvent


class FxRateFixed(BaseEvent, frozen=True, kw_only=True):
    """A day's exchange rate: USD for one unit of the currency."""

    day: date
    currency: str
    usd_rate: Decimal


class TargetSet(BaseEvent, frozen=True, kw_only=True):
    """The plan for a fiscal quarter, USD: `metric` is iacv or pipeline."""

    period_start: date
    segment: str
    metric: str
    value: Decimal


class MarketingBilled(BaseEvent, frozen=True, kw_only=True):
    """A bill of marketing that the accounts know, USD.

    `channel` and `campaign_key` are None for what serves no single one of them.
    """

    bill_key: str
    day: date
    vendor: str
    category: str
    amount: Decimal
    is_program: bool
    channel: str | None = None
    campaign_key: str | None = None


class BooksClosed(BaseEvent, frozen=True, kw_only=True):
    """A month's accounts, USD; `cash_end` is what the bank has on its last day.

    `sm_expense` is sales and marketing, of which `marketing_expense` is marketing
    and `program_spend` of it is media, events and content.
    """

    month: date
    revenue: Decimal
    cogs: Decimal
    sm_expense: Decimal
    marketing_expense: Decimal
    program_spend: Decimal
    rd_expense: Decimal
    ga_expense: Decimal
    ebitda: Decimal
    net_income: Decimal
    operating_cash_flow: Decimal
    financing_cash_flow: Decimal
    cash_end: Decimal


class TeamMemberStarted(BaseEvent, frozen=True, kw_only=True):
    """Somebody starts to work for the company.

    `username` is the account of those who write the product.
    """

    member_key: str
    first_name: str
    last_name: str
    email: str
    department: str
    title: str
    username: str | None = None
    applicant_key: str | None = None


class TeamMemberLeft(BaseEvent, frozen=True, kw_only=True):
    """A member leaves; `kind` is voluntary_regrettable, voluntary_pip, involuntary."""

    member_key: str
    kind: str


class ImprovementPlanStarted(BaseEvent, frozen=True, kw_only=True):
    """A member is put on a performance improvement plan."""

    plan_key: str
    member_key: str


class ImprovementPlanEnded(BaseEvent, frozen=True, kw_only=True):
    """The plan ends; `outcome` is passed or left."""

    plan_key: str
    outcome: str


class ApplicationReceived(BaseEvent, frozen=True, kw_only=True):
    """Somebody applies; `source` is inbound, referral, sourced or agency."""

    applicant_key: str
    job_key: str
    department: str
    source: str


class ApplicantRejected(BaseEvent, frozen=True, kw_only=True):
    """The company declines an applicant."""

    applicant_key: str


class InterviewHeld(BaseEvent, frozen=True, kw_only=True):
    """An interview with an applicant."""

    interview_key: str
    applicant_key: str


class ScorecardFilled(BaseEvent, frozen=True, kw_only=True):
    """An interviewer scores an applicant 1 to 4; `kind` is requirement or value."""

    applicant_key: str
    criterion: str
    kind: str
    score: int


class OfferSent(BaseEvent, frozen=True, kw_only=True):
    """An applicant gets an offer."""

    offer_key: str
    applicant_key: str


class OfferDecided(BaseEvent, frozen=True, kw_only=True):
    """An offer is accepted, declined, or withdrawn by the company."""

    offer_key: str
    decision: str


class SurveyAnswered(BaseEvent, frozen=True, kw_only=True):
    """An anonymous answer, 0 to 10; of employees or of declined applicants."""

    survey_type: str
    respondent_hash: str
    score: int


class WebDayCounted(BaseEvent, frozen=True, kw_only=True):
    """A day of the web site by channel."""

    day: date
    site: str
    channel: str
    visitors: int
    sessions: int
    downloads_ce: int
    downloads_ee: int
    trials: int


class WebMonthCounted(BaseEvent, frozen=True, kw_only=True):
    """A month's distinct visitors by channel: fewer than the sum of its days'."""

    month: date
    site: str
    channel: str
    visitors: int


class SocialPosted(BaseEvent, frozen=True, kw_only=True):
    """A post about a release."""

    post_key: str
    network: str
    release_key: str


class SocialCounted(BaseEvent, frozen=True, kw_only=True):
    """How often a post has been shared until now."""

    post_key: str
    retweets: int


class ExperimentExposed(BaseEvent, frozen=True, kw_only=True):
    """A visitor sees a variant (a or b) of an experiment."""

    experiment: str
    variant: str
    unit_key: str


class ExperimentConverted(BaseEvent, frozen=True, kw_only=True):
    """A visitor does what the experiment wants; `value` in USD."""

    experiment: str
    unit_key: str
    value: Decimal


class LiftWeekCounted(BaseEvent, frozen=True, kw_only=True):
    """A week of a lift test: people of a cell (test or control), and sign-ups."""

    channel: str
    week_start: date
    cell: str
    people: int
    conversions: int
