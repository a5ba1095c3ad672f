"""All sources of the sample company, APIs and files, into one warehouse."""

from __future__ import annotations

import csv
import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import CHECKOUT, SCRIPTS, Company, make_project

if TYPE_CHECKING:
    from .conftest import Sandbox

TAPS = [
    "tap-salesforce",
    "tap-marketo",
    "tap-zuora",
    "tap-facebook-ads",
    "tap-gitlab",
    "tap-csv",
]
# Files, each with a table of its rows.
FILES = ("finance_monthly", "team_members", "web_daily", "experiments")
METRICS = CHECKOUT / "transform" / "seeds" / "metric_definitions.csv"
with METRICS.open(encoding="utf-8", newline="") as _file:
    DEFINED = {row["metric_code"] for row in csv.DictReader(_file)}
# A raw table, and the file of `bizops-sandbox generate` that holds the same records.
SAME_RECORDS = {
    'raw_salesforce."Opportunity"': "salesforce/Opportunity",
    'raw_salesforce."CampaignMember"': "salesforce/CampaignMember",
    "raw_marketo.leads": "marketo/leads",
    "raw_marketo.programs": "marketo/programs",
    "raw_marketo.emails": "marketo/emails",
    'raw_zuora."Subscription"': "zuora/Subscription",
    'raw_zuora."RatePlanCharge"': "zuora/RatePlanCharge",
    'raw_zuora."InvoicePayment"': "zuora/InvoicePayment",
    "raw_facebook.ads": "facebook/Ad",
    "raw_gitlab.merge_requests": "gitlab/merge_requests",
    "raw_gitlab.releases": "gitlab/releases",
}


@pytest.fixture
def whole_company(
    tmp_path: Path,
    installed_plugins: Path,
    tiny_sandbox: Sandbox,
    fresh_database: str,
) -> Company:
    """Give a project of all six taps with an empty warehouse."""
    jobs = {"default": {"taps": TAPS, "transform": "build", "parallel": 2}}
    directory = make_project(tmp_path, installed_plugins, jobs=jobs)
    return Company(directory, tiny_sandbox.variables, fresh_database)


@pytest.mark.timeout(900)
def test_one_command_loads_all_sources_and_reads_again_only_what_is_new(
    whole_company: Company, tmp_path: Path
) -> None:
    installed = whole_company.run("install")
    assert installed.returncode == 0, installed.stdout + installed.stderr

    first = whole_company.run("elt", "run")

    assert first.returncode == 0, first.stdout + first.stderr
    assert rows_loaded(whole_company) == rows_generated(tmp_path)
    assert file_rows_loaded(whole_company) == file_rows_served(whole_company)
    shown, true = metrics_shown(whole_company), metrics_true(tmp_path)
    assert differences(shown, true) == {}

    second = whole_company.run("elt", "run", "--only", "el")

    assert second.returncode == 0, second.stdout + second.stderr
    assert rows_loaded(whole_company) == rows_generated(tmp_path)
    runs = whole_company.query(
        "select sum(rows) from bizops.run_streams group by run_id order by 1"
    )
    assert runs[0][0] < runs[1][0] / 2


def rows_loaded(company: Company) -> dict[str, object]:
    return {
        name: company.query(f"select count(*) from {table}")[0][0]
        for table, name in SAME_RECORDS.items()
    }


def file_rows_loaded(company: Company) -> dict[str, object]:
    return {
        name: company.query(f"select count(*) from raw_csv.{name}")[0][0]
        for name in FILES
    }


def file_rows_served(company: Company) -> dict[str, int]:
    folder = Path(company.variables["CSV_INPUTS"])
    return {
        name: len((folder / f"{name}.csv").read_bytes().splitlines()) - 1
        for name in FILES
    }


def rows_generated(tmp_path: Path) -> dict[str, int]:
    folder = tmp_path / "generated"
    if not folder.exists():
        sandbox("generate", "--scale", "tiny", "--out", str(folder))
    return {
        name: len((folder / f"{name}.jsonl").read_bytes().splitlines())
        for name in SAME_RECORDS.values()
    }


def metrics_shown(company: Company) -> dict[tuple[str, ...], Decimal | None]:
    shown = company.run(
        "metrics", "show", "--json", "--period", "any", "--dimension", "any"
    )
    assert shown.returncode == 0, shown.stderr
    return {
        key(row): None if row["value"] is None else round(Decimal(row["value"]), 2)
        for row in json.loads(shown.stdout, parse_float=Decimal)
    }


def metrics_true(tmp_path: Path) -> dict[tuple[str, ...], Decimal | None]:
    folder = tmp_path / "truth"
    sandbox("truth", "--scale", "tiny", "--sources", "all", "--out", str(folder))
    with (folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        key(row): round(Decimal(row["value"]), 2) if row["value"] else None
        for row in rows
        if row["metric_code"] in DEFINED
    }


def differences(
    shown: dict[tuple[str, ...], Decimal | None],
    true: dict[tuple[str, ...], Decimal | None],
) -> dict[str, tuple[object, ...]]:
    """Give the first figure of each metric that differs or lacks on a side."""
    found: dict[str, tuple[object, ...]] = {}
    for each in sorted(shown.keys() | true.keys()):
        values = shown.get(each, "lacks"), true.get(each, "lacks")
        if values[0] != values[1]:
            found.setdefault(each[0], (*each[1:], *values))
    return found


def key(row: dict[str, str]) -> tuple[str, ...]:
    names = ("metric_code", "period_type", "dimension_type", "dimension_id")
    return (*(row[name] for name in names), str(row["period_start"]))


def sandbox(*arguments: str) -> None:
    subprocess.run([SCRIPTS / "bizops-sandbox", *arguments], check=True, timeout=120)
