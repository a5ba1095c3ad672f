"""The settings as ``--about`` shows them and configs are validated against."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from reading_kit.settings_schema import moment, names, number, switch, text, whole

AUTH_METHODS = ("auto", "refresh_token", "jwt", "client_credentials", "password")
API_TYPES = ("BULK2", "REST", "BULK")


_AUTH_PROPERTIES = (
    text("client_id", "Consumer key of the connected app."),
    text("client_secret", "Consumer secret of the connected app.", secret=True),
    text("refresh_token", "Refresh token of the user to read as.", secret=True),
    text(
        "refresh_token_path",
        "File (mode 0600) that keeps a rotated refresh token between runs.",
    ),
    text("username", "User name, for the password flow and as subject of a JWT."),
    text("password", "Password, for the password flow.", secret=True),
    text(
        "security_token",
        "Security token, appended to the password; empty for trusted addresses.",
        secret=True,
    ),
    text("private_key", "PEM private key (RS256), for the JWT flow.", secret=True),
    text("private_key_path", "File that holds the PEM private key."),
    text(
        "auth_method",
        "How to log in; auto takes the first flow whose settings are all there: "
        "refresh token, private key, user name and password, client credentials.",
        default="auto",
        allowed=AUTH_METHODS,
    ),
    text(
        "domain",
        "My Domain of the org, e.g. acme.my or acme.my.salesforce.com.",
    ),
    text(
        "login_url",
        "Address that gives tokens; wins over domain and is_sandbox.",
    ),
    switch("is_sandbox", "Log in at test.salesforce.com.", default=False),
)

_READ_PROPERTIES = (
    text(
        "api_version", "API version; 58.0 or later for parallel pages.", default="64.0"
    ),
    text(
        "api_type",
        "Transport: Bulk API 2.0, or REST. BULK means BULK2.",
        default="BULK2",
        allowed=API_TYPES,
    ),
    moment(
        "start_date", "Rows changed before this instant are never read. None reads all."
    ),
    moment(
        "end_date",
        "Rows changed at or after this instant are left to later runs; for backfills.",
    ),
    switch(
        "select_fields_by_default", "Select fields a catalog leaves open.", default=True
    ),
    names("streams_to_discover", "Objects to discover; empty discovers the whole org."),
    whole(
        "lookback_window",
        600,
        "Seconds read again before the bookmark, for rows committed late.",
        low=0,
    ),
    text(
        "formula_fields",
        "Whether formula fields are read.",
        default="include",
        allowed=("include", "exclude"),
    ),
    switch("include_deleted", "Read rows in the recycle bin too.", default=True),
    switch(
        "emit_sdc_deleted_at",
        "Add _sdc_deleted_at, the SystemModstamp of deleted rows.",
        default=False,
    ),
    switch(
        "detect_hard_deletes",
        "Offer the stream DeletedRecord, one row per deleted record.",
        default=False,
    ),
    switch(
        "emit_activate_version_messages",
        "End FULL_TABLE streams with ACTIVATE_VERSION, so that rows gone from "
        "Salesforce are marked in the target.",
        default=True,
    ),
)

_LIMIT_PROPERTIES = (
    whole("max_workers", 8, "Jobs under way and pages loaded at once.", low=1, high=32),
    whole(
        "bulk_max_records",
        50000,
        "Rows per page where pages are read in turn.",
        low=1,
    ),
    whole("poll_interval_max", 20, "Longest pause between polls, seconds.", low=0),
    whole("job_timeout", 86400, "Seconds a bulk job may take.", low=1),
    number(
        "quota_percent_total",
        80,
        "Stop when the org has used more of its daily API calls (percent).",
        high=100,
    ),
    number(
        "quota_percent_per_run",
        25,
        "Stop when this run has used more of them (percent).",
        high=100,
    ),
    whole(
        "state_message_threshold",
        1000,
        "Rows between states in REST mode, at least.",
        low=1,
    ),
    whole("request_timeout", 300, "Seconds without an answer before a retry.", low=1),
    number(
        "retry_delay_max",
        60,
        "Longest pause between tries, seconds.",
        high=3600,
    ),
    text("user_agent", "User-Agent of every request."),
)

CONFIG_SCHEMA: dict[str, Any] = th.PropertiesList(
    *_AUTH_PROPERTIES, *_READ_PROPERTIES, *_LIMIT_PROPERTIES
).to_dict()
SECRET_SETTINGS = frozenset(
    name for name, spec in CONFIG_SCHEMA["properties"].items() if spec.get("secret")
)
