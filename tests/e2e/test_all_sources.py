"""All sources of the sample company, APIs and files, into one warehouse."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import time
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
ROWS_ARRIVE = (
    "select exists (select from pg_tables where schemaname = 'raw_salesforce')"
)
MODELS_ARE_BUILT = (
    "select exists (select from pg_tables where schemaname = 'intermediate')"
)
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
def test_after_kills_while_loading_and_building_the_next_run_ends_in_the_truth(
    whole_company: Company, tmp_path: Path
) -> None:
    installed = whole_company.run("install")
    assert installed.returncode == 0, installed.stdout + installed.stderr

    kill_a_run(whole_company, when=ROWS_ARRIVE)
    kill_a_run(whole_company, when=MODELS_ARE_BUILT)
    last = whole_company.run("elt", "run")

    assert last.returncode == 0, last.stdout + last.stderr
    assert rows_loaded(whole_company) == rows_generated(tmp_path)
    assert file_rows_loaded(whole_company) == file_rows_served(whole_company)
    shown, true = metrics_shown(whole_company), metrics_true(tmp_path)
    assert differences(shown, true) == {}
    ((read_again,),) = whole_company.query("select sum(rows) from bizops.run_streams")
    assert read_again < all_raw_rows(whole_company) / 2


def kill_a_run(company: Company, *, when: str, timeout_s: float = 280) -> None:
    """Kill `bizops` in its run as soon as a query finds something."""
    process = company.start("elt", "run")
    deadline_s = time.monotonic() + timeout_s
    while not company.query(when)[0][0]:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline_s, "it did not come that far"
        time.sleep(0.05)
    process.kill()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL


def all_raw_rows(company: Company) -> int:
    tables = company.query(
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname like 'raw%'"
    )
    counts = " + ".join(f"(select count(*) from {name})" for (name,) in tables)
    ((total,),) = company.query(f"select {counts}")
    assert isinstance(total, int)
    return total


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
