"""Mistakes and misfortunes: exit status, a message that helps, nothing lost."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest

from .conftest import (
    Company,
    Sandbox,
    control,
    link_plugins,
    project_file,
    serve,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def test_a_wrong_key_is_named_with_its_line_and_the_nearest_right_one(
    company: Company,
) -> None:
    text = project_file().replace("default_environment:", "default_enviroment:")
    (company.directory / "bizops.yml").write_text(text, encoding="utf-8")

    done = company.run("elt", "run")

    line = text.splitlines().index("default_enviroment: dev") + 1
    assert done.returncode == 2
    assert f"bizops.yml:{line}" in done.stderr
    assert "default_environment" in done.stderr


def test_an_unset_variable_is_named_with_its_line(company: Company) -> None:
    variables = dict(company.variables)
    del variables["SALESFORCE_CLIENT_SECRET"]

    done = replace(company, variables=variables).run("elt", "run")

    assert done.returncode == 2
    assert "SALESFORCE_CLIENT_SECRET" in done.stderr
    assert "bizops.yml:" in done.stderr


def test_a_wrong_password_of_the_warehouse_is_told_without_showing_it(
    company: Company,
) -> None:
    parts = urlsplit(company.warehouse_url)
    if not parts.password:
        pytest.skip("the given server trusts everybody: it cannot refuse a password")
    netloc = parts.netloc.replace(parts.password, "wr0ng-passw0rd")
    wrong = urlunsplit(parts._replace(netloc=netloc))

    done = replace(company, warehouse_url=wrong).run("elt", "run")

    assert done.returncode == 2
    assert "password" in done.stderr
    assert "wr0ng-passw0rd" not in done.stdout + done.stderr


def test_wrong_credentials_of_the_source_are_told_without_showing_them(
    company: Company,
) -> None:
    variables = {**company.variables, "SALESFORCE_REFRESH_TOKEN": "wr0ng-t0ken"}

    done = replace(company, variables=variables).run("elt", "run")

    assert done.returncode == 2, done.stderr
    assert "tap-salesforce" in done.stderr
    assert "refresh" in done.stderr
    assert "wr0ng-t0ken" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreachable_source_ends_with_5(company: Company) -> None:
    variables = {**company.variables, "SALESFORCE_LOGIN_URL": "http://127.0.0.1:9"}
    impatient = {**variables, "TAP_SALESFORCE_RETRY_DELAY_MAX": "0.01"}

    done = replace(company, variables=impatient).run("elt", "run")

    assert done.returncode == 5, done.stderr
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def failing_sandbox() -> Iterator[Sandbox]:
    """Serve the tiny company for one test, which orders faults."""
    yield from serve("--scale", "tiny")


def test_a_source_that_fails_half_way_keeps_what_came_and_the_next_run_completes_it(
    company: Company, failing_sandbox: Sandbox
) -> None:
    assert company.run("elt", "run", "--only", "el").returncode == 0
    expected = company.fingerprints()
    company.query_nothing("drop schema raw_salesforce cascade")
    company.query_nothing("delete from bizops.state")
    broken = replace(
        company,
        variables={
            **failing_sandbox.variables,
            "TAP_SALESFORCE_RETRY_DELAY_MAX": "0.01",
        },
    )
    fault = {
        "fault": "status",
        "status": 503,
        "match": {"path": "*/results*"},
        "after": 4,
        "count": None,
    }
    control(failing_sandbox, "POST", "/faults", fault)

    first = broken.run("elt", "run")

    assert first.returncode == 5, first.stdout + first.stderr
    assert "tap-salesforce" in first.stderr
    kept = company.query(
        "select count(*) from information_schema.tables"
        " where table_schema = 'raw_salesforce'"
    )[0][0]
    assert kept
    assert company.query("select to_regclass('marts.mtr_metric_values')") == [(None,)]

    control(failing_sandbox, "DELETE", "/faults")
    second = broken.run("elt", "run", "--only", "el")

    assert second.returncode == 0, second.stdout + second.stderr
    assert company.fingerprints() == expected


@pytest.mark.parametrize(("disk", "status"), [(".bizops", 1), (".bizops/warehouse", 4)])
def test_a_full_disk_is_named_and_the_next_run_completes_the_load(
    disk: str,
    status: int,
    small_disk: Callable[[Path], None],
    installed_plugins: Path,
    tiny_sandbox: Sandbox,
    open_directory: Path,
) -> None:
    (open_directory / ".bizops").mkdir()
    small_disk(open_directory / disk)
    (open_directory / "bizops.yml").write_text(project_file(), encoding="utf-8")
    link_plugins(open_directory, installed_plugins)
    company = Company(open_directory, tiny_sandbox.variables, "")
    assert company.run("warehouse", "start").returncode == 0
    filler = open_directory / disk / "filler"
    fill(filler)

    full = company.run("elt", "run", "--only", "el")
    filler.unlink()
    again = company.run("elt", "run", "--only", "el")

    assert full.returncode == status, full.stdout + full.stderr
    assert "No space left" in full.stderr
    assert "Traceback" not in full.stderr
    assert again.returncode == 0, again.stdout + again.stderr
    shown = company.run("state", "show", "tap-salesforce", "--json")
    assert "Opportunity" in json.loads(shown.stdout)["bookmarks"]


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """Give a folder that the warehouse's own user can reach, and stop it there."""
    with tempfile.TemporaryDirectory(prefix="bizops test ") as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory
        Company(directory, {}, "").run("warehouse", "stop")


@pytest.fixture
def small_disk(open_directory: Path) -> Iterator[Callable[[Path], None]]:
    """Give a function that puts a disk of 120 MB on a folder."""
    mounted: list[Path] = []

    def mount(folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        options = ["-t", "tmpfs", "-o", "size=120m,mode=0755", "tmpfs", folder]
        done = subprocess.run(["mount", *options], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("a small disk needs the right to mount one")
        mounted.append(folder)

    yield mount
    Company(open_directory, {}, "").run("warehouse", "stop")
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)


def fill(file: Path) -> None:
    """Write to a file until the disk is full."""
    with file.open("wb", buffering=0) as output:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    output.write(b"\0" * size)
            except OSError:
                continue
