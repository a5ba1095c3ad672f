"""Dashboards in a browser: logged in, opened, read."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg2
from playwright.sync_api import expect

from .conftest import BIZOPS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page, Response

PASSWORD = "analytical engine no. 1"
CONF = """
[administrator]
username = ada
first_name = Ada
last_name = Lovelace
email = ada@example.com
password = {password}

[display]
port = {port}
"""
# Superset's own pixel, which counts visitors for others: our policy keeps the browser
# from fetching it, and the browser says so.
PIXEL = "apachesuperset.gateway.scarf.sh"
READY_MS = 120_000
UP_TIMEOUT_S = 900
BUSY = ".loading, [data-test=loading-indicator], .ant-spin-spinning"
HOLDERS = "[data-test-viz-type]"
_SUFFIXES = {"": 1, "k": 1e3, "M": 1e6, "B": 1e9}


@dataclass(slots=True)
class Shown:
    """A dashboard as it stands on the screen, with all that was said and fetched.

    Attributes:
        page: The page.
        said: Errors on the console, and failed requests.
        foreign: Addresses on other hosts that were asked for.
        answers: The form data of each chart, and the rows it was given.
    """

    page: Page
    said: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    answers: list[tuple[dict[str, Any], list[dict[str, Any]]]] = field(
        default_factory=list
    )

    def text_of(self, title: str) -> str:
        """Give the text of the chart with a title."""
        return self.chart(title).inner_text()

    def chart(self, title: str) -> Any:
        """Give the first chart with a title."""
        exact = re.compile(f"^{re.escape(title)}$")
        named = self.page.locator("[data-test=slice-header]").filter(
            has=self.page.get_by_text(exact)
        )
        holder = self.page.locator(HOLDERS).filter(has=named)
        return holder.first

    def rows_of(self, title: str) -> list[dict[str, Any]]:
        """Give the rows that came for the chart with a title."""
        slice_id = self.chart(title).get_attribute("data-test-chart-id")
        return next(
            rows for form, rows in self.answers if str(form.get("slice_id")) == slice_id
        )


def log_in(context: BrowserContext, url: str, password: str = PASSWORD) -> Page:
    """Log in and give the page that follows."""
    page = context.new_page()
    page.goto(f"{url}login/")
    page.fill("#username", "ada")
    page.fill("#password", password)
    with page.expect_navigation():
        page.press("#password", "Enter")
    return page


def show(context: BrowserContext, url: str, slug: str) -> Shown:
    """Open a dashboard in a window as high as it is, and wait for all its charts."""
    page = context.new_page()
    shown = Shown(page)
    page.on(
        "console", lambda m: shown.said.append(m.text) if m.type == "error" else None
    )
    page.on("pageerror", lambda error: shown.said.append(str(error)))
    page.on("response", lambda answer: _keep(shown, answer))
    page.on(
        "request",
        lambda r: (
            None
            if r.url.startswith((url, "data:", "blob:"))
            else shown.foreign.append(r.url)
        ),
    )
    page.set_viewport_size({"width": 1400, "height": 6000})
    page.goto(f"{url}superset/dashboard/{slug}/")
    page.wait_for_selector(HOLDERS, timeout=READY_MS)
    page.wait_for_load_state("networkidle", timeout=READY_MS)
    expect(page.locator(BUSY)).to_have_count(0, timeout=READY_MS)
    return shown


def crop(page: Page) -> None:
    """Make the window as high as what is shown."""
    bottom = page.evaluate(
        "Math.max(...[...document.querySelectorAll('.dashboard-component-chart-holder,"
        " .dashboard-markdown')].map(e => e.getBoundingClientRect().bottom))"
    )
    page.set_viewport_size({"width": 1400, "height": int(bottom) + 40})


def picture(page: Page) -> bytes:
    """Give a picture of the page once nothing on it moves any more."""
    last = page.screenshot()
    for _ in range(20):
        page.wait_for_timeout(300)
        now = page.screenshot()
        if now == last:
            break
        last = now
    return last


def new_context(browser: Browser) -> BrowserContext:
    """Give a browser nobody is logged in on."""
    return browser.new_context(reduced_motion="reduce")


def number_in(text: str) -> tuple[float, float]:
    """Give the number a figure shows, and half of its last digit.

    Raises:
        AssertionError: There is none.
    """
    for line in text.splitlines():
        match = re.fullmatch(
            r"\s*(?:\$|USD)?\s*(-?[\d,]+(?:\.(\d+))?)\s*([kMB]?)(%?)\s*", line
        )
        if match:
            digits, decimals, suffix, percent = match.groups()
            scale = _SUFFIXES[suffix] / (100 if percent else 1)
            shown = float(digits.replace(",", "")) * scale
            # What was left out of "4.7k" are zeros: three digits are shown at least.
            places = len(decimals or "")
            if suffix:
                whole = len(digits.split(".")[0].lstrip("-"))
                places = max(places, 3 - whole)
            return shown, 0.5 * 10**-places * scale
    raise AssertionError(f"no number in {text!r}")


def _keep(shown: Shown, answer: Response) -> None:
    if answer.status >= 400:
        shown.said.append(f"{answer.status} {answer.url}")
    if "/api/v1/chart/data" in answer.url and answer.status == 200:
        asked = json.loads(answer.request.post_data or "{}")
        rows = answer.json()["result"][0]["data"]
        shown.answers.append((asked.get("form_data", {}), rows))


@dataclass(frozen=True, slots=True)
class Display:
    """A project whose dashboards run."""

    directory: Path
    database_url: str
    url: str
    first_output: str

    def bizops(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `bizops` in the project."""
        return run_bizops(self.directory, *words)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the warehouse as its owner."""
        connection = psycopg2.connect(self.database_url)
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()


def run_bizops(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("UV_", "PIP_", "SSL_", "XDG_")) or name == "PATH"
    }
    return subprocess.run(
        [BIZOPS, *words],
        cwd=directory,
        env={**kept, "HOME": os.environ.get("HOME", str(directory))},
        capture_output=True,
        text=True,
        timeout=UP_TIMEOUT_S,
        check=False,
    )


def record_a_run(url: str) -> None:
    """Put two runs, a failed test and a reconciliation on record."""
    from bizops_cli.warehouse.connect import connect
    from bizops_cli.warehouse.schema import migrate

    with closing(connect(url, application_name="test")) as connection:
        migrate(connection)
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into bizops.runs (run_id, project, environment, job, status,"
                " started_at, finished_at, exit_status, message, bizops_version) values"
                " ('run-1', 'sample-company', 'dev', 'default', 'failed',"
                "  '2018-01-30 03:00+00', '2018-01-30 03:01+00', 5, 'secret words',"
                "  '0'),"
                " ('run-2', 'sample-company', 'dev', 'default', 'succeeded',"
                "  '2018-01-31 03:00+00', '2018-01-31 03:04+00', 0, '', '0');"
                "insert into bizops.run_taps (run_id, tap, target, status, rows,"
                " size_bytes, states, duration_s, message) values"
                " ('run-2', 'tap-salesforce', 'target-postgres', 'succeeded', 12345,"
                "  1, 1, 60, '');"
                "insert into bizops.run_models values"
                " ('run-2', 'model.bizops.dim_dates', 'model', 'success', 0.5, 1, ''),"
                " ('run-2', 'test.bizops.is_key.1', 'test', 'fail', 0.1, 1, 'a row');"
                "insert into bizops.reconciliations values"
                " ('sample-company', 'dev', 'tap-salesforce', 'Lead',"
                "  'raw_salesforce.Lead', '2018-01-31 04:00+00', 12, 11, null, null,"
                "  'differs')"
            )
