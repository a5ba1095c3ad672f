"""Rows have every field that answers of the real service were seen to have."""

from __future__ import annotations

import pytest

CORE = "/projects/brightloom%2Fcore"
USER = "id username name state avatar_url web_url"
FIELDS = {
    "/groups/brightloom": "id web_url name path description visibility "
    "share_with_group_lock require_two_factor_authentication two_factor_grace_period "
    "project_creation_level auto_devops_enabled subgroup_creation_level "
    "emails_disabled mentions_disabled lfs_enabled default_branch_protection "
    "avatar_url request_access_enabled full_name full_path created_at parent_id "
    "ldap_cn ldap_access wiki_access_level shared_with_groups runners_token "
    "prevent_sharing_groups_outside_hierarchy shared_projects membership_lock "
    "shared_runners_minutes_limit prevent_forking_outside_group projects",
    CORE: "id description name name_with_namespace path path_with_namespace created_at "
    "default_branch tag_list topics ssh_url_to_repo http_url_to_repo web_url "
    "readme_url forks_count avatar_url star_count last_activity_at namespace _links "
    "packages_enabled empty_repo archived visibility issues_enabled "
    "merge_requests_enabled wiki_enabled jobs_enabled snippets_enabled "
    "issues_access_level repository_access_level merge_requests_access_level "
    "builds_access_level emails_disabled shared_runners_enabled lfs_enabled creator_id "
    "import_status open_issues_count updated_at ci_default_git_depth public_jobs "
    "runners_token shared_with_groups merge_method squash_option "
    "autoclose_referenced_issues approvals_before_merge mirror marked_for_deletion_at "
    "marked_for_deletion_on compliance_frameworks permissions build_timeout",
    f"{CORE}/issues": "id iid project_id title description state created_at updated_at "
    "closed_at closed_by labels milestone assignees author type assignee "
    "user_notes_count merge_requests_count upvotes downvotes due_date confidential "
    "discussion_locked issue_type web_url time_stats task_completion_status weight "
    "blocking_issues_count has_tasks task_status _links references severity "
    "moved_to_id service_desk_reply_to epic_iid epic iteration",
    f"{CORE}/merge_requests": "id iid project_id title description state created_at "
    "updated_at merged_by merge_user merged_at closed_by closed_at target_branch "
    "source_branch user_notes_count upvotes downvotes author assignees assignee "
    "reviewers source_project_id target_project_id labels draft work_in_progress "
    "milestone merge_when_pipeline_succeeds merge_status detailed_merge_status sha "
    "merge_commit_sha squash_commit_sha discussion_locked should_remove_source_branch "
    "force_remove_source_branch reference references web_url time_stats squash "
    "squash_on_merge task_completion_status has_conflicts "
    "blocking_discussions_resolved approvals_before_merge",
    f"{CORE}/merge_requests/5": "subscribed changes_count latest_build_started_at "
    "latest_build_finished_at first_deployed_to_production_at pipeline head_pipeline "
    "diff_refs merge_error first_contribution user",
    f"{CORE}/merge_requests/5/notes": "id type body attachment author created_at "
    "updated_at system noteable_id noteable_type noteable_iid resolvable confidential",
    f"{CORE}/pipelines": "id iid project_id sha ref status source created_at "
    "updated_at web_url",
    f"{CORE}/jobs": "id status stage name ref tag coverage allow_failure created_at "
    "started_at finished_at erased_at duration queued_duration user commit pipeline "
    "failure_reason web_url project artifacts runner artifacts_expire_at tag_list "
    "archived",
    f"{CORE}/deployments": "id iid ref sha created_at updated_at user deployable "
    "status environment",
    f"{CORE}/environments": "id name slug external_url created_at updated_at state "
    "tier",
    f"{CORE}/releases": "name tag_name description created_at released_at "
    "upcoming_release author commit commit_path tag_path assets evidences _links",
    f"{CORE}/repository/tags": "name message target commit release protected",
    f"{CORE}/repository/commits": "id short_id created_at parent_ids title message "
    "author_name author_email authored_date committer_name committer_email "
    "committed_date trailers web_url",
    f"{CORE}/events": "id project_id action_name target_id target_iid target_type "
    "author_id target_title created_at author author_username",
    f"{CORE}/members/all": f"{USER} access_level created_at expires_at "
    "membership_state",
    f"{CORE}/labels": "id name description description_html text_color color "
    "subscribed priority is_project_label",
    "/groups/brightloom/labels": "id name description description_html text_color "
    "color subscribed",
    "/groups/brightloom/milestones": "id iid group_id title description state "
    "created_at updated_at due_date start_date expired web_url",
    "/groups/brightloom/epics": "id iid color text_color group_id parent_id parent_iid "
    "title description confidential author start_date start_date_is_fixed "
    "start_date_fixed end_date due_date due_date_is_fixed due_date_fixed state "
    "web_edit_url web_url references created_at updated_at closed_at labels upvotes "
    "downvotes _links",
    "/groups/brightloom/epics/1/issues": "id iid epic_issue_id relative_position "
    "epic_iid epic",
    "/users": USER,
}


@pytest.mark.parametrize("path", FIELDS)
def test_rows_have_the_fields_of_the_real_service(gitlab, path):
    document = gitlab.get(path).json()
    row = document[0] if isinstance(document, list) else document
    assert set(FIELDS[path].split()) - set(row) == set()


def test_a_pipeline_alone_has_the_fields_of_the_real_service(gitlab):
    number = gitlab.get(f"{CORE}/pipelines").json()[0]["id"]
    row = gitlab.get(f"{CORE}/pipelines/{number}").json()
    wanted = (
        "before_sha tag yaml_errors user started_at finished_at committed_at duration "
        "queued_duration coverage detailed_status"
    )
    assert set(wanted.split()) - set(row) == set()
    assert set(USER.split()) - set(row["user"]) == set()
