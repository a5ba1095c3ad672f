"""A run killed at any place, then run again, ends as if nothing had happened."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
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
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def small_sandbox() -> Iterator[Sandbox]:
    """Serve the company of 300 organisations: large enough to be interrupted."""
    yield from serve("--scale", "small")


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory,
    installed_plugins: Path,
    small_sandbox: Sandbox,
    postgres_url: str,
) -> dict[str, tuple[object, ...]]:
    """Give the fingerprints of the tables after a run nobody disturbed."""
    database = create_database(postgres_url, "undisturbed")
    company = small_company(
        tmp_path_factory.mktemp("undisturbed"),
        installed_plugins,
        small_sandbox,
        database,
    )
    done = company.run("elt", "run", "--only", "el")
    assert done.returncode == 0, done.stdout + done.stderr
    return company.fingerprints()


@pytest.mark.parametrize("victim", ["bizops", "tap-salesforce", "target-postgres"])
def test_killing_a_process_in_the_middle_and_running_again_gives_the_same_tables(
    victim: str,
    tmp_path: Path,
    installed_plugins: Path,
    small_sandbox: Sandbox,
    fresh_database: str,
    undisturbed: dict[str, tuple[object, ...]],
) -> None:
    company = small_company(tmp_path, installed_plugins, small_sandbox, fresh_database)
    delay_a_later_stream(small_sandbox)
    process = company.start("elt", "run", "--only", "el")
    wait_until_rows_arrive(company)
    pid = process.pid if victim == "bizops" else child_of(process.pid, victim)
    os.kill(pid, signal.SIGKILL)
    output, _ = process.communicate(timeout=60)
    control(small_sandbox, "DELETE", "/faults")
    assert process.returncode != 0, output
    if victim != "bizops":
        assert victim in output
        assert "SIGKILL" in output

    again = company.run("elt", "run", "--only", "el")

    assert again.returncode == 0, again.stdout + again.stderr
    assert company.fingerprints() == undisturbed
    assert not list(company.directory.glob(".bizops/runs/*/secrets"))


def test_ctrl_c_ends_the_run_with_130_and_the_next_run_completes_it(
    tmp_path: Path,
    installed_plugins: Path,
    small_sandbox: Sandbox,
    fresh_database: str,
    undisturbed: dict[str, tuple[object, ...]],
) -> None:
    company = small_company(tmp_path, installed_plugins, small_sandbox, fresh_database)
    delay_a_later_stream(small_sandbox)
    process = company.start("elt", "run", "--only", "el")
    wait_until_rows_arrive(company)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    control(small_sandbox, "DELETE", "/faults")
    assert process.returncode == 130, output
    assert "Traceback" not in output
    assert not list(company.directory.glob(".bizops/runs/*/secrets"))

    again = company.run("elt", "run", "--only", "el")

    assert again.returncode == 0, again.stdout + again.stderr
    assert company.fingerprints() == undisturbed


def delay_a_later_stream(sandbox: Sandbox) -> None:
    """Make sure that the run is still in its middle when it is disturbed."""
    match = {"path": "*/results", "object": "OpportunityHistory"}
    fault = {"fault": "slow", "seconds": 8, "count": 1, "match": match}
    control(sandbox, "POST", "/faults", fault)


def small_company(
    directory: Path, plugins: Path, sandbox: Sandbox, database: str
) -> Company:
    """Give a project of the small company on an empty database."""
    (directory / "bizops.yml").write_text(
        project_file(target={**small_target(), "config": {"batch_size_rows": 500}}),
        encoding="utf-8",
    )
    link_plugins(directory, plugins)
    return Company(directory, sandbox.variables, database)


def small_target() -> dict[str, str]:
    """Give the target's part of the project file."""
    import yaml

    target = yaml.safe_load(project_file())["target"]
    assert isinstance(target, dict)
    return target


def wait_until_rows_arrive(company: Company, *, timeout_s: float = 60) -> None:
    """Wait until the first table has rows: the run is in its middle then."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            if company.query('select 1 from raw_salesforce."Account" limit 1'):
                return
        except psycopg2.Error:
            pass
        time.sleep(0.02)
    raise AssertionError("no row arrived")


def child_of(pid: int, name: str) -> int:
    """Give the process id of the plugin that a run started."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and is_plugin_of(entry, pid, name):
            return int(entry.name)
    raise AssertionError(f"no {name} runs below {pid}")


def is_plugin_of(entry: Path, pid: int, name: str) -> bool:
    """Say whether a process was started by the run and is the plugin."""
    try:
        parent = entry.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1]
        command = entry.joinpath("cmdline").read_bytes().decode().split("\0")
    except OSError:
        return False
    return int(parent) == pid and any(Path(part).name == name for part in command)


def create_database(url: str, name: str) -> str:
    """Create a database that lives as long as the server of this session."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'drop database if exists "{name}" with (force)')
            cursor.execute(f'create database "{name}"')
    finally:
        connection.close()
    return url.rsplit("/", 1)[0] + f"/{name}"
