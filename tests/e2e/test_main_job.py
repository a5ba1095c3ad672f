"""The main job: from Salesforce's API to a metric, by the commands a person types."""

from __future__ import annotations

import csv
import json
import subprocess
from decimal import Decimal
from typing import TYPE_CHECKING

from .conftest import SCRIPTS

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Company

MONEY = Decimal("0.01")
EVERYTHING = ("--json", "--period", "any", "--dimension", "any")
RATIO = Decimal("0.000001")


def test_the_metrics_shown_equal_the_truth_of_the_sample_company(
    company: Company, tmp_path: Path
) -> None:
    done = company.run("elt", "run")
    assert done.returncode == 0, done.stdout + done.stderr

    shown = company.run("metrics", "show", *EVERYTHING)

    assert shown.returncode == 0, shown.stderr
    values = {key(row): row for row in json.loads(shown.stdout, parse_float=Decimal)}
    expected = {key(row): row for row in truth(tmp_path, "tiny")}
    assert len(expected) > 100
    wrong = [
        (what, row["value"], values.get(what, {}).get("value"))
        for what, row in expected.items()
        if not is_equal(row["value"], values.get(what, {}).get("value", "missing"))
    ]
    assert wrong == []
    assert set(values) == set(expected)


def test_a_second_run_loads_almost_nothing_and_changes_nothing(
    company: Company,
) -> None:
    first = company.run("elt", "run")
    assert first.returncode == 0, first.stdout + first.stderr
    before = company.fingerprints()
    metrics = company.run("metrics", "show", *EVERYTHING).stdout

    second = company.run("elt", "run")

    assert second.returncode == 0, second.stdout + second.stderr
    assert company.fingerprints() == before
    assert company.run("metrics", "show", *EVERYTHING).stdout == metrics
    runs = json.loads(company.run("runs", "list", "--json").stdout)
    assert [run["status"] for run in runs] == ["succeeded", "succeeded"]
    assert runs[0]["rows"] * 5 < runs[1]["rows"]


def test_the_state_of_a_run_is_shown_per_stream(company: Company) -> None:
    assert company.run("elt", "run", "--only", "el").returncode == 0

    shown = company.run("state", "show", "tap-salesforce", "--json")

    state = json.loads(shown.stdout)
    bookmarks = state["bookmarks"]
    newest = company.query(
        'select max("SystemModstamp") from raw_salesforce."Opportunity"'
    )[0][0]
    assert bookmarks["Opportunity"]["replication_key"] == "SystemModstamp"
    assert bookmarks["Opportunity"]["replication_key_value"].startswith(
        newest.strftime("%Y-%m-%dT%H:%M:%S")
    )


def test_no_secret_is_left_anywhere_in_the_project(company: Company) -> None:
    assert company.run("elt", "run").returncode == 0

    secrets = [
        company.variables["SALESFORCE_CLIENT_SECRET"],
        company.variables["SALESFORCE_REFRESH_TOKEN"],
    ]
    left = [
        (path, secret)
        for path in company.directory.rglob("*")
        if path.is_file() and "plugins" not in path.parts
        for secret in secrets
        if secret.encode() in path.read_bytes()
    ]
    assert left == []


def truth(directory: Path, scale: str) -> list[dict[str, str]]:
    """Give the sandbox's own metrics of Salesforce, computed from the event log."""
    sources = ["--sources", "salesforce", "--sources", "zuora"]
    command = [SCRIPTS / "bizops-sandbox", "truth", "--scale", scale, *sources]
    subprocess.run([*command, "--out", directory], check=True, capture_output=True)
    with (directory / "metrics.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [row for row in rows if row["sources"] == "salesforce"]


def key(row: dict[str, str]) -> tuple[str, ...]:
    """Give what identifies a metric's value."""
    names = ("metric_code", "period_type", "period_start", "dimension_type")
    return (*(row[name] for name in names), row["dimension_id"])


def is_equal(expected: str, shown: object) -> bool:
    """Say whether two figures agree to a cent or a millionth."""
    if expected == "" or shown is None:
        return expected == "" and shown is None
    difference = abs(Decimal(expected) - Decimal(str(shown)))
    return difference <= (MONEY if abs(Decimal(expected)) >= 10 else RATIO)
