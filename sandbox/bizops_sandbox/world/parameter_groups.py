"""The groups of parameters, in the shape of `parameters.schema.json`."""

from __future__ import annotations

from datetime import date  # noqa: TC003 (msgspec reads annotations)
from decimal import Decimal

import msgspec


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A size class of organisations and how they buy."""

    name: str
    share: Decimal
    seats_median: Decimal
    seats_sigma: Decimal
    win_probability: Decimal
    cycle_days_median: Decimal
    cycle_days_sigma: Decimal
    churn_a: int
    churn_b: int
    people_min: int
    people_max: int


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product; `price_per_seat` is in USD a year."""

    code: str
    tier: int
    price_per_seat: Decimal
    launch_date: date


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A marketing channel: what it costs and what it truly does."""

    name: str
    kind: str
    monthly_budget_usd: Decimal
    hazard_multiplier: Decimal
    is_program: bool
    cpm: Decimal | None = None
    ctr: Decimal | None = None
    lead_rate: Decimal | None = None
    leads_per_1000_usd: Decimal | None = None

    def leads_per_usd(self) -> Decimal:
        """Leads that one dollar brings on average."""
        if self.cpm is not None and self.ctr is not None and self.lead_rate is not None:
            return self.ctr * self.lead_rate * 1000 / self.cpm
        return (self.leads_per_1000_usd or Decimal(0)) / 1000


class Currency(msgspec.Struct, frozen=True, kw_only=True):
    """A currency that organisations are billed in; `plan_rate` is USD for one unit."""

    code: str
    share: Decimal
    plan_rate: Decimal
    volatility: Decimal


class Holdout(msgspec.Struct, frozen=True, kw_only=True):
    """A lift test: for some weeks a share of the audience sees no ads."""

    channel: str
    start: date
    weeks: int
    share: Decimal


class Touches(msgspec.Struct, frozen=True, kw_only=True):
    """How often people respond to campaigns after their first response."""

    mean: Decimal
    k: int
    gap_days: Decimal
    response_rate: Decimal


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """How people and organisations come in and go on."""

    organic_share: Decimal
    outbound_share: Decimal
    parent_share: Decimal
    mql_rate: Decimal
    import_delay_share: Decimal
    opt_out_rate: Decimal
    second_attempt_rate: Decimal
    activities_mean: Decimal


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of orders; `terms` maps months to shares."""

    terms: dict[str, Decimal]
    discount_max: Decimal
    partner_share: Decimal
    refund_rate: Decimal
    early_renewal_rate: Decimal
    late_renewal_days: int
    one_time_rate: Decimal


class Expansion(msgspec.Struct, frozen=True, kw_only=True):
    """How customers grow within a term."""

    monthly_rate: Decimal
    seat_growth_max: Decimal
    tier_upgrade_share: Decimal
    win_probability: Decimal


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """How renewed orders change."""

    growth_share: Decimal
    contraction_share: Decimal


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """How instances report."""

    ping_opt_in: Decimal
    ping_interval_days: int
    missing_ping_rate: Decimal
    reset_rate: Decimal


class Sales(msgspec.Struct, frozen=True, kw_only=True):
    """How the sales team works, mistakes included."""

    reps: int
    stage_skip_rate: Decimal
    reopen_rate: Decimal
    push_rate: Decimal
    duplicate_rate: Decimal
    unqualified_rate: Decimal
    unrecorded_acceptance_rate: Decimal
    early_acceptance_rate: Decimal
    backdated_close_rate: Decimal


class Finance(msgspec.Struct, frozen=True, kw_only=True):
    """How customers pay."""

    payment_terms_days: int
    late_payment_mean_days: Decimal
    unpaid_rate: Decimal
    cash_start: Decimal
    gross_margin: Decimal
    seat_cost_monthly: Decimal
    tools_monthly: Decimal
    funding_usd: Decimal
    funding_month: int


class People(msgspec.Struct, frozen=True, kw_only=True):
    """How the team grows and leaves."""

    team_start: int
    hires_monthly: Decimal
    applicants_per_hire: int
    inbound_share: Decimal
    offer_accept_rate: Decimal
    offer_withdrawn_rate: Decimal
    attrition_monthly: Decimal
    improvement_plan_monthly: Decimal
    survey_response_rate: Decimal


class Engineering(msgspec.Struct, frozen=True, kw_only=True):
    """How the product is written."""

    merge_requests_monthly: Decimal
    community_share: Decimal
    bug_share: Decimal
    pick_rate: Decimal
    closed_rate: Decimal
    draft_rate: Decimal
    cycle_days_median: Decimal
    release_day: int


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """An A/B test with a true relative `lift` of variant b."""

    name: str
    start: date
    units: int
    base_rate: Decimal
    lift: Decimal


class ProductUse(msgspec.Struct, frozen=True, kw_only=True):
    """Visits of the web site, reactions to releases, experiments."""

    visitors_daily: Decimal
    download_rate: Decimal
    trial_rate: Decimal
    retweets_mean: Decimal
    experiments: tuple[Experiment, ...]


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """How the records differ from the truth."""

    lead_dup: Decimal
    merge: Decimal
    free_mail: Decimal
    soft_delete: Decimal
    email_case: Decimal
    null_custom_iacv: Decimal
    stale_merge_reference: Decimal
    same_event_in_2_systems: Decimal
    purge: Decimal
    late: Decimal
    late_seconds_max: int
    missing_crm_id: Decimal
    crm_id_15char: Decimal
    bill_run_late: Decimal
    duplicate_invoice: Decimal
    unmapped_product: int
    tz_offset_hours: int
    restated_share: Decimal
    shared_license: int
    host_conflict: int
