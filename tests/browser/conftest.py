"""The report in a real browser, over the whole sample company and over less."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from playwright.sync_api import sync_playwright

from bizops_cli.model import ModelRun, RunRecord
from bizops_cli.warehouse import refusals
from bizops_cli.warehouse.runs import record_run
from bizops_cli.warehouse.schema import migrate

# The fixtures that load and build the sample company live with the models' tests.
from tests.transform.conftest import built_whole, whole  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from tests.transform.conftest import Workbench

BIZOPS = Path(sys.executable).parent / "bizops"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
READY = "body[data-state=ready]"


@dataclass(slots=True)
class Opened:
    """A page that has been opened, with all it said and asked for."""

    page: Page
    said: list[str]
    requests: list[str]

    def ready(self) -> None:
        """Wait until all charts are drawn."""
        self.page.wait_for_selector(READY)

    def choose(self, control: str, value: str) -> None:
        """Choose in one of the filters and wait for the page to follow."""
        self.page.select_option(f"#{control}", value)
        self.ready()

    def overflow_px(self) -> int:
        """Give by how much the page is wider than its window."""
        width: int = self.page.evaluate(
            "document.documentElement.scrollWidth"
            " - document.documentElement.clientWidth"
        )
        return width


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give Debian's Chromium."""
    path = os.environ.get("BIZOPS_TEST_CHROMIUM") or shutil.which("chromium")
    assert path, (
        "the tests of the report need Chromium: apt-get install chromium, "
        "or set BIZOPS_TEST_CHROMIUM to one"
    )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Give what opens a file in a window of its own, with no network at all."""
    contexts = []

    def opened(
        file: Path, *, width: int = 1280, height: int = 900, scheme: str = "light"
    ) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        found = Opened(page, [], [])
        page.on("console", lambda message: found.said.append(message.text))
        page.on("pageerror", lambda error: found.said.append(str(error)))
        page.on("request", lambda request: found.requests.append(request.url))
        page.goto(file.as_uri())
        found.ready()
        return found

    yield opened
    for context in contexts:
        context.close()


def make_project(directory: Path, url: str) -> Path:
    """Make a project on a database that others have filled."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "bizops.yml").write_text(
        "version: 1\nproject: sample-company\n"
        "warehouse: {type: postgres, url: '${THE_URL}'}\n"
        "transform: {vars: {fiscal_year_start_month: 2}}\n"
    )
    (directory / ".env").write_text(f"THE_URL={url}\n")
    return directory


def bizops(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `bizops` in a project with nothing of the developer's environment."""
    return subprocess.run(
        [BIZOPS, *words],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "HOME": str(directory)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def write_page(directory: Path, *words: str) -> Path:
    """Make the page of a project and give its file."""
    done = bizops(directory, "report", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(done.stdout.strip().splitlines()[-1])


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """Give a cursor of a database."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@pytest.fixture(scope="session")
def project(
    built_whole: Workbench,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Give a project on the whole sample company, loaded, built and recorded."""
    record(built_whole)
    return make_project(tmp_path_factory.mktemp("report"), built_whole.url)


def record(workbench: Workbench) -> None:
    """Put what dbt has just done on record, as `bizops elt run` does."""
    results = json.loads((workbench.folder / "target/run_results.json").read_text())
    ended_at = datetime.now(tz=UTC)
    run = RunRecord(
        run_id=f"{ended_at:%Y%m%dT%H%M%SZ}-report",
        project="sample-company",
        environment="dev",
        job="default",
        status="succeeded",
        started_at=ended_at - timedelta(seconds=90),
        finished_at=ended_at,
        exit_status=0,
        models=tuple(
            ModelRun(
                unique_id=item["unique_id"],
                resource_type=item["unique_id"].partition(".")[0],
                status=item["status"],
                duration_s=item["execution_time"],
            )
            for item in results["results"]
        ),
    )
    with refusals.connected(workbench.url, application_name="test") as connection:
        migrate(connection)
        record_run(connection, run)


@pytest.fixture(scope="session")
def report_file(project: Path) -> Path:
    """Give the page of the whole sample company."""
    return write_page(project)


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder pictures are kept in: CI's artefacts, else a passing one."""
    given = os.environ.get("BIZOPS_SCREENSHOTS")
    folder = Path(given) if given else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
