"""Columns of issues, merge requests and what hangs on them.

Names are the API's own. Lists leave out some fields of the single merge request
(``diff_refs``, ``head_pipeline``, ``changes_count``): they are null.
"""

from __future__ import annotations

from tap_gitlab.columns import columns

#: What an issue tells wherever it is listed, but for its numbers.
_OF_ISSUES = {
    "text": "title description state type issue_type severity health_status web_url "
    "service_desk_reply_to task_status imported_from",
    "moment": "created_at updated_at closed_at",
    "day": "due_date start_date",
    "switch": "confidential discussion_locked has_tasks imported subscribed",
    "object": "author assignee closed_by milestone epic iteration references "
    "time_stats task_completion_status _links",
    "list": "assignees",
    "texts": "labels",
}
ISSUES = columns(
    whole="id iid project_id user_notes_count merge_requests_count upvotes downvotes "
    "weight blocking_issues_count epic_iid moved_to_id closed_as_duplicate_of",
    **_OF_ISSUES,
)
MERGE_REQUESTS = columns(
    whole="id iid project_id source_project_id target_project_id user_notes_count "
    "upvotes downvotes approvals_before_merge",
    text="title description state source_branch target_branch sha merge_commit_sha "
    "squash_commit_sha merge_status detailed_merge_status reference title_html "
    "description_html changes_count merge_error web_url imported_from",
    moment="created_at updated_at merged_at closed_at prepared_at merge_after "
    "latest_build_started_at latest_build_finished_at first_deployed_to_production_at",
    switch="draft work_in_progress squash squash_on_merge discussion_locked "
    "merge_when_pipeline_succeeds should_remove_source_branch "
    "force_remove_source_branch allow_collaboration allow_maintainer_to_push "
    "has_conflicts blocking_discussions_resolved imported subscribed "
    "first_contribution",
    object="author assignee merged_by merge_user closed_by milestone references "
    "time_stats task_completion_status diff_refs pipeline head_pipeline",
    list="assignees reviewers",
    texts="labels",
)
MERGE_REQUEST_COMMITS = columns(
    whole="project_id merge_request_iid",
    text="commit_id id short_id title message author_name author_email "
    "committer_name committer_email web_url",
    moment="created_at authored_date committed_date",
    object="trailers extended_trailers",
    texts="parent_ids",
)
MERGE_REQUEST_NOTES = columns(
    whole="id project_id merge_request_iid noteable_id noteable_iid",
    text="type body attachment noteable_type commit_id imported_from",
    moment="created_at updated_at resolved_at",
    switch="system resolvable resolved confidential internal imported",
    object="author resolved_by position suggestions commands_changes",
)
MERGE_REQUEST_STATE_EVENTS = columns(
    whole="id project_id merge_request_iid resource_id source_merge_request_id",
    text="resource_type state source_commit",
    moment="created_at",
    object="user",
)
MERGE_REQUEST_APPROVALS = columns(
    whole="id iid project_id merge_request_iid approvals_required approvals_left",
    text="title description state merge_status",
    moment="created_at updated_at",
    switch="approved require_password_to_approve user_has_approved user_can_approve "
    "has_approval_rules merge_request_approvers_available "
    "multiple_approval_rules_available",
    list="approved_by suggested_approvers approvers approver_groups "
    "approval_rules_left invalid_approvers_rules",
)
EPICS = columns(
    whole="id iid group_id parent_id parent_iid work_item_id upvotes downvotes",
    text="title description state reference color text_color web_url web_edit_url "
    "imported_from",
    moment="created_at updated_at closed_at",
    day="start_date start_date_fixed start_date_from_inherited_source "
    "start_date_from_milestones end_date due_date due_date_fixed "
    "due_date_from_inherited_source due_date_from_milestones",
    switch="confidential start_date_is_fixed due_date_is_fixed subscribed imported",
    object="author references _links",
    texts="labels",
)
EPIC_ISSUES = columns(
    whole="group_id epic_issue_id id iid epic_iid project_id user_notes_count "
    "merge_requests_count upvotes downvotes weight blocking_issues_count moved_to_id "
    "relative_position",
    **_OF_ISSUES,
)
MILESTONES = columns(
    whole="id iid project_id group_id",
    text="title description state web_url",
    moment="created_at updated_at",
    day="start_date due_date",
    switch="expired",
)
PROJECT_LABELS = columns(
    whole="project_id id priority open_issues_count closed_issues_count "
    "open_merge_requests_count",
    text="name description description_html color text_color",
    switch="subscribed is_project_label archived",
)
GROUP_LABELS = columns(
    whole="group_id id open_issues_count closed_issues_count open_merge_requests_count",
    text="name description description_html color text_color",
    switch="subscribed archived",
)
