"""Tokens of every kind, and what happens where they are not good (enough)."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

OAUTH = {
    "client_id": "sandbox-client-id",
    "client_secret": "sandbox-client-secret",
    "refresh_token": "sandbox-refresh-token",
}


def test_an_oauth_login_is_renewed_once_when_it_ends_in_the_middle(site, tmp_path):
    kept = tmp_path / "refresh"
    site.arm({"fault": "token_expired", "match": {"path": "*/jobs"}, "after": 1})
    config = {
        "private_token": None,
        "oauth_credentials": OAUTH,
        "refresh_token_path": str(kept),
    }
    outcome = site.read("jobs", "users", **config)
    assert outcome.status == 0, outcome.log
    assert len(site.requests("POST", "/oauth/token")) == 2
    assert len(outcome.table("jobs", "id")) == 252
    assert stat.S_IMODE(Path(kept).stat().st_mode) == 0o600
    again = site.read("users", **config)
    assert again.status == 0, again.log
    output = "\n".join(outcome.lines) + outcome.log
    assert kept.read_text() not in output
    assert OAUTH["client_secret"] not in output


def test_a_rotated_refresh_token_that_nobody_keeps_is_warned_about(site):
    outcome = site.read("users", private_token=None, oauth_credentials=OAUTH)
    assert outcome.status == 0, outcome.log
    assert "set refresh_token_path" in outcome.log


def test_a_refresh_token_that_is_not_taken_ends_the_run(site):
    site.arm({"fault": "refresh_rejected"})
    outcome = site.read("users", private_token=None, oauth_credentials=OAUTH)
    assert outcome.status == 2
    assert "does not take the refresh token: invalid_grant" in outcome.log
    assert len(site.requests("POST", "/oauth/token")) == 1


@pytest.mark.parametrize("token", ["expired", "revoked", "unknown"])
def test_a_token_that_is_not_good_ends_the_run_before_anything_is_read(site, token):
    outcome = site.read("users", private_token=f"glpat-sandbox-{token}")
    assert outcome.status == 2
    assert "rejects the token" in outcome.log
    assert f"glpat-sandbox-{token}" not in outcome.log
    assert outcome.records() == []


def test_a_token_is_sent_as_a_header_and_never_in_an_address(site):
    site.read("users")
    assert site.requests("GET", "/")
    assert not [r for r in site.requests("GET", "/") if "glpat" in r["query"]]


def test_a_personal_token_works_as_a_bearer_too(site):
    token = "glpat-sandbox-admin"
    outcome = site.read("users", private_token=None, oauth_access_token=token)
    assert outcome.status == 0, outcome.log
    assert outcome.records("users")


def test_a_job_token_opens_releases_and_jobs_of_projects_known_by_id(site):
    config = {"private_token": None, "job_token": "glcbt-sandbox-job", "groups": None}
    outcome = site.run(projects="26 28", **config)
    assert outcome.status == 0, outcome.log
    assert len(outcome.records("releases")) == 24
    assert {row["project_id"] for row in outcome.records("jobs")} == {26, 28}
    refused = site.run(projects="brightloom/core", **config)
    assert refused.status == 2
    assert "by numeric id" in refused.log


def test_a_token_without_read_api_is_told_what_it_lacks(site):
    outcome = site.read("issues", private_token="glpat-sandbox-ping-only")
    assert outcome.status == 2
    assert "lacks the scope read_api" in outcome.log


def test_a_token_that_ends_soon_is_warned_about(site):
    site.serve_as(token_expires_on="2018-02-05")
    outcome = site.read("users")
    assert outcome.status == 0, outcome.log
    assert "ends on 2018-02-05" in outcome.log


def test_all_missing_groups_and_projects_are_told_at_once(site):
    given = {"groups": "brightloom gone/group", "projects": "brightloom/core 4711"}
    outcome = site.read("issues", **given)
    assert outcome.status == 2
    assert "group gone/group, project 4711" in outcome.log
    tolerant = site.read("issues", ignore_missing=True, **given)
    assert tolerant.status == 0, tolerant.log
    assert "group gone/group, project 4711" in tolerant.log
    assert tolerant.records("issues")


def test_settings_may_come_from_the_environment(site, monkeypatch):
    catalog = site.write("catalog", site.select("issues"))
    monkeypatch.setenv("TAP_GITLAB_API_URL", site.settings["api_url"])
    monkeypatch.setenv("TAP_GITLAB_PRIVATE_TOKEN", "glpat-sandbox-admin")
    monkeypatch.setenv("TAP_GITLAB_GROUPS", "brightloom old-tracker")
    monkeypatch.setenv("TAP_GITLAB_START_DATE", "2017-01-01")
    monkeypatch.setenv("TAP_GITLAB_PAGE_SIZE", "50")
    outcome = site.run_with(["--config=ENV", "--catalog", catalog])
    assert outcome.status == 0, outcome.log
    assert outcome.records("issues")
