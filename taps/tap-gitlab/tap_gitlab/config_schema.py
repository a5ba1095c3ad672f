"""The settings as ``--about`` shows them and configs are checked against."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from reading_kit.settings_schema import moment, names, number, switch, text, whole

DEFAULT_API_URL = "https://gitlab.com/api/v4"
LARGEST_PAGE_ROWS = 100

_CREDENTIAL_PROPERTIES = (
    text(
        "api_url",
        "Address of the instance; /api/v4 is added to a bare one.",
        default=DEFAULT_API_URL,
    ),
    text("private_token", "Personal, group or project access token.", secret=True),
    text("oauth_access_token", "OAuth access token.", secret=True),
    th.Property(
        "oauth_credentials",
        th.ObjectType(
            th.Property("client_id", th.StringType),
            th.Property("client_secret", th.StringType),
            th.Property("refresh_token", th.StringType),
        ),
        secret=True,
        description="client_id, client_secret and refresh_token of an OAuth "
        "application; GitLab gives a new refresh token at each use.",
    ),
    text(
        "refresh_token_path",
        "File (mode 0600) that keeps the newest refresh token between runs.",
    ),
    text("job_token", "Token of a CI job; opens releases and jobs only.", secret=True),
)
_CHOICE_PROPERTIES = (
    names("groups", "Groups to read, by id or full path; a list, or text with spaces."),
    names(
        "projects", "Projects to read, by id or full path; a list, or text with spaces."
    ),
    moment("start_date", "Nothing older is read. Without it everything is."),
    moment(
        "end_date",
        "What changed at or after this instant is left to later runs, where GitLab can "
        "tell; for backfills.",
    ),
    switch("include_subgroups", "Read the groups below, too.", default=True),
    switch("include_archived", "Read archived projects, too.", default=True),
    switch(
        "ignore_missing",
        "Only warn about groups and projects that are not there.",
        default=False,
    ),
    switch(
        "ultimate_license",
        "Offer epics, epic_issues and dora_metrics.",
        default=False,
    ),
    switch(
        "fetch_merge_request_commits",
        "Offer merge_request_commits: one call per changed merge request.",
        default=False,
    ),
    switch(
        "fetch_pipelines_extended",
        "Offer pipelines_extended: one call per changed pipeline.",
        default=False,
    ),
    switch(
        "fetch_group_variables",
        "Offer group_variables, without their values.",
        default=False,
    ),
    switch(
        "fetch_project_variables",
        "Offer project_variables, without their values.",
        default=False,
    ),
    switch(
        "fetch_site_users", "Offer users; never read from gitlab.com.", default=True
    ),
    switch(
        "include_license_info_for_projects",
        "Ask for the licence of projects named in `projects`.",
        default=False,
    ),
)
_USAGE_PROPERTIES = (
    switch(
        "include_usage_data",
        "Offer Service Ping, metric definitions, licences and statistics.",
        default=True,
    ),
    th.Property(
        "instances",
        th.ArrayType(
            th.ObjectType(
                th.Property("name", th.StringType, required=True),
                th.Property("api_url", th.StringType, required=True),
                th.Property("private_token", th.StringType, required=True),
                th.Property("customer_id", th.StringType),
            )
        ),
        default=[],
        secret=True,
        description="More instances to read usage data and licences of: name, "
        "api_url, private_token and perhaps customer_id of each.",
    ),
    names(
        "service_ping_files",
        "Saved Service Ping payloads (JSON), or folders of them.",
    ),
)
_LIMIT_PROPERTIES = (
    whole("lookback_minutes", 60, "Minutes read again before a bookmark.", low=0),
    whole(
        "commits_lookback_days",
        7,
        "Days of commits read again, for pushes of older ones.",
        low=0,
    ),
    whole(
        "page_size", LARGEST_PAGE_ROWS, "Rows of a page.", low=1, high=LARGEST_PAGE_ROWS
    ),
    whole("max_workers", 6, "Groups, projects or pages read at once.", low=1, high=32),
    switch(
        "emit_activate_version_messages",
        "End FULL_TABLE streams with ACTIVATE_VERSION, so that rows gone from GitLab "
        "are marked in the target.",
        default=True,
    ),
    number(
        "request_timeout", 120, "Seconds without an answer before a retry.", high=3600
    ),
    number("retry_delay_max", 120, "Longest pause between tries, seconds.", high=3600),
    text("user_agent", "User-Agent of every request."),
    text("ca_bundle", "File of certificates to trust, in place of the usual ones."),
)

CONFIG_SCHEMA: dict[str, Any] = th.PropertiesList(
    *_CREDENTIAL_PROPERTIES,
    *_CHOICE_PROPERTIES,
    *_USAGE_PROPERTIES,
    *_LIMIT_PROPERTIES,
).to_dict()
