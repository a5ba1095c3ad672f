"""The settings as ``--about`` shows them and configs are validated against."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from reading_kit.settings_schema import moment, number, switch, text, whole
from tap_zuora.hosts import DATA_CENTRES

API_TYPES = ("AQUA", "DATA_QUERY", "REST")
#: Settings of the public Zuora taps that change nothing here.
IGNORED_SETTINGS = frozenset({"disable_collection", "logging_level", "token"})

_SIGNING_IN = (
    th.Property(
        "start_date",
        th.DateTimeType,
        required=True,
        description="Rows changed before this instant are never read.",
    ),
    moment(
        "end_date",
        "Rows changed at or after this instant are left to later runs; for backfills.",
    ),
    text("client_id", "Id of the OAuth client."),
    text("client_secret", "Secret of the OAuth client.", secret=True),
    text("username", "API user, sent as apiAccessKeyId; with OAUTH the client's id."),
    text(
        "password",
        "Its password, sent as apiSecretAccessKey; with OAUTH the client's secret.",
        secret=True,
    ),
    text(
        "auth_type",
        "How to sign in; by default OAUTH where there is a client_id, else BASIC.",
        allowed=("BASIC", "OAUTH"),
    ),
    text("base_url", "Address of the REST API; wins over the next three."),
    text("tenant_endpoint", "Data centre of the tenant.", allowed=tuple(DATA_CENTRES)),
    switch("sandbox", "The tenant is in the API sandbox.", default=False),
    switch("european", "The tenant is in the European data centre.", default=False),
    text("entity_ids", "Sent as Zuora-Entity-Ids (multi-entity tenants)."),
    text("org_ids", "Sent as Zuora-Org-Ids (multi-org tenants)."),
    text("zuora_version", "Sent as Zuora-Version.", default="2025-08-12"),
)
_READING = (
    text(
        "api_type",
        "Batch queries (AQuA), or Data Query. REST means AQUA.",
        default="AQUA",
        allowed=API_TYPES,
    ),
    text(
        "data_query",
        "Which data DATA_QUERY reads; Unlimited is the warehouse.",
        default="Live",
        allowed=("Live", "Unlimited"),
    ),
    switch("include_deleted", "Read deleted rows too.", default=True),
    switch("join_foreign_keys", "Read the Ids of related objects.", default=True),
    whole(
        "safety_lag_minutes",
        120,
        "Rows changed within this time before the run are left to the next one, "
        "because commits may be late.",
        low=0,
    ),
    whole(
        "lookback_days", 1, "Days read again before the bookmark, for late rows.", low=0
    ),
    th.Property(
        "late_objects_lookback_days",
        th.ObjectType(additional_properties=th.IntegerType(minimum=0)),
        description=(
            "Longer lookbacks in days, by object; merged into the defaults below. "
            "0 turns one off."
        ),
    ),
    whole(
        "late_resync_interval_days",
        7,
        "Days between two reads with the longer lookback.",
        low=0,
    ),
    switch(
        "strict",
        "Exit with 1 when a stream was skipped, e.g. for want of permission.",
        default=False,
    ),
    switch(
        "emit_activate_version_messages",
        "End FULL_TABLE streams with ACTIVATE_VERSION, so that rows gone from Zuora "
        "are marked in the target.",
        default=True,
    ),
)
_LIMITS = (
    whole("window_in_days", 90, "Days per query of a backfill.", low=1),
    whole("page_rows", 250_000, "Rows per query of a backfill.", low=1),
    whole("max_queries_per_job", 25, "Queries in one AQuA job.", low=1, high=50),
    whole("max_concurrent_jobs", 4, "Jobs under way at once.", low=1, high=50),
    number(
        "poll_interval_seconds",
        10,
        "Usual pause before a job is looked at again; it begins at half a second and "
        "grows to six times this.",
        high=600,
    ),
    number("job_timeout_minutes", 180, "Time a job may take.", high=1440),
    text(
        "batch_query_path",
        "Path of the batch-query resource; by default /v1/batch-query/, then "
        "/v1/apps/api/batch-query/ where the first is not there.",
    ),
    text("partner_id", "Partner id for stateful AQuA; needs aqua_stateful."),
    switch("aqua_stateful", "Send AQuA jobs in stateful mode.", default=False),
    whole("request_timeout_seconds", 300, "Silence that counts as a failure.", low=1),
    number(
        "retry_delay_max_seconds",
        120,
        "Longest pause between tries after a failure.",
        high=3600,
    ),
    text("user_agent", "User-Agent of every request."),
)
CONFIG_SCHEMA: dict[str, Any] = th.PropertiesList(
    *_SIGNING_IN, *_READING, *_LIMITS
).to_dict()
