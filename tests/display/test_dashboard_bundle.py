"""The bundle of dashboards, composed from the files that ship."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from bizops_cli.display.bundle import Bundle, definitions_sql
from bizops_cli.display.catalogue import Catalogue, Metric
from bizops_cli.display.layout import widths
from bizops_cli.display.specification import read_dashboards
from bizops_cli.errors import ConfigError

from .full_warehouse import ASSETS, METRIC_KINDS, composed, definitions, everything

if TYPE_CHECKING:
    from pathlib import Path


def _documents(bundle: Bundle, folder: str) -> dict[str, dict[str, Any]]:
    return {
        path: yaml.safe_load(text)
        for path, text in bundle.files.items()
        if path.startswith(folder)
    }


def test_every_metric_a_dashboard_names_is_defined_in_the_transform() -> None:
    defined = set(definitions())
    named = {
        code
        for dashboard in read_dashboards(ASSETS)
        for section in dashboard.sections
        for row in section.rows
        for chart in row
        if chart.kind in METRIC_KINDS
        for code in chart.subjects
    }
    assert named <= defined


def test_every_department_of_the_metrics_has_a_dashboard() -> None:
    departments = {metric.department for metric in definitions().values()}
    assert departments <= {
        dashboard.department for dashboard in read_dashboards(ASSETS)
    }


def test_a_full_warehouse_leaves_nothing_out() -> None:
    bundle = composed(everything())
    assert {slug: gaps for slug, gaps in bundle.missing.items() if gaps} == {}
    for dashboard in read_dashboards(ASSETS):
        wanted = sum(len(row) for section in dashboard.sections for row in section.rows)
        rest = 1 if dashboard.department else 0
        assert len(bundle.charts[dashboard.slug]) == wanted + rest


def test_an_empty_warehouse_gives_dashboards_that_say_what_is_missing() -> None:
    bundle = composed(Catalogue({}, frozenset(), frozenset()))
    assert _documents(bundle, "charts/") == {}
    assert _documents(bundle, "datasets/") == {}
    for path, dashboard in _documents(bundle, "dashboards/").items():
        notes = [
            element["meta"]["code"]
            for element in dashboard["position"].values()
            if isinstance(element, dict) and element["type"] == "MARKDOWN"
        ]
        assert len(notes) == 1, path
        assert "bizops elt run" in notes[0]


def test_a_source_that_is_not_loaded_is_named_beside_what_rests_on_it() -> None:
    full = everything()
    without = frozenset(f for f in full.figures if f[0] != "arr")
    bundle = composed(Catalogue(full.metrics, without, full.relations))
    assert "Annual recurring revenue" not in bundle.charts["company"]
    (line,) = [m for m in bundle.missing["company"] if m.endswith("salesforce, zuora")][
        :1
    ]
    assert line.startswith("Annual recurring revenue")


def test_a_missing_mart_takes_only_its_own_charts_along() -> None:
    full = everything()
    less = full.relations - {"marts.dim_campaigns"}
    bundle = composed(Catalogue(full.metrics, full.figures, less))
    assert "Campaigns, all time" not in bundle.charts["marketing"]
    assert "Cost per lead" in bundle.charts["marketing"]
    assert bundle.missing["sales"] == []


def test_the_same_files_and_warehouse_give_the_same_bundle() -> None:
    assert composed(everything()).files == composed(everything()).files


def test_every_chart_on_a_dashboard_is_in_the_bundle_with_its_dataset() -> None:
    bundle = composed(everything())
    charts = {c["uuid"]: c for c in _documents(bundle, "charts/").values()}
    datasets = {d["uuid"]: d for d in _documents(bundle, "datasets/").values()}
    seen: list[str] = []
    for dashboard in _documents(bundle, "dashboards/").values():
        elements = [e for e in dashboard["position"].values() if isinstance(e, dict)]
        placed = [e["meta"] for e in elements if e["type"] == "CHART"]
        ids = [meta["chartId"] for meta in placed]
        assert len(ids) == len(set(ids))
        for meta in placed:
            assert charts[meta["uuid"]]["slice_name"] == meta["sliceName"]
            assert charts[meta["uuid"]]["dataset_uuid"] in datasets
            seen.append(meta["uuid"])
        for rule in dashboard["metadata"]["native_filter_configuration"]:
            inside, outside = rule["chartsInScope"], rule["scope"]["excluded"]
            assert sorted(inside + outside) == sorted(ids)
            assert inside
    assert sorted(seen) == sorted(charts)


def test_rows_of_a_dashboard_fill_twelve_columns() -> None:
    for dashboard in _documents(composed(everything()), "dashboards/").values():
        position = dashboard["position"]
        for element in position.values():
            if isinstance(element, dict) and element["type"] == "ROW":
                total = sum(position[c]["meta"]["width"] for c in element["children"])
                assert total == 12


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([None, None, None], [4, 4, 4]),
        ([8, None], [8, 4]),
        ([None] * 5, [3, 3, 2, 2, 2]),
        ([12, None], [6, 6]),
        ([8], [12]),
    ],
)
def test_charts_share_a_row(wanted: list[int | None], expected: list[int]) -> None:
    assert widths(wanted) == expected


def test_a_quote_in_a_definition_stays_text() -> None:
    odd = Metric("m", "O'Neil's", "sales", "it's 100 % ';--", "USD", "sum", "csv")
    assert "'O''Neil''s'" in definitions_sql({"m": odd})
    assert "'it''s 100 % '';--'" in definitions_sql({"m": odd})


@pytest.mark.parametrize(
    ("chart", "reason"),
    [
        ("{figur: iacv}", "a chart is one of"),
        ("{figure: iacv, colour: red}", "no option colour"),
        ("{figure: iacv, bars: iacv}", "a chart is one of"),
    ],
)
def test_a_mistake_in_a_dashboard_is_named_with_its_file(
    tmp_path: Path, chart: str, reason: str
) -> None:
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "dashboards" / "mine.yaml").write_text(
        "title: T\nslug: t\ndescription: d\n"
        f"sections: [{{title: S, rows: [[{chart}]]}}]\n"
    )
    with pytest.raises(ConfigError, match=reason) as raised:
        read_dashboards(tmp_path)
    assert raised.value.message.startswith("mine.yaml: ")
