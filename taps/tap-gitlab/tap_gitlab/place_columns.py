"""Columns of groups, projects and people. Names are the API's own.

``runners_token`` and the values of CI variables are secrets: they are no columns.
"""

from __future__ import annotations

from tap_gitlab.columns import columns

#: Fields that are never read, and that are not told as new ones either.
SECRETS = frozenset({"runners_token", "value", "token", "ci_job_token"})

GROUPS = columns(
    whole="id parent_id organization_id two_factor_grace_period "
    "file_template_project_id "
    "default_branch_protection shared_runners_minutes_limit "
    "extra_shared_runners_minutes_limit",
    text="name path full_name full_path description visibility web_url avatar_url "
    "project_creation_level subgroup_creation_level default_branch "
    "shared_runners_setting wiki_access_level repository_storage "
    "ldap_cn ldap_access",
    moment="created_at",
    day="marked_for_deletion_on",
    switch="share_with_group_lock require_two_factor_authentication "
    "auto_devops_enabled emails_disabled emails_enabled mentions_disabled lfs_enabled "
    "request_access_enabled prevent_sharing_groups_outside_hierarchy membership_lock "
    "prevent_forking_outside_group archived show_diff_preview_in_email "
    "math_rendering_limits_enabled lock_math_rendering_limits_enabled "
    "duo_features_enabled lock_duo_features_enabled",
    object="statistics default_branch_protection_defaults root_storage_statistics",
    list="shared_with_groups ldap_group_links",
)
PROJECTS = columns(
    whole="id creator_id forks_count star_count open_issues_count "
    "approvals_before_merge build_timeout ci_default_git_depth "
    "ci_delete_pipelines_in_seconds max_artifacts_size",
    text="name name_with_namespace path path_with_namespace description "
    "description_html default_branch visibility web_url readme_url ssh_url_to_repo "
    "http_url_to_repo avatar_url license_url import_url import_type import_status "
    "import_error ci_config_path build_git_strategy auto_cancel_pending_pipelines "
    "merge_method squash_option merge_commit_template squash_commit_template "
    "suggestion_commit_message issue_branch_template merge_requests_template "
    "issues_template external_authorization_classification_label "
    "container_registry_image_prefix service_desk_address repository_storage "
    "auto_devops_deploy_strategy ci_restrict_pipeline_cancellation_role "
    "ci_pipeline_variables_minimum_override_role "
    "issues_access_level repository_access_level merge_requests_access_level "
    "builds_access_level forking_access_level wiki_access_level snippets_access_level "
    "pages_access_level analytics_access_level container_registry_access_level "
    "security_and_compliance_access_level releases_access_level "
    "environments_access_level feature_flags_access_level infrastructure_access_level "
    "monitor_access_level model_experiments_access_level "
    "model_registry_access_level requirements_access_level "
    "package_registry_access_level",
    moment="created_at updated_at last_activity_at",
    day="marked_for_deletion_at marked_for_deletion_on",
    switch="archived empty_repo packages_enabled issues_enabled "
    "merge_requests_enabled wiki_enabled jobs_enabled snippets_enabled "
    "container_registry_enabled service_desk_enabled "
    "can_create_merge_request_in emails_disabled emails_enabled "
    "shared_runners_enabled group_runners_enabled lfs_enabled "
    "resolve_outdated_diff_discussions ci_forward_deployment_enabled "
    "ci_forward_deployment_rollback_allowed ci_job_token_scope_enabled "
    "ci_separated_caches ci_allow_fork_pipelines_to_run_in_parent_project "
    "keep_latest_artifact restrict_user_defined_variables auto_devops_enabled "
    "public_jobs public_builds only_allow_merge_if_pipeline_succeeds "
    "only_allow_merge_if_all_status_checks_passed "
    "allow_merge_on_skipped_pipeline request_access_enabled "
    "only_allow_merge_if_all_discussions_are_resolved "
    "remove_source_branch_after_merge printing_merge_request_link_enabled "
    "autoclose_referenced_issues mirror requirements_enabled "
    "security_and_compliance_enabled enforce_auth_checks_on_uploads "
    "merge_pipelines_enabled merge_trains_enabled "
    "warn_about_potentially_unwanted_characters "
    "pre_receive_secret_detection_enabled",
    object="namespace owner permissions statistics license _links "
    "container_expiration_policy forked_from_project",
    list="shared_with_groups ci_id_token_sub_claim_components",
    texts="tag_list topics compliance_frameworks",
)
PROJECT_STATISTICS = columns(
    whole="project_id commit_count storage_size repository_size wiki_size "
    "lfs_objects_size job_artifacts_size pipeline_artifacts_size packages_size "
    "snippets_size uploads_size container_registry_size",
    day="snapshot_date",
)
_MEMBER = {
    "text": "username name state avatar_url web_url email membership_state",
    "moment": "created_at",
    "day": "expires_at",
    "switch": "locked is_using_seat override",
    "object": "created_by group_saml_identity group_scim_identity member_role",
}
GROUP_MEMBERS = columns(whole="group_id id access_level", **_MEMBER)
PROJECT_MEMBERS = columns(whole="project_id id access_level", **_MEMBER)
USERS = columns(
    whole="id followers following theme_id color_scheme_id projects_limit "
    "sign_in_count namespace_id shared_runners_minutes_limit "
    "extra_shared_runners_minutes_limit enterprise_group_id provisioned_by_group_id",
    text="username name state avatar_url web_url bio location public_email skype "
    "linkedin twitter discord website_url github organization job_title pronouns "
    "work_information local_time email commit_email current_sign_in_ip "
    "last_sign_in_ip plan note email_reset_offered_at",
    moment="created_at last_sign_in_at confirmed_at current_sign_in_at",
    day="last_activity_on",
    switch="locked bot is_followed trial can_create_group can_create_project "
    "two_factor_enabled external private_profile is_admin is_auditor "
    "using_license_seat",
    object="created_by",
    list="identities scim_identities",
)
_VARIABLE = {
    "text": "key variable_type environment_scope description",
    "switch": "hidden protected masked raw",
}
PROJECT_VARIABLES = columns(whole="project_id", **_VARIABLE)
GROUP_VARIABLES = columns(whole="group_id", **_VARIABLE)
