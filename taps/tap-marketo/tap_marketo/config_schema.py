"""The settings as ``--about`` shows them and configs are validated against."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from reading_kit.settings_schema import moment, number, switch, text, whole

ON_BULK_QUOTA = ("fail", "stop")
LEADS_FILTERS = ("auto", "updatedAt", "createdAt")

_ACCESS_PROPERTIES = (
    text(
        "endpoint",
        "Address of the instance: https://123-ABC-456.mktorest.com (with or without "
        "/rest), or its Munchkin id 123-ABC-456 alone.",
    ),
    text("identity", "Address that gives tokens; by default endpoint + /identity."),
    text("client_id", "Client id of the custom service (Admin, LaunchPoint)."),
    text("client_secret", "Client secret of the custom service.", secret=True),
    text(
        "partner_api_key",
        "Key of a LaunchPoint partner, sent as partner_id when a token is asked for.",
        secret=True,
    ),
)

_READ_PROPERTIES = (
    moment("start_date", "Nothing older is read; required. May lie in the future."),
    moment(
        "end_date",
        "What changed at or after this instant is left to later runs; for backfills.",
    ),
    whole(
        "max_export_days",
        30,
        "Days of one export job. Lower it where one job exceeds the daily quota.",
        low=1,
        high=31,
    ),
    whole(
        "lookback_window",
        86400,
        "Seconds read again before the bookmark: leads, program members and REST.",
        low=0,
    ),
    whole(
        "activity_lookback_window",
        3600,
        "Seconds read again before the bookmark of activities.",
        low=0,
    ),
    whole(
        "export_end_margin",
        120,
        "Seconds before the server's time at which reading ends, as rows come late.",
        low=0,
    ),
    th.Property(
        "activity_type_ids",
        th.ArrayType(th.IntegerType),
        default=[],
        description="Only these types of activities, of the streams selected; empty "
        "narrows nothing.",
    ),
    text(
        "leads_filter",
        "How changed leads are found. Small subscriptions have createdAt only, which "
        "means a full export each time; auto finds out.",
        default="auto",
        allowed=LEADS_FILTERS,
    ),
    whole(
        "smart_list_id",
        0,
        "Read the leads of this smart list, whole each time; 0 for all leads.",
        low=0,
    ),
    whole(
        "static_list_id",
        0,
        "Read the leads of this static list, whole each time; 0 for all leads.",
        low=0,
    ),
    switch(
        "include_program_details",
        "Read tags and costs of programs: one call for each changed program, and for "
        "all of them once in 7 days.",
        default=False,
    ),
    switch(
        "emit_activate_version_messages",
        "End FULL_TABLE streams with ACTIVATE_VERSION, so that rows gone from Marketo "
        "are marked in the target.",
        default=True,
    ),
)

_LIMIT_PROPERTIES = (
    whole(
        "max_daily_calls",
        40000,
        "Stop when the instance has had so many calls today, from all of its clients.",
        low=1,
    ),
    whole("bulk_quota_mb", 500, "MB of export files the instance allows a day.", low=1),
    number(
        "bulk_quota_percent",
        90,
        "Start no export job when today's files exceed this share (percent) of it.",
        high=100,
    ),
    text(
        "on_bulk_quota",
        "What a spent quota of export files means: fail (exit 2), or stop (exit 0 with "
        "a warning). Either way the next run goes on from the state.",
        default="fail",
        allowed=ON_BULK_QUOTA,
    ),
    whole("poll_interval", 60, "Seconds between looks at running jobs.", low=0),
    whole("job_timeout", 10800, "Seconds a queued job may take.", low=1),
    whole("queue_timeout", 21600, "Seconds to wait for room in a full queue.", low=0),
    whole(
        "max_queued_jobs",
        4,
        "Export jobs under way at once, of the 10 all clients of the instance share.",
        low=1,
        high=10,
    ),
    whole(
        "calls_per_20_seconds",
        50,
        "Calls sent in 20 seconds at most; the instance takes 100 from all clients.",
        low=1,
    ),
    whole(
        "concurrent_calls",
        5,
        "Calls sent at once at most; the instance takes 10 from all clients.",
        low=1,
        high=10,
    ),
    number(
        "request_timeout",
        300,
        "Seconds without an answer before a retry; 0 means the default.",
        high=86400,
    ),
    number("retry_delay_max", 60, "Longest pause between tries, seconds.", high=3600),
    text("user_agent", "User-Agent of every request."),
    text(
        "temp_dir",
        "Folder for export files while they are read; by default the system's.",
    ),
)

CONFIG_SCHEMA: dict[str, Any] = th.PropertiesList(
    *_ACCESS_PROPERTIES, *_READ_PROPERTIES, *_LIMIT_PROPERTIES
).to_dict()
CONFIG_SCHEMA["required"] = ["endpoint", "client_id", "client_secret", "start_date"]
#: Names other Marketo taps have for settings of ours.
ALIASES = {"window_in_days": "max_export_days", "domain_url": "endpoint"}
SECRET_SETTINGS = frozenset(
    name for name, spec in CONFIG_SCHEMA["properties"].items() if spec.get("secret")
)
