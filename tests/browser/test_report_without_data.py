"""The report where something is missing: it says what and how to get it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .conftest import bizops, connected, make_project, write_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Opened

ONE_SOURCE = """
create schema marts; create schema seeds;
create table seeds.metric_definitions (metric_code text, name text, department text,
    formula text, unit text, direction text, kind text, origin text, sources text);
insert into seeds.metric_definitions values
    ('iacv', 'Incremental ACV', 'sales', 'Sum of it', 'USD', 'up', 'sum', '',
        'salesforce'),
    ('arr', 'Annual recurring revenue', 'sales', 'Sum of it', 'USD', 'up', 'stock', '',
        'salesforce,zuora');
create table marts.mtr_metric_values (metric_code text, period_type text,
    period_start date, dimension_type text, dimension_id text, dimension_name text,
    numerator numeric, denominator numeric, value numeric, as_of_date date,
    is_mature boolean, quality_note text, sources text);
insert into marts.mtr_metric_values values
    ('iacv', 'all', '1970-01-01', 'total', 'all', 'all', 12.5, 1, 12.5,
        '2018-01-31', false, null, 'salesforce');
create table marts.rpt_source_status (source_name text, object_name text,
    row_count bigint, deleted_count bigint, is_configured boolean,
    freshness_state text, as_of_date date, last_loaded_at timestamptz);
insert into marts.rpt_source_status values
    ('salesforce', 'Account', 3, 0, true, 'recent', '2018-01-31', '2018-01-31'),
    ('zuora', 'Account', 0, 0, false, 'empty', null, null);
"""


def test_an_empty_warehouse_gives_a_page_that_says_what_to_run(
    fresh_database: str,
    tmp_path: Path,
    open_page: Callable[..., Opened],
    screenshots: Path,
) -> None:
    opened = open_page(write_page(make_project(tmp_path, fresh_database)))
    opened.page.screenshot(path=screenshots / "report-empty.png")
    assert opened.said == []
    assert "bizops elt run" in opened.page.inner_text(".notice.problem")
    assert opened.page.locator(".chart").count() == 0
    assert opened.page.locator(".figure").count() == 0


def test_one_source_alone_names_what_the_others_would_bring(
    fresh_database: str, tmp_path: Path, open_page: Callable[..., Opened]
) -> None:
    with connected(fresh_database) as cursor:
        cursor.execute(ONE_SOURCE)
    opened = open_page(write_page(make_project(tmp_path, fresh_database)))
    assert opened.said == []
    assert "Only Salesforce is loaded" in opened.page.inner_text(".notice.note")
    told = opened.page.inner_text("#summary .gaps")
    assert "since Zuora is not loaded: Annual recurring revenue" in told
    assert "bizops elt run tap-zuora" in told
    assert opened.page.locator("#summary .figure").first.inner_text() == "12.50 USD"
    assert opened.page.locator(".chart").count() == 0


def test_a_failed_build_is_said_before_any_figure(
    fresh_database: str, tmp_path: Path, open_page: Callable[..., Opened]
) -> None:
    from bizops_cli.warehouse.refusals import connected as connected_to
    from bizops_cli.warehouse.schema import migrate

    with connected(fresh_database) as cursor:
        cursor.execute(ONE_SOURCE)
    with connected_to(fresh_database, application_name="test") as connection:
        migrate(connection)
    with connected(fresh_database) as cursor:
        cursor.execute(
            "insert into bizops.runs values ('20180131T120000Z-abc', 'sample-company',"
            " 'dev', 'default', 'failed', now() - interval '1 hour', now(), 7,"
            " '1 test failed', '0.1.0');"
            "insert into bizops.run_models values ('20180131T120000Z-abc',"
            " 'test.bizops.unique_iacv.1a', 'test', 'fail', 0.1, null,"
            " 'Got 3 results </script><b>')"
        )
    opened = open_page(write_page(make_project(tmp_path, fresh_database)))
    assert opened.said == []
    first = opened.page.locator("main > *").first.inner_text()
    assert "failed: 1 test failed." in first
    assert "bizops runs logs 20180131T120000Z-abc" in first
    assert "Got 3 results </script><b>" in opened.page.inner_text("#health")
    assert opened.page.locator("#summary .figure").count() == 1


def test_the_other_forms_say_the_same(fresh_database: str, tmp_path: Path) -> None:
    project = make_project(tmp_path, fresh_database)
    text = bizops(project, "report", "--format", "markdown")
    assert text.returncode == 0
    assert "> **Problem:** The warehouse holds no metrics yet" in text.stdout
    told = json.loads(bizops(project, "report", "--format", "json").stdout)
    assert told["notices"][0]["severity"] == "problem"
    assert told["as_of_date"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--period", "FY1999"), "there is no period 'FY1999'"),
        (("--channel", "webinar"), "there are no figures by channel"),
        (("--format", "json", "--open"), "--open is for pages"),
        (("--output", "/dev/null/report.html"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    words: tuple[str, ...], said: str, fresh_database: str, tmp_path: Path
) -> None:
    done = bizops(make_project(tmp_path, fresh_database), "report", *words)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreachable_warehouse_is_no_page(tmp_path: Path) -> None:
    project = make_project(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    done = bizops(project, "report")
    assert done.returncode == 5
    assert "does not answer" in done.stderr
    assert not (project / ".bizops" / "report.html").exists()
