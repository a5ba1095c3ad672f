"""Columns of what runs and of what lies in repositories. Names are the API's own."""

from __future__ import annotations

from tap_gitlab.columns import columns

PIPELINES = columns(
    whole="id iid project_id",
    text="sha ref status source name web_url",
    moment="created_at updated_at",
)
PIPELINES_EXTENDED = columns(
    whole="id iid project_id duration",
    number="queued_duration coverage",
    text="sha before_sha ref status source name yaml_errors web_url",
    moment="created_at updated_at started_at finished_at committed_at",
    switch="tag archived",
    object="user detailed_status",
)
JOBS = columns(
    whole="id project_id",
    number="coverage duration queued_duration",
    text="status stage name ref failure_reason web_url source",
    moment="created_at started_at finished_at erased_at artifacts_expire_at",
    switch="tag allow_failure archived",
    object="user commit pipeline project artifacts_file runner runner_manager",
    list="artifacts",
    texts="tag_list",
)
DEPLOYMENTS = columns(
    whole="id iid project_id pending_approval_count",
    text="ref sha status",
    moment="created_at updated_at",
    object="user environment deployable approval_summary",
    list="approvals",
)
ENVIRONMENTS = columns(
    whole="id project_id",
    text="name slug external_url state tier description auto_stop_setting "
    "kubernetes_namespace flux_resource_path",
    moment="created_at updated_at auto_stop_at",
    object="project last_deployment cluster_agent",
)
COMMITS = columns(
    text="id short_id title message author_name author_email committer_name "
    "committer_email status web_url",
    whole="project_id",
    moment="created_at authored_date committed_date",
    object="stats trailers extended_trailers last_pipeline",
    texts="parent_ids",
)
BRANCHES = columns(
    whole="project_id",
    text="name commit_id web_url",
    switch="merged protected developers_can_push developers_can_merge can_push default",
    object="commit",
)
TAGS = columns(
    whole="project_id",
    text="commit_id name message target",
    moment="created_at",
    switch="protected",
    object="commit release",
)
RELEASES = columns(
    whole="project_id",
    text="commit_id tag_name name description description_html commit_path tag_path",
    moment="created_at released_at",
    switch="upcoming_release historical_release",
    object="author commit assets _links",
    list="evidences milestones",
)
CONTRIBUTORS = columns(
    whole="project_id commits additions deletions",
    text="email name",
)
LANGUAGES = columns(
    whole="project_id", text="project_path language_name", number="percent"
)
EVENTS = columns(
    whole="id project_id author_id target_id target_iid",
    text="action_name target_type target_title author_username imported_from",
    moment="created_at",
    switch="imported",
    object="author push_data note wiki_page",
)
DORA_METRICS = columns(
    text="level metric environment_tier",
    whole="id",
    day="date",
    number="value",
)
