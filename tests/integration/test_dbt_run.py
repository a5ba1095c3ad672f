"""dbt inside this process, on a small project and a real PostgreSQL."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from bizops_cli.dbt.build import DbtProgress, DbtRequest, DbtResult, run_dbt
from bizops_cli.errors import LockedError, TransformError, UnreachableError
from bizops_cli.warehouse.dsn import parse_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import LimitedRole, Machine

PROJECT = """\
name: tiny
version: "1.0"
profile: someone_elses
model-paths: [models]
seed-paths: [seeds]
models: {+materialized: table}
"""
FILES = {
    "dbt_project.yml": PROJECT,
    "models/first.sql": "select {{ var('answer', 1) }} as answer",
    "models/second.sql": "select answer + 1 as answer from {{ ref('first') }}",
    "seeds/colours.csv": "name\nred\nblue\n",
    "models/tests.yml": """\
models:
  - name: first
    columns:
      - name: answer
        data_tests: [not_null]
unit_tests:
  - name: never_run
    model: first
    given: []
    expect: {rows: [{answer: 99}]}
""",
}


@dataclass(frozen=True)
class Project:
    """A small dbt project and where it works."""

    request: DbtRequest

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            file = self.request.project_directory / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def run(self, **changes: object) -> DbtResult:
        return run_dbt(replace(self.request, **changes), on_progress=lambda _: None)


@pytest.fixture
def project(tmp_path: Path, limited_role: LimitedRole) -> Project:
    """Give a small project, run by a role with few rights and an odd password."""
    made = Project(
        DbtRequest(
            project_directory=tmp_path / "a project",
            work_directory=tmp_path / "work",
            address=parse_address(limited_role.url),
        )
    )
    made.write(FILES)
    return made


def statuses(result: DbtResult) -> dict[str, str]:
    return {item.unique_id: item.status for item in result.results}


def test_a_build_gives_each_nodes_result(
    project: Project, fresh_database: str, machine: Machine
) -> None:
    result = project.run(vars={"answer": 41})
    assert result.is_success
    by_name = {key.split(".")[2]: status for key, status in statuses(result).items()}
    assert by_name == {
        "first": "success",
        "second": "success",
        "colours": "success",
        "not_null_first_answer": "pass",
    }
    assert {item.resource_type for item in result.results} == {"model", "seed", "test"}
    rows = {item.unique_id: item.rows_affected for item in result.results}
    assert rows["model.tiny.second"] == 1
    assert rows["seed.tiny.colours"] == 2
    found = machine.query(fresh_database, "select answer from analytics.second")
    assert found == [(42,)]


def test_progress_is_told_at_the_start_and_end_of_each_node(project: Project) -> None:
    told: list[DbtProgress] = []
    run_dbt(project.request, on_progress=told.append)
    ended = [item for item in told if item.event == "finished"]
    assert len(told) == 2 * len(ended) == 8
    assert [item.finished for item in ended] == [1, 2, 3, 4]
    assert {item.total for item in ended} == {4}
    assert {item.name for item in told} >= {"first", "second", "colours"}
    assert all(item.duration_s >= 0 for item in ended)
    assert {item.status for item in ended} == {"success", "pass"}


def test_run_and_test_do_only_their_part(project: Project) -> None:
    run = project.run(command="run")
    assert {item.resource_type for item in run.results} == {"model", "seed"}
    test = project.run(command="test")
    assert {item.resource_type for item in test.results} == {"test"}


def test_a_selection_runs_what_it_names(project: Project) -> None:
    result = project.run(select=("+second",), command="run")
    assert set(statuses(result)) == {"model.tiny.first", "model.tiny.second"}


def test_a_failing_model_is_a_result_and_what_follows_is_skipped(
    project: Project,
) -> None:
    project.write({"models/first.sql": "select 1 / 0 as answer"})
    result = project.run()
    assert not result.is_success
    assert statuses(result)["model.tiny.first"] == "error"
    assert statuses(result)["model.tiny.second"] == "skipped"
    (failed,) = [i for i in result.results if i.unique_id == "model.tiny.first"]
    assert "division by zero" in failed.message


def test_a_failing_data_test_is_no_success(project: Project) -> None:
    project.write({"models/first.sql": "select null::int as answer"})
    result = project.run()
    assert not result.is_success
    assert "fail" in statuses(result).values()


def test_a_warning_is_still_a_success(project: Project) -> None:
    warning = FILES["models/tests.yml"].replace(
        "[not_null]", "[{not_null: {config: {severity: warn}}}]"
    )
    project.write(
        {
            "models/first.sql": "select null::int as answer",
            "models/tests.yml": warning,
        }
    )
    result = project.run()
    assert result.is_success
    assert "warn" in statuses(result).values()


def test_neither_message_nor_log_holds_values_of_rows(project: Project) -> None:
    project.write(
        {
            "models/first.sql": "{{ config(post_hook='create unique index on {{ this }}"
            " (email)') }} select 1 as answer, 'canary@row' as email"
            " union all select 2, 'canary@row'"
        }
    )
    result = project.run(select=("first",), command="run")
    assert "could not create unique index" in result.results[0].message
    assert "canary" not in result.results[0].message
    log = project.request.log_path.read_text()
    assert "could not create unique index" in log
    assert "canary" not in log


def test_an_empty_selection_is_an_error(project: Project) -> None:
    with pytest.raises(TransformError, match="nothing to do") as raised:
        project.run(select=("no_such_model",))
    assert raised.value.context["select"] == "no_such_model"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"models/first.sql": "select {{ ref('missing') }}"}, "missing"),
        ({"models/first.sql": "select {{ oops"}, "first"),
        ({"models/tests.yml": "models: {"}, "tests.yml"),
        ({"dbt_project.yml": "name: [x"}, "line 1, column 7"),
    ],
)
def test_a_project_dbt_cannot_read_is_an_error_with_dbts_words(
    project: Project, files: dict[str, str], said: str
) -> None:
    project.write(files)
    with pytest.raises(TransformError, match="could not start") as raised:
        project.run()
    assert said in str(raised.value.context["dbt"])
    assert not list(project.request.work_directory.glob("profiles-*"))


def test_a_folder_without_a_project_is_an_error(
    project: Project, tmp_path: Path
) -> None:
    with pytest.raises(TransformError, match="could not start"):
        project.run(project_directory=tmp_path)


def test_a_warehouse_that_is_gone_is_unreachable(project: Project) -> None:
    address = replace(project.request.address, port=1)
    with pytest.raises(UnreachableError, match="did not answer dbt"):
        project.run(address=address)


def test_the_terminal_stays_quiet_and_the_log_has_it_all(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    project.write({"models/first.sql": "{{ print('hello') }} select 1 as answer"})
    project.run()
    assert capfd.readouterr() == ("", "")
    assert "model analytics.second" in project.request.log_path.read_text()


def test_the_password_is_nowhere_after_the_run(
    project: Project, limited_role: LimitedRole, tmp_path: Path
) -> None:
    leftover = project.request.work_directory / "profiles-killed"
    leftover.mkdir(parents=True)
    (leftover / "profiles.yml").write_text(limited_role.password)
    project.run()
    secret = limited_role.password.encode()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [file for file in files if secret in file.read_bytes()] == []
    assert project.request.work_directory.stat().st_mode & 0o077 == 0


def test_while_dbt_works_only_the_owner_can_read_the_profile(
    project: Project,
) -> None:
    seen: list[int] = []

    def look(_: DbtProgress) -> None:
        (file,) = project.request.work_directory.glob("profiles-*/profiles.yml")
        seen.extend([file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777])

    run_dbt(project.request, on_progress=look)
    assert set(seen) == {0o600, 0o700}


def test_no_statistics_are_sent(project: Project) -> None:
    import dbt.tracking

    project.run()
    assert dbt.tracking.active_user.do_not_track


def test_the_second_run_parses_nothing_that_did_not_change(project: Project) -> None:
    project.run(vars={"answer": 1, "b": 2})
    parsed = project.request.target_directory / "partial_parse.msgpack"
    before = parsed.stat().st_mtime_ns
    log = project.request.log_path
    assert "Unable to do partial parsing" in log.read_text()
    result = project.run(vars={"b": 2, "answer": 1})
    assert result.is_success
    assert "Unable to do partial parsing" not in log.read_text()
    assert parsed.stat().st_mtime_ns == before


def test_a_changed_model_is_seen(
    project: Project, fresh_database: str, machine: Machine
) -> None:
    project.run()
    project.write({"models/first.sql": "select 100 as answer"})
    project.run()
    found = machine.query(fresh_database, "select answer from analytics.second")
    assert found == [(101,)]


def test_nothing_is_written_into_the_project_or_the_current_folder(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    project.run()
    directory = project.request.project_directory
    files = {str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_file()}
    assert files == set(FILES)
    assert list(here.iterdir()) == []
    assert Path.cwd() == here


def test_a_second_dbt_in_the_same_work_directory_is_refused(project: Project) -> None:
    project.run()
    with (project.request.work_directory / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LockedError, match="already running"):
            project.run()


def test_a_database_named_by_digits_is_found(
    project: Project, fresh_database: str, machine: Machine
) -> None:
    address = project.request.address
    name = str(time.monotonic_ns())
    machine.query(fresh_database, f'create database "{name}" owner {address.user}')
    try:
        result = project.run(address=replace(address, database=name))
        assert result.is_success
    finally:
        machine.query(fresh_database, f'drop database "{name}" with (force)')


def test_tls_settings_of_the_url_reach_dbt(project: Project) -> None:
    url = project.request.address.url
    query = "&" if urlsplit(url).query else "?"
    address = replace(
        project.request.address,
        url=f"{url.replace('sslmode=disable', '')}{query}sslmode=require",
    )
    with pytest.raises(UnreachableError) as raised:
        project.run(address=address)
    assert "SSL" in str(raised.value.context["dbt"])


_INTERRUPTED = """
import sys
from pathlib import Path
from bizops_cli.dbt.build import DbtRequest, run_dbt
from bizops_cli.warehouse.dsn import parse_address
project, work, url = sys.argv[1:]
request = DbtRequest(
    project_directory=Path(project), work_directory=Path(work),
    address=parse_address(url), command="run",
)
try:
    run_dbt(request, on_progress=lambda p: print(p.event, p.name, flush=True))
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_an_interrupt_cancels_the_queries_and_comes_out(
    project: Project,
    limited_role: LimitedRole,
    fresh_database: str,
    machine: Machine,
) -> None:
    project.write({"models/first.sql": "select 1 as answer from pg_sleep(60)"})
    request = project.request
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _INTERRUPTED,
            str(request.project_directory),
            str(request.work_directory),
            limited_role.url,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "started first\n"
    sleeping = (
        "select count(*) from pg_stat_activity"
        " where usename = %s and query like '%%pg_sleep(60)%%' and state = 'active'"
    )
    for _ in range(200):
        if machine.query(fresh_database, sleeping, limited_role.name) == [(1,)]:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert machine.query(fresh_database, sleeping, limited_role.name) == [(0,)]
    assert not list(request.work_directory.glob("profiles-*"))
