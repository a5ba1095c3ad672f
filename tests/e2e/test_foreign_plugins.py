"""Our tap with somebody else's target, somebody else's tap with ours."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg2
import pytest
import uv
import yaml

from .conftest import SCRIPTS, Company, project_file

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Sandbox


@pytest.fixture(scope="module")
def foreign_target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a target of the package index and give its executable."""
    environment = tmp_path_factory.mktemp("foreign")
    install = [uv.find_uv_bin(), "pip", "install", "--quiet", "--python"]
    subprocess.run(
        [
            uv.find_uv_bin(),
            "venv",
            "--quiet",
            "--clear",
            "-p",
            sys.executable,
            environment,
        ],
        check=True,
    )
    subprocess.run(
        [*install, environment / "bin" / "python", "meltanolabs-target-csv==0.5.0"],
        check=True,
    )
    return environment / "bin" / "target-csv"


def test_our_tap_piped_by_hand_into_a_foreign_target_delivers_every_row(
    tmp_path: Path, tiny_sandbox: Sandbox, foreign_target: Path
) -> None:
    config = tmp_path / "tap.json"
    config.write_text(json.dumps(tap_config(tiny_sandbox)))
    target_config = tmp_path / "target.json"
    target_config.write_text(json.dumps({"output_path": str(tmp_path / "out")}))
    catalog = tmp_path / "catalog.json"
    tap = SCRIPTS / "tap-salesforce"
    with catalog.open("wb") as file:
        subprocess.run([tap, "--config", config, "--discover"], stdout=file, check=True)

    with subprocess.Popen(
        [tap, "--config", config, "--catalog", catalog], stdout=subprocess.PIPE
    ) as source:
        loaded = subprocess.run(
            [foreign_target, "--config", target_config],
            stdin=source.stdout,
            stdout=subprocess.PIPE,
            check=True,
        )
    assert source.returncode == 0

    generated = rows_of_the_sandbox(tmp_path / "generated", "Opportunity")
    with next((tmp_path / "out").glob("Opportunity[-.]*csv")).open(newline="") as file:
        stored = {row["Id"]: row for row in csv.DictReader(file)}
    assert set(stored) == {row["Id"] for row in generated}
    last_state = json.loads(loaded.stdout.splitlines()[-1])
    assert "Opportunity" in last_state["bookmarks"]


def test_a_foreign_tap_of_the_package_index_runs_through_bizops_into_our_target(
    tmp_path: Path, installed_plugins: Path, fresh_database: str
) -> None:
    execute(
        fresh_database,
        "create schema shop",
        "create table shop.orders (id int primary key, total numeric(30,10), made_at"
        " timestamptz, note text)",
        "insert into shop.orders values (1, 12345678901234567890.0123456789,"
        " '2024-02-29 23:59:59+05', null), (2, 7.25, '2024-03-01', E'a\\nb \"c\"')",
    )
    project = yaml.safe_load(project_file())
    project["taps"] = {
        "tap-postgres": {
            "install": "meltanolabs-tap-postgres==0.10.0",
            "config": {**database_settings(fresh_database), "filter_schemas": ["shop"]},
            "schema": "raw_shop",
        }
    }
    project["jobs"] = {"default": {"taps": ["tap-postgres"], "transform": "none"}}
    directory = tmp_path / "company"
    directory.mkdir()
    (directory / "bizops.yml").write_text(yaml.safe_dump(project))
    company = Company(directory, {}, fresh_database)

    installed = company.run("install")
    done = company.run("elt", "run")

    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    stored = company.query(
        "select id, made_at = timestamptz '2024-02-29 18:59:59+00', note"
        ' from raw_shop."shop-orders" order by id'
    )
    assert stored == [(1, True, None), (2, False, 'a\nb "c"')]
    state = json.loads(company.run("state", "show", "tap-postgres", "--json").stdout)
    assert "shop-orders" in state["bookmarks"]


def tap_config(sandbox: Sandbox) -> dict[str, str]:
    """Give the tap's settings for the running sandbox."""
    return {
        name.removeprefix("SALESFORCE_").lower(): value
        for name, value in sandbox.variables.items()
    }


def rows_of_the_sandbox(directory: Path, name: str) -> list[dict[str, object]]:
    """Give the rows of an object as the sandbox projects them."""
    subprocess.run(
        [SCRIPTS / "bizops-sandbox", "generate", "--scale", "tiny", "--out", directory],
        check=True,
        capture_output=True,
    )
    file = next(directory.rglob(f"{name}.jsonl"))
    return [json.loads(line) for line in file.read_text().splitlines()]


def database_settings(url: str) -> dict[str, object]:
    """Give the settings of tap-postgres for a URL."""
    parts = urlsplit(url)
    return {
        "host": parts.hostname,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password or "unused",
        "database": parts.path.lstrip("/"),
        "default_replication_method": "FULL_TABLE",
    }


def execute(url: str, *statements: str) -> None:
    """Run statements on a database."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()
