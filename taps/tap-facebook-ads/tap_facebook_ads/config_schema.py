"""The settings as ``--about`` shows them and configs are validated against."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from reading_kit.settings_schema import moment, names, number, switch, text, whole
from tap_facebook_ads.reports import REPORT_TIMES
from tap_facebook_ads.slices import LEVELS

INSIGHTS_MODES = ("async", "auto", "sync")
DEFAULT_API_URL = "https://graph.facebook.com"

_WORDS = th.ArrayType(th.StringType)
_REPORT_PROPERTIES = (
    th.Property("name", th.StringType, required=True),
    th.Property("level", th.StringType, allowed_values=list(LEVELS)),
    th.Property("breakdowns", _WORDS),
    th.Property("action_breakdowns", _WORDS),
    th.Property("time_increment_days", th.IntegerType),
    th.Property("action_attribution_windows_view", th.StringType),
    th.Property("action_attribution_windows_click", th.StringType),
    th.Property("action_attribution_windows", _WORDS),
    th.Property("action_report_time", th.StringType, allowed_values=list(REPORT_TIMES)),
    th.Property("lookback_window", th.IntegerType),
    th.Property("fields", _WORDS),
    th.Property("use_unified_attribution_setting", th.BooleanType),
)

_ACCESS = (
    text(
        "access_token",
        "Access token; one of a system user does not expire.",
        secret=True,
    ),
    text(
        "app_secret",
        "Secret of the app; when given, each request is signed (appsecret_proof).",
        secret=True,
    ),
    th.Property(
        "account_id",
        th.CustomType(
            {"type": ["string", "array", "null"], "items": {"type": "string"}}
        ),
        description="Ad account, or a list of them, with or without act_.",
    ),
    names("account_ids", "More ad accounts; joined with account_id."),
    text("api_version", "Version of the API.", default="v25.0"),
    text("api_url", "Address of the API.", default=DEFAULT_API_URL),
)

_READING = (
    moment(
        "start_date",
        "First day to read (in each account's time zone). Reports reach 37 months "
        "back.",
    ),
    moment("end_date", "Last day of reports. By default today, as far as it is over."),
    th.Property(
        "insight_reports_list",
        th.ArrayType(th.ObjectType(*_REPORT_PROPERTIES, additional_properties=True)),
        default=[],
        description="Reports to read, see below; none reads one called default.",
    ),
    th.Property(
        "insights_buffer_days",
        th.IntegerType(minimum=0, maximum=400),
        description="Days of a report read again for late conversions, where the "
        "report does not say it (28).",
    ),
    th.Property(
        "insights_lookback_window",
        th.IntegerType(minimum=0, maximum=400),
        description="Another name of insights_buffer_days, which it wins over.",
    ),
    text(
        "insights_mode",
        "How reports are read: as report runs, with single days at once (auto), or "
        "all at once (sync).",
        default="async",
        allowed=INSIGHTS_MODES,
    ),
    whole("insights_days_per_job", 7, "Days of one report run.", low=1, high=90),
    number(
        "insights_job_timeout",
        60,
        "Minutes a report run may take before it is split.",
        high=1440,
    ),
    whole(
        "max_concurrent_jobs",
        5,
        "Report runs at work at once, for each account.",
        low=1,
        high=50,
    ),
    switch(
        "include_deleted",
        "Read archived and deleted campaigns, ad sets and ads, and their reports.",
        default=True,
    ),
    names("page_ids", "Pages whose lead forms are read; by default all of the token."),
    names("form_ids", "Lead forms to read; by default all of the pages."),
    switch(
        "emit_activate_version_messages",
        "End FULL_TABLE streams with ACTIVATE_VERSION, so that rows gone from the "
        "service are marked in the target.",
        default=True,
    ),
    switch(
        "emit_slice_started_at",
        "Add _slice_started_at to reports: rows of a day with an older one are gone.",
        default=False,
    ),
)

_LIMITS = (
    whole(
        "page_size",
        100,
        "Rows of a page of objects; fewer while the service says it is too much.",
        low=1,
        high=1000,
    ),
    th.Property(
        "result_return_limit",
        th.IntegerType(minimum=1, maximum=1000),
        description="Another name of page_size.",
    ),
    whole("request_timeout", 300, "Seconds without an answer before a retry.", low=1),
    number(
        "throttle_pct",
        90,
        "Pause when so much of a limit is used (percent).",
        high=100,
    ),
    number(
        "throttle_delay_max",
        7200,
        "Longest pause for a limit, seconds, whatever the service asks for.",
        high=86400,
    ),
    number("retry_delay_max", 300, "Longest pause between tries, seconds.", high=3600),
    number(
        "poll_interval_max",
        30,
        "Longest pause between looks at report runs, seconds.",
        high=3600,
    ),
    text("user_agent", "User-Agent of every request."),
)

CONFIG_SCHEMA: dict[str, Any] = th.PropertiesList(
    *_ACCESS, *_READING, *_LIMITS
).to_dict()
#: Settings of other taps that change nothing here and are accepted in silence.
IGNORED_SETTINGS = frozenset(
    {"app_id", "client_id", "fetch_thumbnail_images", "action_breakdowns_allow_empty"}
)
