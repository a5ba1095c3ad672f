"""The CSV inputs by name: their columns, in order, and what a row stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# name: (what a row is, columns)
INPUT_COLUMNS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "finance_monthly": (
        "a closed month of the accounts, USD",
        (
            "month",
            "revenue",
            "cogs",
            "sm_expense",
            "marketing_expense",
            "program_spend",
            "rd_expense",
            "ga_expense",
            "ebitda",
            "net_income",
            "operating_cash_flow",
            "financing_cash_flow",
            "cash_end",
        ),
    ),
    "marketing_spend": (
        "a bill of marketing; campaign_id is the Salesforce campaign it is for, if any",
        (
            "bill_id",
            "spend_date",
            "vendor",
            "category",
            "channel",
            "campaign_id",
            "campaign_name",
            "amount",
            "currency",
            "is_program",
        ),
    ),
    "budget_targets": (
        "the plan of a fiscal quarter by segment; metric is iacv or pipeline, USD",
        ("period_type", "period_start", "segment", "metric", "target_value"),
    ),
    "fx_rates": (
        "USD for one unit; kind spot (a day), monthly_average (of the first day's "
        "month, rounded to six digits), plan (from the first day on)",
        ("rate_date", "from_currency", "to_currency", "rate", "kind"),
    ),
    "web_daily": (
        "a day of the web site by channel",
        (
            "date",
            "site",
            "channel",
            "visitors",
            "sessions",
            "downloads_ce",
            "downloads_ee",
            "trials",
        ),
    ),
    "web_monthly": (
        "a month's distinct visitors by channel (daily ones do not add up)",
        ("month", "site", "channel", "visitors"),
    ),
    "features": (
        "a feature of the product that Service Ping counts, by how demanding it is",
        ("feature", "sophistication_level", "launched_on", "counter_path"),
    ),
    "social_posts": (
        "a count of a post about a release",
        ("post_id", "network", "release", "posted_at", "as_of", "retweets"),
    ),
    "experiments": (
        "a visitor who saw a variant; outcome 1 when it did what was wanted by then",
        ("experiment", "variant", "unit_id", "exposed_at", "outcome", "value"),
    ),
    "lift_tests": (
        "a week of a hold-out test: cell test saw ads, cell control saw none",
        ("channel", "week_start", "cell", "people", "conversions"),
    ),
    "headcount_monthly": (
        "members at a month's end by department",
        ("month", "department", "headcount"),
    ),
    "team_members": (
        "somebody who works or worked for the company",
        (
            "person_id",
            "name",
            "email",
            "gitlab_username",
            "department",
            "title",
            "start_date",
            "end_date",
            "applicant_id",
        ),
    ),
    "applicants": (
        "an application; status is open, hired, rejected, declined_offer, withdrawn",
        (
            "applicant_id",
            "job_id",
            "department",
            "applied_at",
            "source",
            "status",
            "rejected_at",
        ),
    ),
    "interviews": ("an interview", ("interview_id", "applicant_id", "held_at")),
    "scorecards": (
        "a score from 1 to 4; kind is requirement or value",
        ("applicant_id", "criterion", "kind", "score", "scored_at"),
    ),
    "offers": (
        "an offer; decision is accepted, declined, withdrawn or empty",
        ("offer_id", "applicant_id", "sent_at", "decided_at", "decision"),
    ),
    "surveys": (
        "an anonymous answer, 0 to 10; survey_type employee or declined_applicant",
        ("survey_type", "respondent_hash", "answered_at", "score"),
    ),
    "terminations": (
        "a member who left: voluntary_regrettable, voluntary_pip, involuntary",
        ("person_id", "date", "type"),
    ),
    "pips": (
        "an improvement plan; outcome is passed, left or empty",
        ("pip_id", "person_id", "start_date", "end_date", "outcome"),
    ),
    "order_overrides": (
        "a won order whose billing cannot be found by the rules, and why",
        ("opportunity_id", "close_date", "iacv", "reason"),
    ),
}
