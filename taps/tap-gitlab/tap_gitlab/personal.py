"""What fields tell about persons, by stream. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading_kit.personal import fields_by_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reading_kit.personal import PersonalClass

_MEMBERS = fields_by_class(
    id="username avatar_url web_url group_saml_identity",
    name="name created_by",
    email="email",
)
_WORK = fields_by_class(
    name="author assignee assignees closed_by", free_text="title description"
)
_COMMITS = fields_by_class(
    name="author_name committer_name",
    email="author_email committer_email",
    free_text="title message",
)
_MADE_BY = fields_by_class(name="user")
_PAYLOAD = fields_by_class(name="payload")
_LICENSEE = fields_by_class(name="licensee")

#: Objects of users have their names, those of commits the names of authors.
PERSONAL: Mapping[str, Mapping[str, PersonalClass]] = {
    "projects": fields_by_class(name="owner"),
    "users": fields_by_class(
        name="name created_by",
        id="username skype linkedin twitter discord github website_url web_url "
        "avatar_url identities scim_identities",
        email="email public_email commit_email",
        address="location",
        network="current_sign_in_ip last_sign_in_ip",
        free_text="bio note",
    ),
    "group_members": _MEMBERS,
    "project_members": _MEMBERS,
    "merge_requests": {
        **_WORK,
        **fields_by_class(
            name="merged_by merge_user reviewers head_pipeline",
            free_text="title_html description_html",
        ),
    },
    "merge_request_commits": _COMMITS,
    "merge_request_notes": fields_by_class(name="author resolved_by", free_text="body"),
    "merge_request_state_events": _MADE_BY,
    "merge_request_approvals": fields_by_class(
        name="approved_by", free_text="title description"
    ),
    "issues": _WORK,
    "epics": fields_by_class(name="author", free_text="title description"),
    "epic_issues": _WORK,
    "events": fields_by_class(
        name="author", id="author_username", free_text="target_title push_data note"
    ),
    "commits": _COMMITS,
    "branches": fields_by_class(name="commit"),
    "tags": fields_by_class(name="commit", free_text="message"),
    "releases": fields_by_class(
        name="author commit", free_text="description description_html"
    ),
    "contributors": fields_by_class(name="name", email="email"),
    "pipelines_extended": _MADE_BY,
    "jobs": fields_by_class(name="user commit"),
    "deployments": fields_by_class(name="user deployable approvals"),
    "license": _LICENSEE,
    "licenses": _LICENSEE,
    "service_ping": _PAYLOAD,
    "usage_data_queries": _PAYLOAD,
    "usage_data_non_sql_metrics": _PAYLOAD,
}
