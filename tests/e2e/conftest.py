"""A project of the sample company in a folder of its own, with everything real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHECKOUT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent
OWN_VARIABLES = (
    *("SALESFORCE_", "MARKETO_", "ZUORA_", "FACEBOOK_", "GITLAB_", "CSV_"),
    *("TAP_", "TARGET_", "BIZOPS_"),
)
RAW_TABLES = (
    "Account",
    "Campaign",
    "CampaignMember",
    "Contact",
    "Lead",
    "Opportunity",
    "OpportunityContactRole",
    "OpportunityHistory",
    "OpportunityStage",
    "User",
)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox: its variables and where its faults are ordered."""

    variables: Mapping[str, str]
    control_url: str


@dataclass(frozen=True, slots=True)
class Company:
    """A project folder, the variables of its runs and its warehouse."""

    directory: Path
    variables: Mapping[str, str]
    warehouse_url: str

    def run(
        self, *arguments: str, timeout_s: float = 280
    ) -> subprocess.CompletedProcess[str]:
        """Run `bizops` in the project folder and give what it said."""
        return subprocess.run(
            [SCRIPTS / "bizops", *arguments],
            cwd=self.directory,
            env=self.environ(),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `bizops` in the project folder and leave it running."""
        return subprocess.Popen(
            [SCRIPTS / "bizops", *arguments],
            cwd=self.directory,
            env=self.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def environ(self) -> dict[str, str]:
        """Give the whole environment of a run: nothing of the developer's."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(OWN_VARIABLES)
        }
        return {
            **kept,
            **self.variables,
            "BIZOPS_WAREHOUSE_URL": self.warehouse_url,
        }

    def query_nothing(self, statement: str) -> None:
        """Run a statement on the warehouse that gives no rows."""
        connection = psycopg2.connect(self.warehouse_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Give the rows of a query on the warehouse."""
        connection = psycopg2.connect(self.warehouse_url)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def fingerprints(self) -> dict[str, tuple[object, ...]]:
        """Give rows and a checksum of the source's columns of every raw table."""
        return {table: self._fingerprint(table) for table in RAW_TABLES}

    def _fingerprint(self, table: str) -> tuple[object, ...]:
        columns = self.query(
            "select column_name from information_schema.columns where table_schema ="
            f" 'raw_salesforce' and table_name = '{table}' and column_name not like"
            r" '\_%' order by column_name"
        )
        row = ", ".join(f'"{name}"' for (name,) in columns)
        return self.query(
            f"select count(*), md5(string_agg(md5(({row})::text), '' order by"
            f' "Id")) from raw_salesforce."{table}"'
        )[0]


def project_file(**changes: object) -> str:
    """Give the checkout's bizops.yml with absolute paths and some changes.

    The default job is the CRM alone, so that tests of the runner are quick.
    """
    project = yaml.safe_load((CHECKOUT / "bizops.yml").read_text(encoding="utf-8"))
    for tap in project["taps"].values():
        tap["install"] = str(CHECKOUT / tap["install"])
    project["jobs"]["default"]["taps"] = ["tap-salesforce"]
    project["target"]["install"] = str(CHECKOUT / "targets" / "target-postgres")
    project["transform"]["project"] = str(CHECKOUT / "transform")
    project.update(changes)
    return yaml.safe_dump(project, sort_keys=False)


@pytest.fixture(scope="session")
def installed_plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install tap and target once, as an administrator does, and give `.bizops`."""
    directory = tmp_path_factory.mktemp("plugins")
    (directory / "bizops.yml").write_text(project_file(), encoding="utf-8")
    company = Company(directory, dict.fromkeys(SALESFORCE_VARIABLES, "unused"), "")
    done = subprocess.run(
        [SCRIPTS / "bizops", "install", "tap-salesforce", "target-postgres"],
        cwd=directory,
        env={**company.environ(), "BIZOPS_WAREHOUSE_URL": "postgresql://unused/db"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return directory / ".bizops" / "plugins"


SALESFORCE_VARIABLES = (
    "SALESFORCE_LOGIN_URL",
    "SALESFORCE_CLIENT_ID",
    "SALESFORCE_CLIENT_SECRET",
    "SALESFORCE_REFRESH_TOKEN",
)


def serve(*arguments: str) -> Iterator[Sandbox]:
    """Run `bizops-sandbox serve` as a process of its own until the test is over."""
    process = subprocess.Popen(
        [SCRIPTS / "bizops-sandbox", "serve", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield Sandbox(ready["env"], ready["control_url"])
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def tiny_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Serve the company of five organisations, its files beside."""
    inputs = str(tmp_path_factory.mktemp("served") / "inputs")
    yield from serve("--scale", "tiny", "--no-waiting", "--inputs", inputs)


@pytest.fixture
def company(
    tmp_path: Path,
    installed_plugins: Path,
    tiny_sandbox: Sandbox,
    fresh_database: str,
) -> Company:
    """Give a project of the tiny company with an empty warehouse."""
    directory = make_project(tmp_path, installed_plugins)
    return Company(directory, tiny_sandbox.variables, fresh_database)


def make_project(tmp_path: Path, plugins: Path, **changes: object) -> Path:
    """Make a project's folder, with the plugins that are installed already."""
    directory = tmp_path / "company"
    directory.mkdir()
    text = project_file(**changes)
    (directory / "bizops.yml").write_text(text, encoding="utf-8")
    link_plugins(directory, plugins)
    return directory


def control(
    sandbox: Sandbox, method: str, path: str, document: object | None = None
) -> None:
    """Order something of the sandbox."""
    request = urllib.request.Request(  # noqa: S310 (the sandbox's own http address)
        sandbox.control_url + path,
        method=method,
        data=None if document is None else json.dumps(document).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 (as above)
        assert answer.status < 300


def link_plugins(directory: Path, plugins: Path) -> None:
    """Use the plugins installed once for this session in another project."""
    (directory / ".bizops").mkdir(exist_ok=True)
    target = directory / ".bizops" / "plugins"
    if not target.exists():
        target.symlink_to(plugins, target_is_directory=True)


@pytest.fixture
def checkout_copy(tmp_path: Path) -> Path:
    """Give a copy of what a fresh clone holds, without environment and caches."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    copy = tmp_path / "bizops checkout"
    for name in filter(None, listed.split("\0")):
        source = CHECKOUT / name
        if source.is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy / name)
    return copy
