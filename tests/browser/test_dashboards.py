"""The dashboards in a real browser, served by Superset over the whole sample company.

One Superset for the whole module: installed, set up and started by `bizops display up`
as a user would, on a copy of the warehouse the report's tests read.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import requests
import yaml
from axe_playwright_python.sync_playwright import Axe
from psycopg2 import sql

from bizops_cli.display.catalogue import Catalogue
from tests.display.full_warehouse import ASSETS, composed, everything

from .dashboards import (
    CONF,
    PASSWORD,
    PIXEL,
    Display,
    Shown,
    crop,
    log_in,
    new_context,
    number_in,
    picture,
    record_a_run,
    run_bizops,
    show,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext

    from tests.transform.conftest import Workbench

# Superset is installed once and set up before the first test.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
DASHBOARDS = [
    yaml.safe_load(file.read_text("utf-8"))
    for file in sorted((ROOT / "display/superset/dashboards").glob("*.yaml"))
]
SLUGS = [dashboard["slug"] for dashboard in DASHBOARDS]
PICTURE_LIMIT_BYTES = 150_000
# What Superset itself does, told in doc/display.md, too: the definition of a chart is
# the name of an element that has no role.
KNOWN_FAULTS = {"aria-prohibited-attr": 'class="dashboard-chart'}


@pytest.fixture(scope="module")
def display_url(postgres_url: str, built_whole: Workbench) -> Iterator[str]:
    """Give a copy of the built warehouse, with the record of a run, to write to."""
    template = urlsplit(built_whole.url).path.lstrip("/")
    name = f"{template}_shown"
    with closing(psycopg2.connect(postgres_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        url = urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
        record_a_run(url)
        yield url
        with connection.cursor() as cursor:
            for database in (name, f"{name}_superset"):
                cursor.execute(
                    sql.SQL("drop database if exists {} with (force)").format(
                        sql.Identifier(database)
                    )
                )
            cursor.execute(
                sql.SQL("drop role if exists {}").format(
                    sql.Identifier(f"{name}_display")
                )
            )


@pytest.fixture(scope="module")
def display(
    display_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Display]:
    """Bring the dashboards up, and down at the end."""
    directory = tmp_path_factory.mktemp("display") / "project"
    directory.mkdir()
    (directory / "bizops.yml").write_text(
        "version: 1\nproject: sample-company\n"
        "warehouse: {type: postgres, url: '${THE_URL}'}\n"
    )
    (directory / ".env").write_text(f"THE_URL={display_url}\n")
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    conf = directory / "config" / "bizops.conf"
    conf.parent.mkdir()
    conf.touch(mode=0o600)
    conf.write_text(CONF.format(password=PASSWORD, port=port))
    try:
        up = run_bizops(directory, "display", "up")
        assert up.returncode == 0, up.stdout + up.stderr
        output = up.stdout + up.stderr
        yield Display(directory, display_url, f"http://127.0.0.1:{port}/", output)
    finally:
        down = run_bizops(directory, "display", "down")
    assert down.stdout == "stopped\n", down.stderr


@pytest.fixture(scope="module")
def context(browser: Browser, display: Display) -> Iterator[BrowserContext]:
    """Give a browser the administrator is logged in on."""
    made = new_context(browser)
    page = log_in(made, display.url)
    assert "/login" not in page.url
    page.close()
    yield made
    made.close()


@pytest.fixture(scope="module")
def opened(context: BrowserContext, display: Display) -> Callable[[str], Shown]:
    """Give what opens a dashboard; each is opened once for all tests."""
    kept: dict[str, Shown] = {}

    def get(slug: str) -> Shown:
        if slug not in kept:
            kept[slug] = show(context, display.url, slug)
        return kept[slug]

    return get


@pytest.mark.parametrize("slug", SLUGS)
def test_a_dashboard_opens_with_every_chart_and_no_error(
    slug: str, opened: Callable[[str], Shown], screenshots: Path
) -> None:
    shown = opened(slug)
    page = shown.page
    said = [text for text in shown.said if PIXEL not in text]
    assert said == []
    assert [url for url in shown.foreign if PIXEL not in url] == []
    text = page.inner_text("body")
    assert "No results were returned" not in text
    assert "Unexpected error" not in text
    assert page.locator(".ant-alert-error, [data-test=error-message]").count() == 0
    titles = page.locator("[data-test=slice-header]").all_inner_texts()
    assert titles
    crop(page)
    (screenshots / f"whole-dashboard-{slug}.png").write_bytes(picture(page))
    drawn = page.locator(
        "[data-test-viz-type] canvas, [data-test-viz-type] table"
    ).count()
    assert drawn > 0
    assert len(shown.answers) >= len(titles)


@pytest.mark.parametrize("slug", ["company", "administration"])
def test_a_picture_shows_the_top_of_a_dashboard(
    slug: str, opened: Callable[[str], Shown], screenshots: Path
) -> None:
    page = opened(slug).page
    assert page.get_by_text(slug.title(), exact=True).first.is_visible()
    top: Any = {"x": 0, "y": 0, "width": 1400, "height": 940}
    file = screenshots / f"dashboard-{slug}.png"
    page.screenshot(path=file, clip=top)
    assert file.stat().st_size < PICTURE_LIMIT_BYTES


def _figures() -> list[tuple[str, str]]:
    return [
        (dashboard["slug"], chart["figure"])
        for dashboard in DASHBOARDS
        for section in dashboard["sections"]
        for row in section["rows"]
        for chart in row
        if "figure" in chart
    ]


def test_the_figures_on_screen_are_the_metrics(
    display: Display, opened: Callable[[str], Shown]
) -> None:
    checked = 0
    for slug, code in _figures():
        found = display.query(
            "select name, period_type, value from marts.mtr_metric_values"
            " join seeds.metric_definitions using (metric_code)"
            " where metric_code = %s and dimension_type = 'total' and value is not null"
            " and period_type in ('fiscal_quarter', 'month', 'fiscal_year', 'all')"
            " and (period_type = 'all' or (period_start + case period_type"
            "  when 'month' then interval '1 month'"
            "  when 'fiscal_quarter' then interval '3 months'"
            "  else interval '1 year' end)::date - 1 <= as_of_date)"
            " order by array_position(array['fiscal_quarter', 'month', 'fiscal_year',"
            "  'all'], period_type), period_start desc limit 1",
            code,
        )
        if not found:  # the sample company has no such figure; the note says so
            assert "Not shown" in opened(slug).page.inner_text("body")
            continue
        name, _, value = found[0]
        shown, half_a_digit = number_in(opened(slug).text_of(name))
        assert shown == pytest.approx(float(value), abs=half_a_digit * 1.001), code
        checked += 1
    assert checked > 30


def test_bars_over_all_months_are_the_metrics_over_all_time(
    display: Display, opened: Callable[[str], Shown]
) -> None:
    bars = [
        (dashboard["slug"], chart["bars"], chart["by"], chart.get("title"))
        for dashboard in DASHBOARDS
        for section in dashboard["sections"]
        for row in section["rows"]
        for chart in row
        if isinstance(chart.get("bars"), str)
    ]
    compared = 0
    for slug, code, by, title in bars:
        rows = display.query(
            "select name, dimension_id, coalesce(dimension_name, dimension_id), value"
            " from marts.mtr_metric_values join seeds.metric_definitions"
            " using (metric_code) where metric_code = %s and dimension_type = %s"
            " and period_type = 'all' and value is not null",
            code,
            by,
        )
        if not rows:
            continue
        name = rows[0][0]
        words = by.replace("_", " ")
        named = name if words in name.lower() else f"{name} by {words}"
        got = {
            _plain(row["dimension_name"]): row["Value"]
            for row in opened(slug).rows_of(title or named)
            if row["Value"] is not None
        }
        expected = {_plain(label): float(value) for _, _, label, value in rows}
        assert got == pytest.approx(expected, rel=1e-6, abs=0.01), (slug, code, by)
        compared += len(expected)
    assert compared > 60


def _plain(label: str) -> str:
    return label.replace("_", " ").casefold()


def test_a_trend_shows_each_period_of_the_metric(
    display: Display, opened: Callable[[str], Shown]
) -> None:
    rows = opened("sales").rows_of("Pipeline created by segment")
    got: dict[str, float] = {}
    for row in rows:
        for segment, value in row.items():
            if segment != "period_start" and value is not None:
                got[_plain(segment)] = got.get(_plain(segment), 0) + value
    expected = display.query(
        "select dimension_id, sum(value) from marts.mtr_metric_values"
        " where metric_code = 'pipeline_created' and dimension_type = 'segment'"
        " and period_type = 'month' group by 1"
    )
    assert got == pytest.approx({s: float(v) for s, v in expected}, abs=0.01)


def test_the_administrator_sees_runs_and_failed_tests(
    opened: Callable[[str], Shown],
) -> None:
    shown = opened("administration")
    assert number_in(shown.text_of("Runs that failed"))[0] == 1
    failed = shown.text_of("Failed models and tests")
    assert number_in(failed)[0] == 1
    text = shown.page.inner_text("body")
    assert "12,345" in text
    assert "secret words" not in text


@pytest.mark.parametrize("slug", SLUGS)
def test_axe_finds_no_serious_fault_but_the_known_one_of_superset(
    slug: str, opened: Callable[[str], Shown]
) -> None:
    found = Axe().run(opened(slug).page).response["violations"]
    serious = [
        (fault["id"], node["html"][:160])
        for fault in found
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
        if not (
            fault["id"] in KNOWN_FAULTS and KNOWN_FAULTS[fault["id"]] in node["html"]
        )
    ]
    assert serious == []


def test_every_asset_is_what_supersets_own_schemas_ask_for(display: Display) -> None:
    full = dict(composed(everything()).files)
    empty = composed(Catalogue({}, frozenset(), frozenset()))
    misspelt = {
        path: text.replace("viz_type", "vis_type") for path, text in full.items()
    }
    charts = [path for path in full if path.startswith("charts/")]
    place = display.directory / ".bizops" / "display"
    (python,) = place.glob("environments/*/bin/python")
    asked = subprocess.run(
        [python, Path(__file__).with_name("superset_schemas.py")],
        input=json.dumps([full, dict(empty.files), misspelt]),
        env={
            "PATH": os.environ["PATH"],
            "SUPERSET_CONFIG_PATH": str(ASSETS / "superset_config.py"),
            "BIZOPS_DISPLAY_SETTINGS": str(place / "settings.json"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    faults_full, faults_empty, faults_misspelt = json.loads(
        asked.stdout.splitlines()[-1]
    )
    assert faults_full == []
    assert faults_empty == []
    assert len(faults_misspelt) == len(charts) > 100


def test_a_wrong_password_and_a_stranger_see_nothing(
    browser: Browser, display: Display
) -> None:
    context = new_context(browser)
    page = log_in(context, display.url, "not the password")
    assert "/login" in page.url
    page.goto(f"{display.url}superset/dashboard/company/")
    assert "/login" in page.url
    assert page.request.get(f"{display.url}api/v1/dashboard/").status == 401
    context.close()


def test_a_reader_sees_the_dashboards_and_no_more(display: Display) -> None:
    administrator = _session(display, "ada", PASSWORD)
    roles = administrator.get(f"{display.url}api/v1/security/roles/").json()["result"]
    (role,) = [role["id"] for role in roles if role["name"] == "BizOps reader"]
    person = {
        "username": "rea",
        "first_name": "Rea",
        "last_name": "Der",
        "email": "rea@example.com",
        "password": "reads what others write",
        "active": True,
        "roles": [role],
    }
    made = administrator.post(f"{display.url}api/v1/security/users/", json=person)
    assert made.status_code == 201, made.text
    reader = _session(display, "rea", "reads what others write")
    seen = reader.get(f"{display.url}api/v1/dashboard/").json()
    assert seen["count"] == len(SLUGS)
    statement = {"database_id": 1, "sql": "select 1"}
    run = reader.post(f"{display.url}api/v1/sqllab/execute/", json=statement)
    assert run.status_code == 403
    assert reader.get(f"{display.url}api/v1/security/users/").status_code == 403


def _session(display: Display, username: str, password: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    login = {"username": username, "password": password, "provider": "db"}
    answer = session.post(f"{display.url}api/v1/security/login", json=login)
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    token = session.get(f"{display.url}api/v1/security/csrf_token/").json()["result"]
    session.headers.update({"X-CSRFToken": token, "Referer": display.url})
    return session


def test_status_tells_where_they_are_and_logs_in(display: Display) -> None:
    found = display.bizops("display", "status", "--log-in", "--json")
    assert found.returncode == 0, found.stderr
    status = json.loads(found.stdout)
    assert status["is_running"] is True
    assert status["answers"] is True
    assert status["url"] == display.url
    assert len(status["dashboards"]) == len(SLUGS)


def test_up_again_changes_nothing(display: Display) -> None:
    record = display.directory / ".bizops/display/server.json"
    before = record.read_bytes()
    again = display.bizops("display", "up")
    assert again.returncode == 0, again.stderr
    assert "setting Superset up" not in again.stderr
    assert "installing" not in again.stderr
    assert record.read_bytes() == before


def test_no_secret_is_told_or_can_be_read(display: Display) -> None:
    kept = display.directory / ".bizops" / "display"
    secrets = {
        PASSWORD,
        (kept / "secret.key").read_text(),
        (kept / "reader.password").read_text(),
    }
    for name in ("secret.key", "reader.password", "settings.json", "server.log"):
        assert (kept / name).stat().st_mode & 0o777 == 0o600, name
    assert kept.stat().st_mode & 0o777 == 0o700
    told = display.first_output + (kept / "setup.log").read_text()
    told += (kept / "server.log").read_text()
    group = json.loads((kept / "server.json").read_text())["pid"]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(process.name)) == group:
                told += (process / "cmdline").read_text(errors="replace")
                told += (process / "environ").read_text(errors="replace")
        except OSError:
            continue
    assert "gunicorn" in told
    assert [secret for secret in secrets if secret in told] == []


def test_a_killed_server_is_noticed_and_started_again(display: Display) -> None:
    record = display.directory / ".bizops/display/server.json"
    os.killpg(json.loads(record.read_text())["pid"], signal.SIGKILL)
    status = display.bizops("display", "status", "--log-in")
    assert status.returncode == 5
    again = display.bizops("display", "up")
    assert again.returncode == 0, again.stderr
    assert "setting Superset up" not in again.stderr
    assert display.bizops("display", "status", "--log-in").returncode == 0
