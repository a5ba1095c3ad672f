"""All five sources of the sample company, from their APIs into one warehouse."""

from __future__ import annotations

import csv
import json
import subprocess
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from .conftest import SCRIPTS, Company, link_plugins, project_file

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Sandbox

TAPS = [
    "tap-salesforce",
    "tap-marketo",
    "tap-zuora",
    "tap-facebook-ads",
    "tap-gitlab",
]
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
    """Give a project of all five sources with an empty warehouse."""
    directory = tmp_path / "company"
    directory.mkdir()
    jobs = {"default": {"taps": TAPS, "transform": "build", "parallel": 2}}
    (directory / "bizops.yml").write_text(project_file(jobs=jobs), encoding="utf-8")
    link_plugins(directory, installed_plugins)
    return Company(directory, tiny_sandbox.variables, fresh_database)


@pytest.mark.timeout(900)
def test_one_command_loads_all_five_sources_and_reads_again_only_what_is_new(
    whole_company: Company, tmp_path: Path
) -> None:
    installed = whole_company.run("install")
    assert installed.returncode == 0, installed.stdout + installed.stderr

    first = whole_company.run("elt", "run")

    assert first.returncode == 0, first.stdout + first.stderr
    assert rows_loaded(whole_company) == rows_generated(tmp_path)
    assert metrics_shown(whole_company) == metrics_true(tmp_path)

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
    sources = ("--sources", "salesforce", "--sources", "zuora")
    sandbox("truth", "--scale", "tiny", *sources, "--out", str(folder))
    with (folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        key(row): round(Decimal(row["value"]), 2) if row["value"] else None
        for row in rows
        if row["metric_code"] not in NOT_MODELLED
    }


def key(row: dict[str, str]) -> tuple[str, ...]:
    names = ("metric_code", "period_type", "dimension_type", "dimension_id")
    return (*(row[name] for name in names), str(row["period_start"]))


def sandbox(*arguments: str) -> None:
    subprocess.run([SCRIPTS / "bizops-sandbox", *arguments], check=True, timeout=120)


# Metrics of the truth that no model makes yet.
NOT_MODELLED = {
    "arr_price_effect",
    "arr_seat_effect",
    "arr_tier_effect",
    "bookings_to_arr_timing",
    "bookings_to_arr_unbooked",
    "bookings_to_arr_valuation",
}
