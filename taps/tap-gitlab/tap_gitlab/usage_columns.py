"""Columns of what an instance tells of itself: version, licence, Service Ping."""

from __future__ import annotations

from tap_gitlab.columns import columns

METADATA = columns(
    text="instance customer_id version revision",
    switch="enterprise",
    object="kas",
)
LICENSES = columns(
    text="instance customer_id plan",
    whole="id historical_max maximum_user_count user_limit active_users overage",
    moment="created_at",
    day="starts_at expires_at",
    switch="expired",
    object="licensee add_ons",
)
APPLICATION_STATISTICS = columns(
    text="instance customer_id",
    day="snapshot_date",
    whole="forks issues merge_requests notes snippets ssh_keys milestones users "
    "groups projects active_users",
)
SERVICE_PING = columns(
    text="instance customer_id uuid hostname version installation_type edition "
    "license_md5 license_sha256 license_plan license_subscription_id",
    moment="recorded_at",
    day="license_starts_at license_expires_at",
    whole="active_user_count historical_max_users license_id license_user_count "
    "license_billable_users",
    switch="license_trial",
    object="license_add_ons payload",
)
SERVICE_PING_METRICS = columns(
    text="instance uuid license_subscription_id key_path value_string value_status",
    moment="recorded_at",
    number="value_number",
    switch="value_boolean",
)
METRIC_DEFINITIONS = columns(
    text="key_path name description product_section product_stage product_group "
    "product_category value_type status milestone milestone_removed introduced_by_url "
    "removed_by_url repair_issue_url time_frame data_source data_category "
    "instrumentation_class value_json_schema file_path",
    texts="tiers tier distribution performance_indicator_type",
    object="options",
    list="events",
)
USAGE_DATA = columns(
    text="instance customer_id uuid license_subscription_id",
    moment="recorded_at",
    object="payload",
)
