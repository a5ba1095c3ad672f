"""What can be set of the Facebook server, and the credentials it accepts."""

from __future__ import annotations

from dataclasses import dataclass, field

OLDEST_VERSION = 24
NEWEST_VERSION = 26
# From this version on a failed report run says why.
RUN_ERRORS_SINCE = 25


@dataclass(frozen=True, slots=True)
class Credentials:
    """The sandbox's fixed credentials. They open nothing but a sandbox."""

    access_token: str = "EAASandboxSystemUserToken0123456789abcdefghij"  # noqa: S105
    user_token: str = "EAASandboxShortLivedUserToken0123456789abcdef"  # noqa: S105
    app_secret: str = "5a4db0c5eb00c0de5a4db0c5eb00c0de"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server behaves.

    A budget is a number of rows x fields x (1 + breakdowns) above which an answer is
    refused as too much data. From `requires_page_token` on a setting chooses a side
    where the real service's behaviour is not certain.

    Attributes:
        page_rows: Most rows of a page.
        run_polls: How often a report run is looked at before it is complete.
        calls_per_hour: Calls above it are refused with code 17; each call of a batch
            counts.
        sync_budget: The budget of insights that are answered at once.
        async_budget: The budget of a report run, which fails above it.
        edge_budget: Rows x fields of a page; creatives count four times.
        requires_appsecret_proof: Whether calls without proof are refused.
        requires_page_token: Whether lead forms and leads need the page's token.
        lead_days: Leads older than so many days are gone; 0: none.
        shows_deleted_in_insights: Whether archived and deleted ads have rows without
            being asked for.
        has_lead_total: Whether `lead` is there as the total of its parts.
        breaks_down_pixel_actions: Whether pixel actions stay with action breakdowns.
        is_today_partial: Whether today's row holds only what of the day is over.
        unknown_insight_field: How insights word an unknown field.
        old_range_code: The code for ranges beyond 37 months.
        token_error_status: The HTTP status of code 190.
    """

    page_rows: int = 500
    run_polls: int = 3
    calls_per_hour: int = 200_000
    sync_budget: int = 60_000
    async_budget: int = 1_500_000
    edge_budget: int = 20_000
    requires_appsecret_proof: bool = False
    requires_page_token: bool = False
    lead_days: int = 0
    shows_deleted_in_insights: bool = False
    has_lead_total: bool = True
    breaks_down_pixel_actions: bool = False
    is_today_partial: bool = False
    unknown_insight_field: str = "nonexisting"
    old_range_code: int = 3018
    token_error_status: int = 400
    credentials: Credentials = field(default_factory=Credentials)


CHANGEABLE: dict[str, type] = {
    "page_rows": int,
    "run_polls": int,
    "calls_per_hour": int,
    "sync_budget": int,
    "async_budget": int,
    "edge_budget": int,
    "requires_appsecret_proof": bool,
    "requires_page_token": bool,
    "lead_days": int,
    "shows_deleted_in_insights": bool,
    "has_lead_total": bool,
    "breaks_down_pixel_actions": bool,
    "is_today_partial": bool,
    "unknown_insight_field": str,
    "old_range_code": int,
    "token_error_status": int,
}
CHOICES: dict[str, tuple[object, ...]] = {
    "unknown_insight_field": ("nonexisting", "not_valid"),
    "old_range_code": (3018, 100),
    "token_error_status": (400, 401),
}
