"""Groups and projects as the API shows them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.gitlab_ids import API_URL, HOST, WEB_URL, between, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.projections.gitlab_records import Group, Project

    Row = dict[str, Any]

_FEATURES = ("issues", "repository", "merge_requests", "builds")
_DELETION_DELAY = timedelta(days=7)
_PROJECT_CONSTANTS = {
    "description_html": "",
    "emails_disabled": False,
    "emails_enabled": True,
    "shared_runners_enabled": True,
    "lfs_enabled": True,
    "import_url": None,
    "import_type": None,
    "import_status": "none",
    "ci_default_git_depth": 20,
    "ci_forward_deployment_enabled": True,
    "ci_job_token_scope_enabled": False,
    "ci_separated_caches": True,
    "build_git_strategy": "fetch",
    "keep_latest_artifact": True,
    "restrict_user_defined_variables": False,
    "group_runners_enabled": True,
    "auto_cancel_pending_pipelines": "enabled",
    "build_timeout": 3_600,
    "auto_devops_enabled": False,
    "ci_config_path": "",
    "public_jobs": True,
    "shared_with_groups": [],
    "only_allow_merge_if_pipeline_succeeds": False,
    "request_access_enabled": True,
    "only_allow_merge_if_all_discussions_are_resolved": False,
    "remove_source_branch_after_merge": True,
    "merge_method": "merge",
    "squash_option": "default_off",
    "autoclose_referenced_issues": True,
    "approvals_before_merge": 0,
    "mirror": False,
    "external_authorization_classification_label": "",
    "requirements_enabled": False,
    "security_and_compliance_enabled": True,
    "compliance_frameworks": [],
    "permissions": {
        "project_access": None,
        "group_access": {"access_level": 20, "notification_level": 3},
    },
}


def full_name(group: Group) -> str:
    """The names of the group and those above it."""
    return " / ".join(each.name for each in reversed(group.ancestry))


def group_row(group: Group) -> Row:
    """A group."""
    return {
        "id": group.id,
        "web_url": f"{WEB_URL}/groups/{group.full_path}",
        "name": group.name,
        "path": group.path,
        "description": "",
        "visibility": "private" if group.is_private else "public",
        "share_with_group_lock": False,
        "require_two_factor_authentication": False,
        "two_factor_grace_period": 48,
        "project_creation_level": "developer",
        "auto_devops_enabled": None,
        "subgroup_creation_level": "maintainer",
        "emails_disabled": False,
        "emails_enabled": True,
        "mentions_disabled": None,
        "lfs_enabled": True,
        "default_branch": None,
        "default_branch_protection": 2,
        "avatar_url": None,
        "request_access_enabled": True,
        "full_name": full_name(group),
        "full_path": group.full_path,
        "created_at": stamp(group.created_at),
        "parent_id": None if group.parent is None else group.parent.id,
        "organization_id": 1,
        "shared_runners_setting": "enabled",
        "ldap_cn": None,
        "ldap_access": None,
        "wiki_access_level": "enabled",
        "marked_for_deletion_on": None,
    }


def group_detail(group: Group) -> Row:
    """What a single group tells beside: its secrets among it."""
    return group_row(group) | {
        "shared_with_groups": [],
        "runners_token": f"GR1348941sandbox{group.id:06d}",
        "prevent_sharing_groups_outside_hierarchy": False,
        "shared_runners_minutes_limit": None,
        "extra_shared_runners_minutes_limit": None,
        "prevent_forking_outside_group": None,
        "membership_lock": False,
    }


def _namespace(group: Group) -> Row:
    return {
        "id": group.id,
        "name": group.name,
        "path": group.path,
        "kind": "group",
        "full_path": group.full_path,
        "parent_id": None if group.parent is None else group.parent.id,
        "avatar_url": None,
        "web_url": f"{WEB_URL}/groups/{group.full_path}",
    }


def _links(project: Project) -> Row:
    base = f"{API_URL}/projects/{project.id}"
    names = ("issues", "merge_requests", "labels", "events", "members")
    return {
        "self": base,
        **{name: f"{base}/{name}" for name in names},
        "repo_branches": f"{base}/repository/branches",
        "cluster_agents": f"{base}/cluster_agents",
    }


def _access(project: Project) -> Row:
    """What is switched on."""
    is_on = {name: name not in project.disabled for name in _FEATURES}
    levels = {
        f"{name}_access_level": "enabled" if on else "disabled"
        for name, on in is_on.items()
    }
    return {
        "issues_enabled": is_on["issues"],
        "merge_requests_enabled": is_on["merge_requests"],
        "wiki_enabled": True,
        "jobs_enabled": is_on["builds"],
        "snippets_enabled": True,
        "container_registry_enabled": True,
        "service_desk_enabled": False,
        **levels,
        "forking_access_level": "enabled",
        "wiki_access_level": "enabled",
        "snippets_access_level": "enabled",
        "pages_access_level": "enabled",
        "analytics_access_level": "enabled",
        "container_registry_access_level": "enabled",
        "security_and_compliance_access_level": "private",
        "releases_access_level": "enabled",
        "environments_access_level": "enabled",
        "feature_flags_access_level": "enabled",
        "infrastructure_access_level": "enabled",
        "monitor_access_level": "enabled",
    }


def statistics(project: Project) -> Row:
    """The sizes, from the number of commits."""
    commits = len(project.commits)
    repository = 60_000 + 4_100 * commits
    artifacts = 1_800 * len(project.pipelines)
    return {
        "commit_count": commits,
        "storage_size": repository + artifacts,
        "repository_size": repository,
        "wiki_size": 0,
        "lfs_objects_size": 0,
        "job_artifacts_size": artifacts,
        "pipeline_artifacts_size": 0,
        "packages_size": 0,
        "snippets_size": 0,
        "uploads_size": 0,
    }


def simple_project_row(project: Project) -> Row:
    """A project in the short form of `simple=true`."""
    path, branch = project.full_path, None if project.is_empty else "master"
    return {
        "id": project.id,
        "description": "",
        "name": project.name,
        "name_with_namespace": f"{full_name(project.group)} / {project.name}",
        "path": project.path,
        "path_with_namespace": path,
        "created_at": stamp(project.created_at),
        "default_branch": branch,
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": f"git@{HOST}:{path}.git",
        "http_url_to_repo": f"{WEB_URL}/{path}.git",
        "web_url": f"{WEB_URL}/{path}",
        "readme_url": branch and f"{WEB_URL}/{path}/-/blob/{branch}/README.md",
        "forks_count": 0,
        "avatar_url": None,
        "star_count": between(0, 40, project.key, "stars"),
        "last_activity_at": stamp(project.shown_active_at or project.created_at),
        "namespace": _namespace(project.group),
    }


def _updated_at(project: Project, moment: datetime) -> datetime:
    """The last activity, or the last move where that came later."""
    moves = [at for _, at in project.moves if at <= moment]
    return max(project.active_at or project.created_at, *moves, project.created_at)


def project_row(project: Project, moment: datetime) -> Row:
    """A project in full; `statistics` are there when asked for."""
    deleted_at = project.deleted_at
    marked_on = None
    if deleted_at is not None and deleted_at - _DELETION_DELAY <= moment:
        marked_on = f"{deleted_at - _DELETION_DELAY:%Y-%m-%d}"
    return simple_project_row(project) | {
        "container_registry_image_prefix": f"registry.{HOST}/{project.full_path}",
        "_links": _links(project),
        "packages_enabled": True,
        "empty_repo": project.is_empty,
        "archived": project.is_archived,
        "visibility": "private" if project.is_private else "public",
        "resolve_outdated_diff_discussions": False,
        **_access(project),
        "can_create_merge_request_in": True,
        "creator_id": project.creator.id,
        "open_issues_count": sum(
            1 for i in project.issues if i.closed_at is None and i.deleted_at is None
        ),
        "updated_at": stamp(_updated_at(project, moment)),
        "runners_token": f"GR1348941sandbox{project.id:06d}",
        "marked_for_deletion_at": marked_on,
        "marked_for_deletion_on": marked_on,
        **_PROJECT_CONSTANTS,
    }
