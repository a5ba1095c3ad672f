"""The bundle Superset imports: made from our YAML files and what the warehouse has.

A pure function of both, so that the same files and the same warehouse give the same
bundle, byte for byte: an import is needed only when it changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from bizops_cli.display.charts import Drawing, draw
from bizops_cli.display.filters import native_filters
from bizops_cli.display.layout import Page, Placed
from bizops_cli.display.specification import Chart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bizops_cli.display.catalogue import Catalogue, Metric
    from bizops_cli.display.specification import Dashboard, Dataset

DATABASE_NAME = "BizOps warehouse"
_VERSION = "1.0.0"
_NOTE_UNITS = 12
_REST_UNITS = 60


@dataclass(frozen=True, slots=True)
class Bundle:
    """What Superset imports.

    Attributes:
        files: Path in the bundle to YAML text.
        charts: Dashboard's slug to the titles of its charts.
        missing: Dashboard's slug to what could not be shown.
    """

    files: Mapping[str, str]
    charts: Mapping[str, Sequence[str]]
    missing: Mapping[str, Sequence[str]]


def compose(
    dashboards: Sequence[Dashboard],
    datasets: Mapping[str, Dataset],
    catalogue: Catalogue,
) -> Bundle:
    """Make the bundle of all dashboards.

    Args:
        dashboards: As the files have them.
        datasets: By name.
        catalogue: What the warehouse has; what it lacks is left out and named.
    """
    usable = {
        name: dataset
        for name, dataset in datasets.items()
        if catalogue.relations.issuperset(dataset.needs)
    }
    documents: dict[str, Any] = {
        "metadata.yaml": {
            "version": _VERSION,
            "type": "assets",
            "timestamp": "2000-01-01T00:00:00+00:00",
        },
        "databases/warehouse.yaml": _database(),
    }
    for name, dataset in usable.items():
        documents[f"datasets/warehouse/{name}.yaml"] = _dataset(dataset, catalogue)
    charts: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    for dashboard in dashboards:
        maker = _DashboardMaker(dashboard, usable, catalogue)
        documents |= maker.make()
        charts[dashboard.slug] = maker.titles
        missing[dashboard.slug] = maker.missing
    return Bundle({path: _yaml(d) for path, d in documents.items()}, charts, missing)


def stable_uuid(*parts: str) -> str:
    """Return the UUID by which something is known from import to import."""
    return str(uuid5(NAMESPACE_URL, "bizops.display/" + "/".join(parts)))


class _DashboardMaker:
    """Makes one dashboard and its charts."""

    def __init__(
        self,
        dashboard: Dashboard,
        datasets: Mapping[str, Dataset],
        catalogue: Catalogue,
    ) -> None:
        self._dashboard = dashboard
        self._datasets = datasets
        self._catalogue = catalogue
        self._placed: list[Placed] = []
        self.missing: list[str] = []

    @property
    def titles(self) -> list[str]:
        """Return the titles of its charts."""
        return [placed.drawing.title for placed in self._placed]

    def make(self) -> dict[str, Any]:
        """Return its documents by path."""
        dashboard = self._dashboard
        page = Page(dashboard.title)
        for section in dashboard.sections:
            rows = [row for row in map(self._row, section.rows) if row]
            if rows:
                page.heading(section.title)
            for row in rows:
                page.row(row)
        self._add_rest(page)
        if self.missing:
            page.heading("Not shown")
            page.note(
                _missing_note(self.missing), units=_NOTE_UNITS + 3 * len(self.missing)
            )
        documents = {
            f"charts/{dashboard.slug}_{placed.chart_id}.yaml": self._chart(placed)
            for placed in self._placed
        }
        documents[f"dashboards/{dashboard.slug}.yaml"] = self._document(page)
        return documents

    def _row(self, charts: Sequence[Chart]) -> list[Placed]:
        return [placed for placed in map(self._place, charts) if placed is not None]

    def _place(self, chart: Chart) -> Placed | None:
        drawing = draw(chart, self._catalogue)
        if drawing is None or drawing.dataset not in self._datasets:
            self.missing.append(_missing_line(chart, self._catalogue))
            return None
        return self._placed_as(drawing)

    def _placed_as(self, drawing: Drawing) -> Placed:
        uuid = stable_uuid("chart", self._dashboard.slug, drawing.key)
        placed = Placed(drawing, uuid, len(self._placed) + 1)
        self._placed.append(placed)
        return placed

    def _add_rest(self, page: Page) -> None:
        """Add the table of the department's metrics, those without a chart too."""
        department = self._dashboard.department
        codes = [
            m for m in self._catalogue.metrics.values() if m.department == department
        ]
        if not codes or "latest_figures" not in self._datasets:
            return
        columns = ["Metric", "Last month", "Last fiscal quarter", "Last fiscal year"]
        columns += [
            "All time",
            "Numerator",
            "Denominator",
            "As of",
            "Note",
            "Definition",
        ]
        chart = Chart(
            "table",
            ("latest_figures",),
            {
                "title": f"Every metric of {department}, with what it is made of",
                "columns": columns,
                "order": "Metric",
                "ascending": True,
                "where": f'"Department" = {_quoted(department or "")}',
            },
        )
        page.heading("All figures")
        placed = self._place(chart)
        if placed is not None:
            page.row([placed])

    def _chart(self, placed: Placed) -> dict[str, Any]:
        drawing = placed.drawing
        return {
            "slice_name": drawing.title,
            "description": drawing.description or None,
            "viz_type": drawing.viz_type,
            "params": dict(drawing.parameters),
            "cache_timeout": None,
            "uuid": placed.uuid,
            "version": _VERSION,
            "dataset_uuid": stable_uuid("dataset", drawing.dataset),
            "is_managed_externally": True,
        }

    def _document(self, page: Page) -> dict[str, Any]:
        dashboard = self._dashboard
        return {
            "dashboard_title": dashboard.title,
            "description": dashboard.description,
            "css": "",
            "slug": dashboard.slug,
            "uuid": stable_uuid("dashboard", dashboard.slug),
            "position": page.finished(),
            "metadata": {
                "color_scheme": "supersetColors",
                "cross_filters_enabled": False,
                "refresh_frequency": 0,
                "expanded_slices": {},
                "timed_refresh_immune_slices": [],
                "native_filter_configuration": native_filters(
                    self._placed, stable_uuid("dataset", "metric_values")
                ),
            },
            "version": _VERSION,
            "published": True,
            "is_managed_externally": True,
        }


def _database() -> dict[str, Any]:
    return {
        "database_name": DATABASE_NAME,
        "sqlalchemy_uri": "postgresql+psycopg2://reader@warehouse/bizops",
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "cache_timeout": None,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": stable_uuid("database", "warehouse"),
        "version": _VERSION,
        "is_managed_externally": True,
    }


def _dataset(dataset: Dataset, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "table_name": dataset.name,
        "description": f"{dataset.title}. {dataset.description}",
        "main_dttm_col": dataset.time,
        "schema": None,
        "sql": dataset.sql.replace("{definitions}", definitions_sql(catalogue.metrics)),
        "uuid": stable_uuid("dataset", dataset.name),
        "database_uuid": stable_uuid("database", "warehouse"),
        "columns": [
            {
                "column_name": name,
                "verbose_name": dataset.labels.get(name),
                "type": kind,
                "is_dttm": kind in {"DATE", "TIMESTAMP"},
                "groupby": True,
                "filterable": True,
                "is_active": True,
            }
            for name, kind in dataset.columns.items()
        ],
        "metrics": [
            {
                "metric_name": "count",
                "verbose_name": "Rows",
                "metric_type": "count",
                "expression": "count(*)",
            }
        ],
        "version": _VERSION,
        "is_managed_externally": True,
    }


def definitions_sql(metrics: Mapping[str, Metric]) -> str:
    """Return the catalogue of metrics as a row set that can be joined."""
    names = "metric_code, metric_name, department, unit, formula, needed_sources"
    lines = [
        "("
        + ", ".join(
            _quoted(text)
            for text in (m.code, m.name, m.department, m.unit, m.formula, m.sources)
        )
        + ")"
        for m in metrics.values()
    ]
    rows = ",\n".join(lines) or "(null, null, null, null, null, null)"
    return f"(values\n{rows}\n) as definitions ({names})"


def _missing_line(chart: Chart, catalogue: Catalogue) -> str:
    if chart.kind not in {"figure", "trend", "bars"}:
        return f"{chart.options['title']}: {_unread(chart.subjects[0])}"
    by = f" by {chart.options['by'].replace('_', ' ')}" if "by" in chart.options else ""
    metrics = [catalogue.metrics.get(code) for code in chart.subjects]
    known = [metric for metric in metrics if metric is not None]
    if not known:
        codes = ", ".join(chart.subjects)
        return f"{codes}{by}: not defined in the transform of this project"
    sources = sorted({s.strip() for m in known for s in m.sources.split(",")})
    names = ", ".join(metric.name for metric in known)
    return f"{names}{by}: no figures; they rest on data of {', '.join(sources)}"


def _unread(dataset: str) -> str:
    if dataset == "reconciliations":
        return "never compared; `bizops reconcile` holds the warehouse to its sources"
    return "no run of bizops has left what it reads"


def _missing_note(lines: Sequence[str]) -> str:
    points = "\n".join(f"- {line}" for line in dict.fromkeys(lines))
    return (
        f"{points}\n\nAdd and load what is missing (`bizops add`, `bizops elt run`), "
        "then run `bizops display up` again. The dashboard *Administration* shows what "
        "is loaded."
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _yaml(document: object) -> str:
    import yaml

    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return re.sub(r"[ \t]+\n", "\n", text)
