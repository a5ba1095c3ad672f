from __future__ import annotations

from datetime import datetime

import pytest

ADMIN = "glpat-sandbox-admin"
CORE = "/projects/brightloom%2Fcore"


def _same_shape(real, ours, place=""):
    """Every field of a real answer is in ours, with the same type unless null."""
    for name, value in real.items():
        where = f"{place}.{name}"
        assert name in ours, f"{where} is missing"
        mine = ours[name]
        if value is None or mine is None:
            continue
        assert type(mine) is type(value), where
        if isinstance(value, dict) and value:
            _same_shape(value, mine, where)
        if isinstance(value, list) and value and mine and isinstance(value[0], dict):
            _same_shape(value[0], mine[0], where)


def test_a_list_of_merge_requests_has_the_recorded_shape(gitlab, recorded_gitlab):
    real = recorded_gitlab("get_merge_requests.json")
    rows = gitlab.rows("/groups/brightloom/merge_requests", params={"per_page": 100})
    for row in rows[:5]:
        _same_shape(real[0], row)


def test_a_single_merge_request_has_the_recorded_shape(gitlab, recorded_gitlab):
    real = recorded_gitlab("get_merge_request.json")
    ours = gitlab.get(f"{CORE}/merge_requests/5").json()
    assert ours["head_pipeline"]["id"] == ours["pipeline"]["id"]
    _same_shape(real, ours)


def test_a_commit_has_the_recorded_shape(gitlab, recorded_gitlab):
    head = gitlab.get(f"{CORE}/repository/commits").json()[0]["id"]
    ours = gitlab.get(f"{CORE}/repository/commits/{head}").json()
    _same_shape(recorded_gitlab("get_commit.json"), ours)


def test_branches_have_the_recorded_shape(gitlab, recorded_gitlab):
    real = recorded_gitlab("list_branches.json")
    rows = gitlab.rows(f"{CORE}/repository/branches", params={"per_page": 100})
    by_name = {row["name"]: row for row in rows}
    assert by_name["master"]["default"]
    assert by_name["8-1-stable"]["protected"]
    _same_shape(real[0], by_name["master"])


def test_users_have_the_recorded_shape_for_everybody_and_for_administrators(
    gitlab, recorded_gitlab
):
    everybody = gitlab.get("/users/2").json()
    _same_shape(recorded_gitlab("get_user.json"), everybody)
    assert "email" not in everybody
    admin = gitlab.get("/users/2", token=ADMIN).json()
    _same_shape(recorded_gitlab("get_user_admin.json"), admin)
    listed = gitlab.get("/users").json()[0]
    assert "email" not in listed
    assert gitlab.get("/users", token=ADMIN).json()[0]["email"]


def test_groups_and_projects_are_found_by_id_and_by_path(gitlab):
    for kind, path in (
        ("groups", "brightloom%2Flabs"),
        ("projects", "brightloom%2Fcore"),
    ):
        by_path = gitlab.get(f"/{kind}/{path}").json()
        assert gitlab.get(f"/{kind}/{by_path['id']}").json() == by_path


def test_subgroups_and_their_projects_come_when_asked_for(gitlab):
    assert [g["path"] for g in gitlab.get("/groups/brightloom/subgroups").json()] == [
        "labs"
    ]
    flat = gitlab.rows("/groups/brightloom/projects")
    assert {row["path"] for row in flat} == {"core", "runner", "handbook"}
    deep = gitlab.rows(
        "/groups/brightloom/projects", params={"include_subgroups": "true"}
    )
    assert {"attic", "empty", "switched-off", "tools"} < {row["path"] for row in deep}
    archived = gitlab.rows(
        "/groups/brightloom/projects",
        params={"include_subgroups": "true", "archived": "true"},
    )
    assert [row["path"] for row in archived] == ["attic"]


def test_statistics_are_there_when_asked_for_and_simple_drops_them(gitlab):
    path = "/groups/brightloom/projects"
    assert "statistics" not in gitlab.get(path).json()[0]
    row = gitlab.get(path, params={"statistics": "true"}).json()[0]
    assert row["statistics"]["commit_count"] > 0
    assert "archived" not in gitlab.get(path, params={"simple": "true"}).json()[0]


def test_a_group_tells_its_projects_unless_asked_not_to(gitlab):
    assert len(gitlab.get("/groups/brightloom").json()["projects"]) == 3
    bare = gitlab.get("/groups/brightloom", params={"with_projects": "false"})
    assert "projects" not in bare.json()


@pytest.mark.parametrize("kind", ["issues", "merge_requests"])
def test_updates_since_a_moment_come_in_order(gitlab, kind):
    path = f"/groups/brightloom/{kind}"
    everything = gitlab.rows(path, params={"per_page": 100})
    since = sorted(row["updated_at"] for row in everything)[len(everything) // 2]
    wanted = {
        "updated_after": since,
        "order_by": "updated_at",
        "sort": "asc",
        "per_page": 40,
        "scope": "all",
        "state": "all",
    }
    rows = gitlab.rows(path, params=wanted)
    stamps = [row["updated_at"] for row in rows]
    assert stamps == sorted(stamps)
    assert stamps[0] == since
    assert {row["id"] for row in rows} == {
        row["id"] for row in everything if row["updated_at"] >= since
    }


def test_the_group_lists_what_its_projects_list(gitlab):
    group = gitlab.rows("/groups/brightloom/merge_requests", params={"per_page": 100})
    found = []
    for project in gitlab.rows("/groups/brightloom/projects"):
        path = f"/projects/{project['id']}/merge_requests"
        found += gitlab.rows(path, params={"per_page": 100})
    assert {row["id"] for row in found} == {row["id"] for row in group}


def test_ones_own_merge_requests_are_none_but_all_are_all(gitlab):
    assert gitlab.get("/merge_requests").json() == []
    total = gitlab.get("/merge_requests", params={"scope": "all"}).headers["X-Total"]
    assert total == gitlab.get("/groups/brightloom/merge_requests").headers["X-Total"]


def test_labels_can_be_given_in_full(gitlab):
    path = "/groups/brightloom/issues"
    plain = gitlab.get(path, params={"labels": "bug"}).json()[0]
    assert "bug" in plain["labels"]
    full = gitlab.get(path, params={"with_labels_details": "true"}).json()[0]
    assert full["labels"][0]["color"].startswith("#")
    assert gitlab.get(path, params={"labels": "no such"}).json() == []


def test_a_merge_request_has_commits_notes_events_and_approvals(gitlab):
    merged = gitlab.rows(f"{CORE}/merge_requests", params={"state": "merged"})
    change = merged[-1]
    base = f"{CORE}/merge_requests/{change['iid']}"
    commits = gitlab.rows(f"{base}/commits")
    assert commits[0]["id"] == change["sha"]
    opened = datetime.fromisoformat(change["created_at"])
    assert all(datetime.fromisoformat(r["committed_date"]) < opened for r in commits)
    notes = gitlab.rows(f"{base}/notes", params={"sort": "asc"})
    stamps = [row["created_at"] for row in notes]
    assert stamps == sorted(stamps)
    assert len([n for n in notes if not n["system"]]) == change["user_notes_count"]
    events = gitlab.get(f"{base}/resource_state_events").json()
    assert [event["state"] for event in events] == ["merged"]
    assert events[0]["created_at"] == change["merged_at"]
    given = gitlab.get(f"{base}/approvals").json()["approved_by"]
    assert given[0]["user"]["id"] != change["author"]["id"]


def test_a_merged_change_names_its_commit_one_way_or_the_other(gitlab):
    rows = gitlab.rows(
        f"{CORE}/merge_requests", params={"state": "merged", "per_page": 100}
    )
    shas = {
        row["id"]
        for row in gitlab.rows(f"{CORE}/repository/commits", params={"per_page": 100})
    }
    kinds = set()
    for row in rows:
        pair = row["merge_commit_sha"], row["squash_commit_sha"]
        assert pair.count(None) == 1
        assert set(pair) & shas
        kinds.add(row["squash"])
    assert kinds == {True, False}


def test_a_picked_commit_says_where_it_comes_from(gitlab):
    rows = gitlab.rows(f"{CORE}/merge_requests", params={"per_page": 100})
    picked = [
        row
        for row in rows
        if any(label.startswith("Pick into") for label in row["labels"])
    ]
    change = picked[0]
    label = next(name for name in change["labels"] if name.startswith("Pick into"))
    branch = f"{label.removeprefix('Pick into ').replace('.', '-')}-stable"
    sha = change["merge_commit_sha"] or change["squash_commit_sha"]
    messages = [
        row["message"]
        for row in gitlab.rows(
            f"{CORE}/repository/commits", params={"ref_name": branch, "per_page": 100}
        )
    ]
    assert any(f"(cherry picked from commit {sha})" in text for text in messages)


def test_commits_are_filtered_by_committed_date_and_carry_lines_when_asked(gitlab):
    path = f"{CORE}/repository/commits"
    everything = gitlab.rows(path, params={"per_page": 100, "all": "true"})
    assert "stats" not in everything[0]
    dates = [datetime.fromisoformat(row["committed_date"]) for row in everything]
    assert dates == sorted(dates, reverse=True)
    # Authors' machines stand in several zones.
    assert len({date.utcoffset() for date in dates}) > 2
    middle = everything[len(everything) // 2]["committed_date"].replace("+", "%2B")
    url = f"{gitlab.api}{path}?all=true&per_page=100&with_stats=true&since={middle}"
    since = gitlab.rows(url)
    assert len(since) < len(everything)
    assert since[0]["stats"]["total"] == (
        since[0]["stats"]["additions"] + since[0]["stats"]["deletions"]
    )
    until = gitlab.rows(f"{gitlab.api}{path}?all=true&per_page=100&until={middle}")
    assert len(since) + len(until) >= len(everything)
    assert len(gitlab.rows(path, params={"per_page": 100})) < len(everything)


def test_releases_and_tags_go_together(gitlab):
    releases = gitlab.rows(f"{CORE}/releases", params={"per_page": 100})
    tags = gitlab.rows(f"{CORE}/repository/tags", params={"per_page": 100})
    assert len(releases) == 24
    assert {r["tag_name"]: r["commit"]["id"] for r in releases} == {
        t["name"]: t["target"] for t in tags
    }
    stamps = [row["released_at"] for row in releases]
    assert stamps == sorted(stamps, reverse=True)
    of_group = gitlab.rows("/groups/brightloom/releases", params={"per_page": 100})
    assert len(of_group) == 24
    one = gitlab.get(f"{CORE}/releases/{releases[0]['tag_name']}").json()
    assert one == releases[0]


def test_pipelines_have_their_times_only_when_asked_one_by_one(gitlab):
    rows = gitlab.rows(f"{CORE}/pipelines", params={"per_page": 100})
    assert [row["id"] for row in rows] == sorted(
        (row["id"] for row in rows), reverse=True
    )
    done = next(row for row in rows if row["status"] == "success")
    assert "duration" not in done
    detail = gitlab.get(f"{CORE}/pipelines/{done['id']}").json()
    started, finished = (
        datetime.fromisoformat(detail[name]) for name in ("started_at", "finished_at")
    )
    assert detail["duration"] == (finished - started).total_seconds() > 0
    assert float(detail["coverage"]) > 50
    assert detail["updated_at"] == detail["finished_at"]
    jobs = gitlab.rows(f"{CORE}/pipelines/{done['id']}/jobs")
    assert {job["pipeline"]["id"] for job in jobs} == {done["id"]}


def test_pipelines_since_a_moment_come_in_the_order_of_updates(gitlab):
    wanted = {
        "updated_after": "2017-10-01T00:00:00Z",
        "order_by": "updated_at",
        "sort": "asc",
        "per_page": 100,
    }
    stamps = [
        row["updated_at"] for row in gitlab.rows(f"{CORE}/pipelines", params=wanted)
    ]
    assert stamps == sorted(stamps)
    assert stamps[0] >= "2017-10-01"


def test_jobs_come_the_newest_first_and_ids_follow_creation(gitlab):
    rows = gitlab.rows(
        f"{CORE}/jobs",
        params={"pagination": "keyset", "per_page": 100, "sort": "desc"},
    )
    created = [row["created_at"] for row in rows]
    assert created == sorted(created, reverse=True)
    failed = gitlab.rows(f"{CORE}/jobs", params={"scope[]": "failed", "per_page": 100})
    assert {row["failure_reason"] for row in failed} == {"script_failure"}


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        (
            {"updated_after": "2018-01-01T00:00:00Z"},
            "`updated_at` filter and `updated_at` sorting must be paired",
        ),
        (
            {"finished_after": "2018-01-01T00:00:00Z", "order_by": "finished_at"},
            "`finished_at` filter must be combined with `success` status filter.",
        ),
        (
            {"finished_after": "2018-01-01T00:00:00Z", "status": "success"},
            "`finished_at` filter and `finished_at` sorting must be paired",
        ),
    ],
)
def test_filters_of_deployments_go_with_their_order_only(gitlab, params, problem):
    answer = gitlab.get(f"{CORE}/deployments", params=params)
    assert answer.status_code == 400
    assert answer.json() == {"message": f"400 Bad request - {problem}"}


def test_deployments_lead_from_a_merge_to_an_environment(gitlab):
    wanted = {"order_by": "updated_at", "sort": "asc", "per_page": 100}
    rows = gitlab.rows(f"{CORE}/deployments", params=wanted)
    stamps = [row["updated_at"] for row in rows]
    assert stamps == sorted(stamps)
    assert {row["environment"]["name"] for row in rows} == {"staging", "production"}
    merged = {
        row["merge_commit_sha"] or row["squash_commit_sha"]: row["merged_at"]
        for row in gitlab.rows(f"{CORE}/merge_requests", params={"per_page": 100})
    }
    last = rows[-1]
    assert merged[last["sha"]] < last["deployable"]["finished_at"]
    finished = gitlab.rows(
        f"{CORE}/deployments",
        params={
            "order_by": "finished_at",
            "status": "success",
            "finished_after": "2017-12-01T00:00:00Z",
        },
    )
    assert all(row["deployable"]["finished_at"] >= "2017-12-01" for row in finished)
    names = [row["name"] for row in gitlab.get(f"{CORE}/environments").json()]
    assert names == ["staging", "production"]


def test_dora_counts_deployments_by_day(gitlab):
    gitlab.set(tier="ultimate")
    wanted = {
        "metric": "deployment_frequency",
        "start_date": "2017-11-01",
        "end_date": "2017-11-30",
    }
    rows = gitlab.get(f"{CORE}/dora/metrics", params=wanted).json()
    assert [rows[0]["date"], rows[-1]["date"]] == ["2017-11-01", "2017-11-30"]
    made = gitlab.rows(
        f"{CORE}/deployments",
        params={"environment": "production", "per_page": 100},
    )
    in_november = [
        row for row in made if "2017-11-01" <= row["updated_at"][:10] <= "2017-11-30"
    ]
    assert sum(row["value"] for row in rows) == len(in_november) > 0
    lead = gitlab.get(
        "/groups/brightloom/dora/metrics",
        params=wanted | {"metric": "lead_time_for_changes", "interval": "all"},
    ).json()
    assert lead[0]["value"] > 60
    long = gitlab.get(
        f"{CORE}/dora/metrics", params=wanted | {"start_date": "2017-01-01"}
    )
    assert long.status_code == 400


def test_events_take_whole_days_exclusively(gitlab):
    wanted = {"after": "2017-11-01", "before": "2017-12-01", "per_page": 100}
    rows = gitlab.rows(f"{CORE}/events", params=wanted)
    days = {row["created_at"][:10] for row in rows}
    assert min(days) >= "2017-11-02"
    assert max(days) <= "2017-11-30"
    assert {"opened", "accepted", "commented on"} <= {
        row["action_name"] for row in rows
    }


def test_members_are_inherited(gitlab):
    assert gitlab.get(f"{CORE}/members").json() == []
    inherited = gitlab.rows(f"{CORE}/members/all", params={"per_page": 100})
    direct = gitlab.rows("/groups/brightloom/members", params={"per_page": 100})
    assert {row["id"] for row in inherited} == {row["id"] for row in direct}
    levels = {row["username"]: row["access_level"] for row in inherited}
    assert levels["root"] == 50
    assert levels["ci-bot"] == 20


def test_milestones_labels_and_epics_are_the_groups(gitlab):
    milestones = gitlab.rows("/groups/brightloom/milestones", params={"per_page": 100})
    assert len(milestones) == 24
    assert milestones[0]["title"] == "2018-01"
    assert gitlab.get(f"{CORE}/milestones").json() == []
    (own,) = gitlab.get("/projects/brightloom%2Fhandbook/milestones").json()
    assert (own["title"], own["project_id"]) == ("First edition", 28)
    labels = {row["name"] for row in gitlab.rows(f"{CORE}/labels")}
    assert {"bug", "feature"} <= labels
    counted = gitlab.get("/groups/brightloom/labels", params={"with_counts": "true"})
    bug = next(row for row in counted.json() if row["name"] == "bug")
    assert bug["closed_issues_count"] > bug["open_issues_count"]
    epics = gitlab.rows("/groups/brightloom/epics")
    issues = gitlab.rows(f"/groups/brightloom/epics/{epics[0]['iid']}/issues")
    assert {row["epic_iid"] for row in issues} == {epics[0]["iid"]}
    assert gitlab.get("/groups/brightloom/epics/99/issues").status_code == 404


def test_contributors_and_languages(gitlab):
    rows = gitlab.rows(f"{CORE}/repository/contributors", params={"per_page": 100})
    counts = [row["commits"] for row in rows]
    assert counts == sorted(counts)
    shares = gitlab.get(f"{CORE}/languages").json()
    assert sum(shares.values()) == pytest.approx(100)


def test_a_moved_project_leads_on_by_301(gitlab):
    url = f"{gitlab.api}/projects/brightloom%2Ftools/repository/commits?per_page=5"
    headers = {"PRIVATE-TOKEN": "glpat-sandbox-read"}
    answer = gitlab.client.get(url, headers=headers, allow_redirects=False)
    assert answer.status_code == 301
    followed = gitlab.get(answer.headers["Location"])
    assert followed.status_code == 200
    assert answer.headers["Location"].endswith("/repository/commits?per_page=5")
    moved = gitlab.get("/projects/brightloom%2Ftools").json()
    assert moved["path_with_namespace"] == "brightloom/labs/tools"


def test_time_moves_projects_and_deletes_them(gitlab):
    spike = "/projects/brightloom%2Flabs%2Fspike"
    assert gitlab.get(spike).status_code == 404
    gitlab.move("2017-04-12")
    marked = gitlab.get(spike).json()
    assert marked["marked_for_deletion_on"] is not None
    gitlab.move("2016-06-30")
    assert gitlab.get(spike).json()["marked_for_deletion_on"] is None
    tools = gitlab.get("/projects/brightloom%2Ftools")
    assert tools.history == []
    assert tools.json()["path_with_namespace"] == "brightloom/tools"


def test_an_earlier_day_shows_less_and_the_same_ids(gitlab):
    path = "/groups/brightloom/merge_requests"
    later = {row["id"]: row for row in gitlab.rows(path, params={"per_page": 100})}
    gitlab.move("2017-06-30")
    assert "30 Jun 2017 23:59:59" in gitlab.get("/version").headers["Date"]
    earlier = gitlab.rows(path, params={"per_page": 100})
    assert 0 < len(earlier) < len(later)
    for row in earlier:
        assert row["created_at"] == later[row["id"]]["created_at"]
        assert row["updated_at"] <= later[row["id"]]["updated_at"] <= "2018-02"
        assert row["updated_at"] < "2017-07"
    reopened = [r for r in earlier if r["state"] != later[r["id"]]["state"]]
    assert {row["state"] for row in reopened} <= {"opened"}


def test_a_job_alone_is_the_job_of_the_list(gitlab):
    listed = gitlab.get(f"{CORE}/jobs").json()[0]
    assert gitlab.get(f"{CORE}/jobs/{listed['id']}").json() == listed
    assert gitlab.get(f"{CORE}/jobs/1").status_code == 404


def test_instances_that_customers_run_have_different_names(gitlab):
    answer = gitlab.client.get(f"{gitlab.base_url}/__sim/instances").json()
    assert len({entry["name"] for entry in answer}) == len(answer) > 0
