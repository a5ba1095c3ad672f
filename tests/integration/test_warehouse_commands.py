"""`bizops warehouse`, `state`, `metrics`: from the words typed to what is printed."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from bizops_cli.cli.main import run
from bizops_cli.ids import StateKey
from bizops_cli.state.postgres import write_state
from bizops_cli.warehouse.embedded import EmbeddedWarehouse
from bizops_cli.warehouse.refusals import connected
from bizops_cli.warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import LimitedRole, Machine

PROJECT = """\
version: 1
project: acme
default_environment: dev
taps:
  tap-a: {executable: tap-a}
  tap-b: {executable: tap-b}
target: {name: target-postgres}
transform: {vars: {fiscal_year_start_month: 2}}
jobs:
  default: {taps: [tap-a]}
"""
MARTS = """
create schema marts;
create schema seeds;
create table seeds.metric_definitions (metric_code text, name text, department text,
    formula text, unit text, direction text, kind text, origin text);
insert into seeds.metric_definitions values
    ('iacv', 'Incremental ACV', 'sales', 'Sum of it', 'USD', 'up', 'sum', 'x'),
    ('win_rate', 'Win rate', 'sales', 'Won / decided', 'ratio', 'up', 'ratio', 'x'),
    ('time_to_close', 'Time to close', 'sales', 'Median', 'days', 'down', 'median', '');
create table marts.mtr_metric_values (metric_code text, period_type text,
    period_start date, dimension_type text, dimension_id text,
    dimension_name text, numerator numeric, denominator numeric, value numeric,
    as_of_date date, is_mature boolean, quality_note text, sources text);
insert into marts.mtr_metric_values values
    ('iacv', 'all', '1970-01-01', 'total', 'all', 'all', 1234567.10, 1, 1234567.10,
        '2018-01-31', false, null, 'salesforce'),
    ('iacv', 'month', '2017-12-01', 'total', 'all', 'all', 12.5, 1, 12.5,
        '2018-01-31', true, null, 'salesforce'),
    ('iacv', 'month', '2018-01-01', 'total', 'all', 'all', -3, 1, -3,
        '2018-01-31', false, null, 'salesforce'),
    ('iacv', 'fiscal_quarter', '2017-11-01', 'channel', 'paid_search', 'paid_search',
        7, 1, 7, '2018-01-31', true, null, 'salesforce'),
    ('win_rate', 'all', '1970-01-01', 'total', 'all', 'all', 1, 3,
        0.33333333333333333333, '2018-01-31', false, null, 'salesforce'),
    ('time_to_close', 'all', '1970-01-01', 'total', 'all', 'all', 12, 40, 87.0,
        '2018-01-31', false, null, 'salesforce'),
    ('nobodys', 'all', '1970-01-01', 'total', 'all', 'all', 0, 0, null,
        '2018-01-31', false, 'no_data', 'salesforce');
"""


class Bizops:
    """The command line in one project."""

    def __init__(self, capfd: pytest.CaptureFixture[str], directory: Path) -> None:
        self._capfd = capfd
        self.directory = directory
        (directory / "bizops.yml").write_text(PROJECT)

    def __call__(self, *words: str, status: int = 0) -> str:
        """Run a command, check its exit status and give what it printed."""
        done = run(["--project-dir", str(self.directory), *words])
        out, err = self._capfd.readouterr()
        assert done == status, out + err
        return out if status == 0 else err

    def json(self, *words: str) -> Any:
        """Run a command with `--json` and give the value, numbers exact."""
        return json.loads(self(*words, "--json"), parse_float=Decimal)


@pytest.fixture
def bizops(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Bizops:
    """Give the command line in a project with the embedded warehouse."""
    monkeypatch.delenv("BIZOPS_WAREHOUSE_URL", raising=False)
    return Bizops(capfd, tmp_path)


@pytest.fixture
def on_a_server(
    bizops: Bizops, limited_role: LimitedRole, monkeypatch: pytest.MonkeyPatch
) -> Bizops:
    """Give the command line in a project with a server of the user's."""
    monkeypatch.setenv("BIZOPS_WAREHOUSE_URL", limited_role.url)
    return bizops


@pytest.fixture
def with_metrics(
    on_a_server: Bizops, limited_role: LimitedRole, machine: Machine
) -> Bizops:
    """Give the command line in a project whose metrics have been built."""
    machine.query(limited_role.url, MARTS)
    return on_a_server


@pytest.fixture
def embedded(bizops: Bizops) -> Iterator[EmbeddedWarehouse]:
    """Give the project's embedded warehouse, removed after the test."""
    warehouse = EmbeddedWarehouse(bizops.directory / ".bizops" / "warehouse")
    yield warehouse
    warehouse.remove()


def test_the_embedded_warehouse_starts_stops_and_tells(
    bizops: Bizops, embedded: EmbeddedWarehouse
) -> None:
    assert "stopped" in bizops("warehouse", "status")
    assert "running on 127.0.0.1 port" in bizops("warehouse", "start")
    told = bizops.json("warehouse", "status")
    assert told["is_running"] is True
    assert told["port"] == embedded.status().address.port
    assert told["server_version"].startswith("18.")
    assert "password" not in told
    assert bizops("warehouse", "stop") == "stopped\n"
    assert bizops.json("warehouse", "status")["is_running"] is False


def test_the_url_is_masked_unless_asked_for(
    bizops: Bizops, embedded: EmbeddedWarehouse, machine: Machine
) -> None:
    masked = bizops("warehouse", "url")
    address = embedded.start()
    assert address.password not in masked
    assert f"bizops:****@127.0.0.1:{address.port}/bizops" in masked
    shown = bizops("warehouse", "url", "--show-password").strip()
    assert machine.query(shown, "select 1") == [(1,)]


def test_psql_runs_and_gives_its_exit_status(
    bizops: Bizops, embedded: EmbeddedWarehouse
) -> None:
    del embedded
    command = "select 'hello from', current_database()"
    said = bizops("warehouse", "psql", "--", "-XAt", "-c", command)
    assert said == "hello from|bizops\n"
    failed = ("-X", "-v", "ON_ERROR_STOP=1", "-c", "select 1/0")
    assert "division by zero" in bizops("warehouse", "psql", "--", *failed, status=1)


def test_psql_gets_in_with_an_odd_password_that_no_process_list_shows(
    on_a_server: Bizops, limited_role: LimitedRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "of another server")
    show = "\\! cat /proc/*/cmdline | tr '\\0' ' '"
    said = on_a_server(
        "warehouse", "psql", "--", "-XAt", "-c", "select current_user", "-c", show
    )
    assert said.splitlines()[0] == limited_role.name
    assert "passfile=" in said
    assert limited_role.password not in said


def test_deleting_the_data_asks_first(
    bizops: Bizops,
    embedded: EmbeddedWarehouse,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = machine.data_of(embedded.start())
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    bizops("warehouse", "stop", "--delete-data", status=130)
    assert data.exists()
    assert "data deleted" in bizops("warehouse", "stop", "--delete-data", "--yes")
    assert not data.exists()


def test_a_server_of_the_users_is_told_about_and_not_stopped(
    on_a_server: Bizops,
) -> None:
    told = on_a_server.json("warehouse", "status")
    assert told["is_running"] is True
    assert told["directory"] is None
    for word in ("start", "stop"):
        assert "server of your own" in on_a_server("warehouse", word, status=2)


def test_a_server_that_does_not_answer_ends_with_its_own_status(
    bizops: Bizops, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql://bizops:canary@127.0.0.1:1/bizops"
    monkeypatch.setenv("BIZOPS_WAREHOUSE_URL", url)
    said = bizops("metrics", "show", status=5)
    assert "does not answer" in said
    assert "canary" not in said


def test_before_the_first_run_there_is_no_state(on_a_server: Bizops) -> None:
    assert on_a_server.json("state", "list") == []
    assert on_a_server.json("state", "show") == {}
    assert on_a_server.json("state", "show", "tap-a") == {}


@pytest.fixture
def with_states(on_a_server: Bizops, limited_role: LimitedRole) -> Bizops:
    """Give the command line in a project that has loaded two taps."""
    text = '{"bookmarks":{"Lead":{"at":"2018-01-31","n":1.10},"A":{"n":2}},"v":1}'
    with connected(limited_role.url, application_name="test") as connection:
        migrate(connection)
        for tap in ("tap-a", "tap-b"):
            write_state(connection, StateKey("acme", "dev", tap), text, run_id="r1")
        write_state(connection, StateKey("acme", "prod", "tap-c"), text, run_id="r1")
    return on_a_server


def test_states_are_listed_for_the_environment(with_states: Bizops) -> None:
    told = with_states.json("state", "list")
    assert [item["tap"] for item in told] == ["tap-a", "tap-b"]
    assert told[0]["streams"] == ["A", "Lead"]
    assert told[0]["state_id"] == "acme:dev:tap-a"
    assert "tap-b" in with_states("state", "list")


def test_a_state_is_shown_by_stream_and_exactly_as_json(with_states: Bizops) -> None:
    shown = with_states("state", "show", "tap-a")
    assert "at 2018-01-31, n 1.10" in shown
    assert "tap-b" not in shown
    exact = with_states("state", "show", "tap-a", "--json")
    assert '"n": 1.10' in exact
    assert json.loads(exact)["v"] == 1
    assert set(with_states.json("state", "show")) == {"tap-a", "tap-b"}


def test_an_unknown_tap_is_met_with_the_nearest(with_states: Bizops) -> None:
    assert "Did you mean 'tap-a'?" in with_states("state", "show", "tap_a", status=2)


def test_without_marts_metrics_name_the_next_step(on_a_server: Bizops) -> None:
    for words in (("metrics", "show"), ("metrics", "list")):
        said = on_a_server(*words, status=2)
        assert "no metrics yet" in said
        assert "bizops elt run" in said


def test_metrics_are_shown_in_their_unit_with_what_they_are_made_of(
    with_metrics: Bizops,
) -> None:
    lines = {
        line.split()[0]: " ".join(line.split())
        for line in with_metrics("metrics", "show").splitlines()
    }
    assert lines["metric"] == ("metric name value numerator denominator as of note")
    assert "Incremental ACV 1,234,567.10 USD 1,234,567.10 1 2018-01-31" in lines["iacv"]
    assert "Win rate 33.3 % 1 3 2018-01-31" in lines["win_rate"]
    assert "Time to close 87 days 12 40 2018-01-31" in lines["time_to_close"]
    assert "nobodys nobodys - 0 0 2018-01-31 no_data" in lines["nobodys"]


def test_metrics_as_json_are_exact_numbers(with_metrics: Bizops) -> None:
    text = with_metrics("metrics", "show", "--json")
    assert '"value": 0.33333333333333333333' in text
    assert '"value": 1234567.10' in text
    told = {item["metric_code"]: item for item in json.loads(text)}
    assert told["nobodys"]["value"] is None
    assert told["win_rate"]["numerator"] == 1
    assert told["win_rate"]["as_of_date"] == "2018-01-31"
    assert told["win_rate"]["unit"] == "ratio"


def test_a_period_shows_each_with_its_name_and_what_is_not_final(
    with_metrics: Bizops,
) -> None:
    shown = with_metrics("metrics", "show", "iacv", "--period", "month")
    december, january = (" ".join(line.split()) for line in shown.splitlines()[1:])
    assert december == "iacv Incremental ACV 2017-12 12.50 USD 12.50 1 2018-01-31"
    assert january.startswith("iacv Incremental ACV 2018-01 -3.00 USD -3 1")
    assert january.endswith("preliminary")


def test_since_leaves_out_what_started_before(with_metrics: Bizops) -> None:
    words = ("metrics", "show", "iacv", "--period", "month", "--since", "2018-01-01")
    assert [item["period_start"] for item in with_metrics.json(*words)] == [
        "2018-01-01"
    ]


def test_a_dimension_shows_its_values_in_fiscal_periods(with_metrics: Bizops) -> None:
    shown = with_metrics(
        "metrics", "show", "--dimension", "channel", "--period", "fiscal_quarter"
    )
    assert "FY2018-Q4  paid_search" in shown


def test_an_empty_answer_is_said_to_be_one(
    with_metrics: Bizops, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["metrics", "show", "time_to_close", "--dimension", "channel"]
    assert with_metrics(*words) == ""
    words.append("--json")
    assert json.loads(with_metrics(*words)) == []


def test_an_unknown_metric_is_met_with_the_nearest(with_metrics: Bizops) -> None:
    said = with_metrics("metrics", "show", "winrate", status=2)
    assert "there is no metric 'winrate'" in said
    assert "Did you mean win_rate?" in said


def test_metrics_are_listed_with_their_formula(with_metrics: Bizops) -> None:
    assert "Won / decided" in with_metrics("metrics", "list")
    told = with_metrics.json("metrics", "list")
    assert [item["metric_code"] for item in told] == [
        "iacv",
        "time_to_close",
        "win_rate",
    ]


def test_marts_one_may_not_read_are_refused_by_the_database(
    with_metrics: Bizops,
    fresh_database: str,
    machine: Machine,
    limited_role: LimitedRole,
) -> None:
    machine.query(
        fresh_database,
        f"revoke all on marts.mtr_metric_values from {limited_role.name}",
    )
    said = with_metrics("metrics", "show", status=4)
    assert "permission denied" in said


def test_any_period_and_dimension_is_all_there_is(with_metrics: Bizops) -> None:
    words = ("metrics", "show", "--period", "any", "--dimension", "any")
    told = with_metrics.json(*words)
    assert len(told) == 7
    assert {item["sources"] for item in told} == {"salesforce"}
    assert "FY2018-Q4" in with_metrics(*words)
