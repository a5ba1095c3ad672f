from __future__ import annotations

from datetime import date

import pytest

from bizops_sandbox.servers.gitlab.answers import Refused
from bizops_sandbox.servers.gitlab.budget import Budget
from bizops_sandbox.servers.gitlab.settings import Credentials
from bizops_sandbox.servers.gitlab.tokens import Tokens

ADMIN = "glpat-sandbox-admin"
REFRESH = {
    "grant_type": "refresh_token",
    "client_id": "sandbox-client-id",
    "client_secret": "sandbox-client-secret",
    "refresh_token": "sandbox-refresh-token",
}


def _token(gitlab, **form):
    return gitlab.client.post(f"{gitlab.base_url}/oauth/token", data=REFRESH | form)


def _bearer(gitlab, token, path="/version"):
    return gitlab.get(path, token=None, headers={"Authorization": f"Bearer {token}"})


def test_a_personal_token_works_as_header_of_its_own_and_as_bearer(gitlab):
    assert gitlab.get("/version").json()["version"]
    assert _bearer(gitlab, "glpat-sandbox-read").status_code == 200


@pytest.mark.parametrize("path", ["/version", "/groups", "/projects/1", "/users"])
def test_nobody_in_particular_gets_401(gitlab, path):
    for answer in (
        gitlab.get(path, token=None),
        gitlab.get(path, token="wrong"),
        gitlab.get(path, token=None, params={"private_token": "glpat-sandbox-read"}),
    ):
        assert answer.status_code == 401
        assert answer.json() == {"message": "401 Unauthorized"}


def test_public_places_may_be_open_to_everybody(gitlab):
    gitlab.set(allows_anonymous=True)
    assert gitlab.get("/groups", token=None).status_code == 200
    project = gitlab.get("/projects/brightloom%2Fcore", token=None)
    assert project.status_code == 200
    assert gitlab.get("/users", token=None).status_code == 401


def test_groups_page_by_keyset_of_the_name(gitlab):
    wanted = {"pagination": "keyset", "order_by": "name", "per_page": 1}
    names = [row["name"] for row in gitlab.rows("/groups", params=wanted)]
    assert names == ["Brightloom", "Labs", "Old tracker"]


@pytest.mark.parametrize(
    ("token", "why"),
    [("glpat-sandbox-expired", "expired"), ("glpat-sandbox-revoked", "revoked")],
)
def test_a_token_that_was_good_once_is_told_apart(gitlab, token, why):
    answer = gitlab.get("/version", token=token)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_token"
    assert why in answer.json()["error_description"]


def test_a_token_tells_its_scopes_and_its_end(gitlab):
    told = gitlab.get("/personal_access_tokens/self").json()
    assert told["scopes"] == ["read_api", "read_service_ping"]
    assert (told["active"], told["revoked"]) == (True, False)
    assert told["expires_at"] == "2018-12-31"
    gitlab.set(token_expires_on="2018-02-07")
    assert gitlab.get("/personal_access_tokens/self").json()["expires_at"] == (
        "2018-02-07"
    )


def test_a_token_without_the_scope_is_refused_with_the_scope(gitlab):
    answer = gitlab.get("/groups", token="glpat-sandbox-ping-only")
    assert answer.status_code == 403
    assert answer.json()["error"] == "insufficient_scope"
    assert "read_api" in answer.json()["scope"]
    own = gitlab.get("/personal_access_tokens/self", token="glpat-sandbox-ping-only")
    assert own.status_code == 200


def test_a_job_token_reaches_a_few_resources_only(gitlab):
    headers = {"JOB-TOKEN": "glcbt-sandbox-job"}
    path = "/projects/brightloom%2Fcore"
    open_to_it = gitlab.get(f"{path}/releases", token=None, headers=headers)
    assert open_to_it.status_code == 200
    assert gitlab.get(path, token=None, headers=headers).status_code == 401


def test_a_refresh_gives_a_new_pair_and_ends_the_old_one(gitlab):
    first = _token(gitlab).json()
    assert first["expires_in"] == 7_200
    assert first["token_type"] == "Bearer"
    assert _bearer(gitlab, first["access_token"], "/groups").status_code == 200
    again = _token(gitlab)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    second = _token(gitlab, refresh_token=first["refresh_token"]).json()
    assert _bearer(gitlab, first["access_token"]).status_code == 401
    assert _bearer(gitlab, second["access_token"]).status_code == 200


def test_an_access_token_ends_after_its_time():
    now_s = 100.0
    tokens = Tokens(Credentials(), monotonic=lambda: now_s)
    access_token, _ = tokens.refresh("sandbox-refresh-token", life_s=7_200)
    headers = {"authorization": f"Bearer {access_token}"}
    now_s += 7_199
    assert tokens.caller(headers, date(2018, 1, 31)).name == "oauth"
    now_s += 1
    with pytest.raises(Refused) as refused:
        tokens.caller(headers, date(2018, 1, 31))
    assert b"invalid_token" in refused.value.answer.body


def test_a_minute_of_the_budget_ends():
    now_s = 0.0
    budget = Budget(monotonic=lambda: now_s)
    for used in (1, 2, 3):
        standing = budget.spend("somebody", limit=2)
        assert (standing.used, standing.is_over) == (used, used > 2)
    now_s = 59.5
    assert budget.spend("somebody", limit=2).reset_after_s == 1
    now_s = 60.0
    assert not budget.spend("somebody", limit=2).is_over


def test_a_wrong_client_is_told(gitlab):
    answer = _token(gitlab, client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    odd = _token(gitlab, grant_type="password")
    assert odd.json()["error"] == "unsupported_grant_type"


def test_a_token_expires_in_the_middle(gitlab):
    token = _token(gitlab).json()["access_token"]
    gitlab.arm({"fault": "token_expired", "after": 1})
    path = "/groups/brightloom/merge_requests"
    codes = [_bearer(gitlab, token, path).status_code for _ in range(3)]
    assert codes == [200, 401, 401]


def test_a_refused_refresh(gitlab):
    gitlab.arm({"fault": "refresh_rejected"})
    assert _token(gitlab).json()["error"] == "invalid_grant"
    assert _token(gitlab).status_code == 200


def test_what_is_not_there_is_named(gitlab):
    for path, told in (
        ("/groups/nobody", "404 Group Not Found"),
        ("/groups/9999", "404 Group Not Found"),
        ("/projects/nobody%2Fnothing", "404 Project Not Found"),
        ("/users/9999", "404 User Not Found"),
    ):
        answer = gitlab.get(path)
        assert (answer.status_code, answer.json()) == (404, {"message": told})
    assert gitlab.get("/nothing").json() == {"error": "404 Not Found"}


def test_a_private_project_is_there_for_those_who_may_see_it(gitlab):
    path = "/projects/brightloom%2Flabs%2Fvault"
    assert gitlab.get(path).status_code == 404
    assert gitlab.get(path, token=ADMIN).json()["visibility"] == "private"
    for token, is_there in (("glpat-sandbox-read", False), (ADMIN, True)):
        rows = gitlab.rows(
            "/groups/brightloom/projects",
            token=token,
            params={"include_subgroups": True},
        )
        assert ("vault" in {row["path"] for row in rows}) == is_there


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_switched_off_is_refused_either_way(gitlab, status):
    gitlab.set(disabled_status=status)
    base = "/projects/brightloom%2Flabs%2Fswitched-off"
    for part in ("repository/commits", "issues", "merge_requests", "pipelines"):
        assert gitlab.get(f"{base}/{part}").status_code == status
    assert gitlab.get(base).json()["issues_access_level"] == "disabled"


def test_an_empty_repository_answers_either_way(gitlab):
    path = "/projects/brightloom%2Flabs%2Fempty/repository/commits"
    missing = gitlab.get(path)
    assert missing.status_code == 404
    assert missing.json() == {"message": "404 Repository Not Found"}
    gitlab.set(empty_repository="list")
    assert gitlab.get(path).json() == []


def test_secrets_of_a_project_are_for_maintainers(gitlab):
    path = "/projects/brightloom%2Fcore/variables"
    assert gitlab.get(path).status_code == 403
    assert gitlab.get(path, token=ADMIN).json()[0]["key"] == "DEPLOY_KEY"
    assert gitlab.get("/groups/brightloom").json()["runners_token"]


def test_dora_is_for_ultimate_and_epics_are_not_free(gitlab):
    dora = "/projects/brightloom%2Fcore/dora/metrics"
    wanted = {"metric": "deployment_frequency"}
    assert gitlab.get(dora, params=wanted).status_code == 403
    assert gitlab.get("/groups/brightloom/epics").status_code == 200
    gitlab.set(tier="free")
    assert gitlab.get("/groups/brightloom/epics").status_code == 403
    gitlab.set(missing_epics_status=404)
    assert gitlab.get("/groups/brightloom/epics").status_code == 404
    gitlab.set(tier="ultimate")
    assert gitlab.get(dora).json() == {"error": "metric is missing"}
    assert gitlab.get(dora, params=wanted).status_code == 200


def test_limits_are_told_and_kept(gitlab):
    gitlab.set(requests_per_minute=5)
    gitlab.control("DELETE", "/requests")
    left = [int(gitlab.get("/version").headers["RateLimit-Remaining"]) for _ in "12345"]
    assert left == [4, 3, 2, 1, 0]
    refused = gitlab.get("/version")
    assert (refused.status_code, refused.text) == (429, "Retry later\n")
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    for name in ("Limit", "Name", "Observed", "Reset", "ResetTime"):
        assert refused.headers[f"RateLimit-{name}"]
    # Another caller has a minute of its own.
    assert gitlab.get("/version", token=ADMIN).status_code == 200


def test_single_endpoints_have_limits_of_their_own(gitlab):
    gitlab.set(application_limits_percent=1)
    gitlab.control("DELETE", "/requests")
    codes = [gitlab.get("/groups").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    refused = gitlab.get("/groups")
    assert "too many times" in refused.json()["message"]["error"]
    assert int(refused.headers["RateLimit-Remaining"]) > 1_900
    assert gitlab.get("/version").status_code == 200
