"""A budget of API calls stops a real tap in time, and the next run goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

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
    from pathlib import Path

BUDGET = 12


@pytest.fixture(scope="module")
def slow_sandbox() -> Iterator[Sandbox]:
    """Serve the company of 300 organisations."""
    yield from serve("--scale", "small")


def test_a_tap_at_its_budget_is_stopped_and_the_next_run_completes_it(
    tmp_path: Path,
    installed_plugins: Path,
    slow_sandbox: Sandbox,
    fresh_database: str,
) -> None:
    company = Company(tmp_path, slow_sandbox.variables, fresh_database)
    link_plugins(tmp_path, installed_plugins)
    write_project(tmp_path, api_call_budget=BUDGET)
    # So that the run is under way when its calls are told.
    slow = {"path": "*/results", "object": "OpportunityHistory"}
    fault = {"fault": "slow", "seconds": 45, "count": 1, "match": slow}
    control(slow_sandbox, "POST", "/faults", fault)

    stopped = company.run("elt", "run", "--only", "el", "--json")

    control(slow_sandbox, "DELETE", "/faults")
    assert stopped.returncode == 2, stopped.stderr
    assert f"API calls of the {BUDGET} it may make in a run" in stopped.stderr
    assert "the next run goes on from there" in stopped.stderr
    record = json.loads(stopped.stdout)
    assert record["taps"][0]["api_calls"] >= BUDGET
    assert record["taps"][0]["tap_exit_status"] in {143, -15}
    assert not [s for s in record["streams"] if s["stream"] == "OpportunityHistory"]
    read = {s["stream"]: s["rows"] for s in record["streams"] if s["bookmark_after"]}

    write_project(tmp_path)
    again = company.run("elt", "run", "--only", "el", "--json")

    assert again.returncode == 0, again.stderr
    later = {s["stream"]: s["rows"] for s in json.loads(again.stdout)["streams"]}
    assert later["OpportunityHistory"] > 0
    tables = company.fingerprints()
    assert all(rows for rows, _ in tables.values())
    for stream, rows in read.items():
        # A record of the bookmark's own instant may come again.
        total = tables[stream][0]
        assert isinstance(total, int)
        assert rows + later.get(stream, 0) <= total + 5, stream


def write_project(directory: Path, **settings: object) -> None:
    """Write the project file, with settings of tap-salesforce."""
    project = yaml.safe_load(project_file())
    project["taps"]["tap-salesforce"] |= settings
    (directory / "bizops.yml").write_text(yaml.safe_dump(project, sort_keys=False))
