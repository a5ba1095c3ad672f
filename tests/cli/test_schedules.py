"""Schedules are checked, listed, run, and written as other programs read them."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.conftest import Toy


@pytest.fixture
def scheduled(folder: Toy) -> Toy:
    """Give a project with two taps and two schedules."""
    folder.tap("tap-b")
    folder.document["jobs"]["nightly"] = {"taps": ["tap-toy", "tap-b"]}
    folder.document["schedules"] = {
        "nightly": {"job": "nightly", "cron": "30 3 * * 1-5"},
        "often": {"job": "default", "cron": "*/20 * * * *"},
    }
    folder.write()
    return folder


def export(toy: Toy, kind: str, *words: str) -> str:
    done = toy.run(
        *("schedule", "export", kind, *words),
        *("--directory", "/srv/my acme", "--bizops", "/opt/b/bizops", "-e", "dev"),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_they_are_listed_with_when_they_come_next(scheduled: Toy) -> None:
    found = json.loads(scheduled.run("schedule", "list", "--json").stdout)
    assert [s["name"] for s in found] == ["nightly", "often"]
    assert found[0]["next_at"][11:16] == "03:30"
    assert "*/20 * * * *" in scheduled.run("schedule", "list").stdout


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ({"job": "default", "cron": "0 25 * * *"}, "'25' is no hour of a cron line"),
        ({"job": "default", "cron": "0 3 * *"}, "has 4 fields, not 5"),
        ({"job": "default", "cron": "0 3 * * *", "timezone": "Mars"}, "no time zone"),
        ({"job": "dfault", "cron": "0 3 * * *"}, "Did you mean 'default'?"),
    ],
)
def test_a_wrong_schedule_is_found_with_its_line(
    folder: Toy, schedule: dict, message: str
) -> None:
    folder.document["jobs"]["nightly"] = {}
    folder.document["schedules"] = {"bad": schedule}
    folder.write()
    done = folder.run("check")
    assert done.returncode == 2
    assert "bizops.yml" in done.stdout
    assert message in done.stdout


def test_cron_gets_a_line_per_schedule(scheduled: Toy) -> None:
    lines = [x for x in export(scheduled, "cron").splitlines() if x[0] != "#"]
    assert lines == [
        "CRON_TZ=UTC",
        "30 3 * * 1-5  cd '/srv/my acme' && /opt/b/bizops -e dev elt run --job nightly",
        "CRON_TZ=UTC",
        "*/20 * * * *  cd '/srv/my acme' && /opt/b/bizops -e dev elt run --job default",
    ]


def test_systemd_gets_a_service_and_a_timer(scheduled: Toy) -> None:
    text = export(scheduled, "systemd", "nightly")
    assert "OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 03:30:00 UTC\n" in text
    assert "ExecStart=/opt/b/bizops -e dev elt run --job nightly\n" in text
    assert "WorkingDirectory=/srv/my acme\n" in text
    assert "often" not in text
    program = shutil.which("systemd-analyze")
    for line in text.splitlines():
        if line.startswith("OnCalendar=") and program is not None:
            calendar = line.removeprefix("OnCalendar=")
            subprocess.run(
                [program, "calendar", calendar], capture_output=True, check=True
            )


def test_gitlab_and_github_get_yaml_they_can_read(scheduled: Toy) -> None:
    jobs = yaml.safe_load(export(scheduled, "gitlab-ci"))
    assert set(jobs) == {"bizops-nightly", "bizops-often"}
    job = jobs["bizops-nightly"]
    assert job["rules"] == [{"if": '$BIZOPS_SCHEDULE == "nightly"'}]
    assert job["script"][1].endswith("elt run --job nightly --log-format json")
    text = export(scheduled, "github")
    assert not re.search(r"[&*]id\d", text), "these programs know no anchors"
    flow = yaml.safe_load(text)
    assert flow["permissions"] == {"contents": "read"}
    assert flow["on"]["schedule"] == [
        {"cron": "30 3 * * 1-5"},
        {"cron": "*/20 * * * *"},
    ]
    assert flow["jobs"]["often"]["steps"][-1]["run"].endswith("--job default")


def test_github_refuses_another_clock_than_utc(scheduled: Toy) -> None:
    scheduled.document["schedules"]["nightly"]["timezone"] = "Europe/Berlin"
    scheduled.write()
    done = scheduled.run("schedule", "export", "github")
    assert done.returncode == 2
    assert "GitHub reads cron lines in UTC" in done.stderr
    assert "CRON_TZ=Europe/Berlin" in export(scheduled, "cron")


def commands(code: str) -> list[str]:
    return [
        node.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("/opt/b/bizops -e dev")
    ]


@pytest.mark.parametrize("kind", ["airflow", "luigi"])
def test_orchestrators_get_a_task_per_tap_and_then_the_models(
    scheduled: Toy, kind: str
) -> None:
    code = export(scheduled, kind, "nightly")
    head = "/opt/b/bizops -e dev elt run --job nightly "
    assert commands(code) == [
        f"{head}tap-toy --only el",
        f"{head}tap-b --only el",
        f"{head}--only t",
    ]


def test_luigi_is_told_to_fail_when_a_task_does(scheduled: Toy) -> None:
    text = export(scheduled, "luigi", "nightly")
    assert "NightlyTransform --local-scheduler --retcode-task-failed 1" in text


def test_a_schedule_is_run_by_its_name(toy: Toy) -> None:
    toy.document["jobs"]["nightly"] = {"taps": ["tap-toy"], "transform": "none"}
    toy.document["schedules"] = {"night": {"job": "nightly", "cron": "@daily"}}
    toy.write()
    done = toy.run("schedule", "run", "night", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["job"] == "nightly"
    assert "Did you mean 'night'?" in toy.run("schedule", "run", "nigth").stderr


def test_a_file_is_written_where_it_is_wanted(scheduled: Toy) -> None:
    done = scheduled.run("schedule", "export", "airflow", "--out", "dags.py")
    assert done.returncode == 0, done.stderr
    code = (scheduled.directory / "dags.py").read_text()
    compile(code, "dags.py", "exec")
    assert "bin/bizops -e dev" in code
