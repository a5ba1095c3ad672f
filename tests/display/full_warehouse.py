"""The dashboards as bundles for Superset, over a warehouse that has all they show."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.display.bundle import compose
from bizops_cli.display.catalogue import Catalogue, Metric
from bizops_cli.display.specification import read_dashboards, read_datasets

if TYPE_CHECKING:
    from bizops_cli.display.bundle import Bundle

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "display" / "superset"
METRIC_KINDS = ("figure", "trend", "bars")
PERIODS = ("month", "fiscal_quarter", "fiscal_year", "all")


def definitions() -> dict[str, Metric]:
    seed = ROOT / "transform" / "seeds" / "metric_definitions.csv"
    with seed.open(encoding="utf-8", newline="") as file:
        return {
            row["metric_code"]: Metric(
                code=row["metric_code"],
                name=row["name"],
                department=row["department"],
                formula=row["formula"],
                unit=row["unit"],
                kind=row["kind"],
                sources=row["sources"],
            )
            for row in csv.DictReader(file)
        }


def everything() -> Catalogue:
    """Give a warehouse that has every metric in every split the dashboards name."""
    metrics = definitions()
    splits = {"total"} | {
        chart.options["by"]
        for dashboard in read_dashboards(ASSETS)
        for section in dashboard.sections
        for row in section.rows
        for chart in row
        if "by" in chart.options and chart.kind in METRIC_KINDS
    }
    figures = {(c, s, p) for c in metrics for s in splits for p in PERIODS}
    needs = {name for d in read_datasets(ASSETS).values() for name in d.needs}
    return Catalogue(metrics, frozenset(figures), frozenset(needs))


def composed(catalogue: Catalogue) -> Bundle:
    return compose(read_dashboards(ASSETS), read_datasets(ASSETS), catalogue)
