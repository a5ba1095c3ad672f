"""A chart of ours as Superset has charts: its type and its parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bizops_cli.display.parameters import (
    COLOURS,
    Parameters,
    any_time,
    axes,
    condition,
    equals,
    expression,
    metric_filters,
    number_format,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bizops_cli.display.catalogue import Catalogue, Metric
    from bizops_cli.display.specification import Chart

VALUES = "metric_values"
PERIOD_NAMES = {
    "month": "month",
    "fiscal_quarter": "fiscal quarter",
    "fiscal_year": "fiscal year",
    "week": "week",
}
_FIGURE_PERIODS = ("fiscal_quarter", "month", "fiscal_year", "all")
_UNITS_TO_NAME = ("days", "months", "points", "percent")
_USUAL_PERIODS = {"figure": "fiscal_quarter", "trend": "month"}
_SPLITS = ("segment", "channel")
_ROW_UNITS = {"figure": 27, "number": 18, "table": 62}
_USUAL_UNITS = 44


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, ready for Superset.

    Attributes:
        key: What it is known by between imports; unique within a dashboard.
        title: Above it.
        description: Its definition, on demand.
        dataset: Name of what it reads.
        viz_type: Superset's name of its form.
        parameters: Superset's `params`.
        units: Height; one is 8 pixels.
        filters: Which filters of the dashboard it heeds: time, segment, channel.
        width: Columns of twelve; None shares the row.
    """

    key: str
    title: str
    description: str
    dataset: str
    viz_type: str
    parameters: Mapping[str, Any]
    units: int
    filters: frozenset[str] = frozenset()
    width: int | None = None


def draw(chart: Chart, catalogue: Catalogue) -> Drawing | None:
    """Return the chart; None if the warehouse has nothing of what it shows."""
    if chart.kind in {"figure", "trend", "bars"}:
        dimension = chart.options.get("by", "total")
        shown = [
            catalogue.metrics[code]
            for code in chart.subjects
            if catalogue.has_figures(code, dimension, _period(chart, catalogue, code))
        ]
        if not shown:
            return None
        period = _period(chart, catalogue, shown[0].code)
        return _of_metrics(_with_period(chart, period), shown)
    return _of_dataset(chart)


def _period(chart: Chart, catalogue: Catalogue, code: str) -> str:
    """Return the period type a chart is drawn by: for a figure, one that there is."""
    dimension = chart.options.get("by", "total")
    if chart.kind == "bars":
        metric = catalogue.metrics.get(code)
        return "month" if metric is not None and metric.is_additive else "all"
    wanted = chart.options.get("period", _USUAL_PERIODS[chart.kind])
    others = [p for p in _FIGURE_PERIODS if catalogue.has_figures(code, dimension, p)]
    if chart.kind == "figure" and wanted not in others and others:
        return others[0]
    return str(wanted)


def _with_period(chart: Chart, period: str) -> Chart:
    return replace(chart, options={**chart.options, "period": period})


def _of_metrics(chart: Chart, metrics: Sequence[Metric]) -> Drawing:
    first = metrics[0]
    drawers = {"figure": _figure, "trend": _trend, "bars": _bars}
    viz_type, parameters = drawers[chart.kind](chart, metrics)
    by = chart.options.get("by")
    is_said = not by or _words(by) in first.name.lower()
    named = first.name if is_said else f"{first.name} by {_words(by)}"
    time = () if chart.options["period"] == "all" else ("time",)
    return Drawing(
        key=_key(chart),
        title=chart.options.get("title", named),
        description="\n\n".join(
            f"{m.name}: {m.formula}. Unit: {m.unit}." for m in metrics
        ),
        dataset=VALUES,
        viz_type=viz_type,
        parameters={**parameters, "viz_type": viz_type},
        units=_ROW_UNITS.get(chart.kind, _USUAL_UNITS),
        filters=frozenset((*time, *(name for name in _SPLITS if name == by))),
        width=chart.options.get("width"),
    )


def _figure(chart: Chart, metrics: Sequence[Metric]) -> tuple[str, Parameters]:
    metric, period = metrics[0], chart.options["period"]
    if period == "all":
        return "big_number_total", {
            "metric": expression("max(value)", metric.name),
            "adhoc_filters": metric_filters([metric], "total", period),
            "header_font_size": 0.3,
            "subtitle": metric.unit if metric.unit in _UNITS_TO_NAME else "",
            **number_format(chart, metric),
        }
    return "big_number", {
        "metric": expression("max(value)", metric.name),
        "x_axis": "period_start",
        "adhoc_filters": metric_filters([metric], "total", period, ended=True),
        "compare_lag": 1,
        "compare_suffix": f"on the {PERIOD_NAMES[period]} before",
        "show_trend_line": True,
        "start_y_axis_at_zero": True,
        "show_timestamp": True,
        "time_format": f"{PERIOD_NAMES[period]} from %Y-%m-%d",
        "subtitle": metric.unit if metric.unit in _UNITS_TO_NAME else "",
        "header_font_size": 0.3,
        "subtitle_font_size": 0.15,
        "subheader_font_size": 0.15,
        "aggregation": "LAST_VALUE",
        **number_format(chart, metric),
    }


def _trend(chart: Chart, metrics: Sequence[Metric]) -> tuple[str, Parameters]:
    style = chart.options.get("style", "stack")
    period = chart.options["period"]
    by = chart.options.get("by")
    split = "dimension_name" if by else "metric_name"
    is_line = style in {"line", "area"}
    form = "echarts_area" if style == "area" else "echarts_timeseries_line"
    return form if is_line else "echarts_timeseries_bar", {
        "x_axis": "period_start",
        "metrics": [expression("max(value)", "Value")],
        "groupby": [split] if by or len(metrics) > 1 else [],
        "adhoc_filters": metric_filters(metrics, by or "total", period, ended=True),
        "stack": "Stack" if style in {"stack", "area"} else None,
        "opacity": 0.7,
        "markerEnabled": style == "line",
        "x_axis_time_format": "%Y-%m-%d" if period == "week" else "%b %Y",
        "tooltipTimeFormat": "%Y-%m-%d",
        "truncateYAxis": False,
        "y_axis_bounds": [None, None],
        **axes(chart, metrics[0], is_split=bool(by) or len(metrics) > 1),
    }


def _bars(chart: Chart, metrics: Sequence[Metric]) -> tuple[str, Parameters]:
    over_periods = _over_periods(metrics[0])
    value = expression(over_periods, "Value")
    period = chart.options["period"]
    is_by_name = chart.options.get("sort") == "name"
    return "echarts_timeseries_bar", {
        "x_axis": "dimension_name",
        "metrics": [value],
        "groupby": ["metric_name"] if len(metrics) > 1 else [],
        "adhoc_filters": [
            *metric_filters(metrics, chart.options["by"], period),
            condition(f"{over_periods} is not null", clause="HAVING"),
        ],
        "orientation": "horizontal" if len(metrics) == 1 else "vertical",
        "x_axis_sort": "dimension_name" if is_by_name else "Value",
        "x_axis_sort_asc": not is_by_name if len(metrics) == 1 else False,
        "x_axis_sort_series": "name" if is_by_name else "sum",
        "x_axis_sort_series_ascending": False,
        "show_value": len(metrics) == 1,
        "xAxisLabelRotation": 0 if len(metrics) == 1 else 45,
        "xAxisLabelInterval": "0",
        "truncateYAxis": False,
        "y_axis_bounds": [None, None],
        **axes(chart, metrics[0], is_split=len(metrics) > 1),
    }


def _over_periods(metric: Metric) -> str:
    """Return what makes one figure of the rows of many months; or of the one row."""
    if metric.kind == "sum":
        return "sum(value)"
    if metric.kind == "ratio":
        return "sum(numerator) / nullif(sum(denominator), 0)"
    return "max(value)"


def _of_dataset(chart: Chart) -> Drawing:
    drawers = {
        "funnel": _funnel,
        "table": _table,
        "number": _number,
        "series": _series,
    }
    viz_type, parameters = drawers[chart.kind](chart)
    return Drawing(
        key=_key(chart),
        title=chart.options["title"],
        description="",
        dataset=chart.subjects[0],
        viz_type=viz_type,
        parameters={**parameters, "viz_type": viz_type},
        units=_ROW_UNITS.get(chart.kind, _USUAL_UNITS),
        filters=frozenset({"time"} if chart.kind in {"funnel", "series"} else set())
        | frozenset({"channel"} if chart.subjects[0] == "campaigns" else set()),
        width=chart.options.get("width"),
    )


def _funnel(chart: Chart) -> tuple[str, Parameters]:
    """Draw steps as bars: the labels of a funnel's narrow end cannot be read."""
    del chart
    return "echarts_timeseries_bar", {
        "x_axis": "stage",
        "metrics": [expression("sum(people)", "People")],
        "groupby": [],
        "adhoc_filters": [
            equals("dimension_type", "total"),
            any_time("period_start"),
        ],
        "orientation": "horizontal",
        "x_axis_sort": "People",
        "x_axis_sort_asc": True,
        "show_value": True,
        "show_legend": False,
        "rich_tooltip": True,
        "row_limit": 10,
        "y_axis_format": ",d",
        "color_scheme": COLOURS,
    }


def _table(chart: Chart) -> tuple[str, Parameters]:
    options = chart.options
    order = options["order"]
    parameters: Parameters = {
        "query_mode": "raw",
        "all_columns": list(options["columns"]),
        "order_by_cols": [_json([order, bool(options.get("ascending", False))])],
        "adhoc_filters": [],
        "row_limit": 1000,
        "server_pagination": False,
        "page_length": 0,
        "include_search": True,
        "table_timestamp_format": "%Y-%m-%d %H:%M",
        "show_cell_bars": False,
        "allow_rearrange_columns": False,
        "color_pn": False,
        "column_config": {
            name: {"d3NumberFormat": ",.2~f"} for name in options["columns"]
        },
    }
    if "where" in options:
        parameters["adhoc_filters"] = [condition(options["where"])]
    return "table", parameters


def _number(chart: Chart) -> tuple[str, Parameters]:
    is_time = chart.options.get("format") == "time"
    return "big_number_total", {
        "metric": expression(chart.options["expression"], chart.options["title"]),
        "adhoc_filters": [],
        "header_font_size": 0.3,
        "subtitle": "",
        "y_axis_format": ",d",
        "time_format": "%Y-%m-%d %H:%M",
        "force_timestamp_formatting": is_time,
    }


def _series(chart: Chart) -> tuple[str, Parameters]:
    options = chart.options
    return "echarts_timeseries_bar", {
        "x_axis": options["x"],
        "time_grain_sqla": "P1D",
        "metrics": [expression(options["expression"], options["title"])],
        "groupby": [options["by"]] if "by" in options else [],
        "adhoc_filters": [any_time(options["x"])],
        "stack": "Stack",
        "row_limit": 10000,
        "rich_tooltip": True,
        "show_legend": True,
        "legendType": "scroll",
        "legendOrientation": "top",
        "x_axis_time_format": "%Y-%m-%d",
        "y_axis_format": "SMART_NUMBER",
        "color_scheme": COLOURS,
    }


def _key(chart: Chart) -> str:
    said = {
        name: chart.options[name] for name in ("by", "period") if name in chart.options
    }
    title = chart.options.get("title", "")
    return "/".join([chart.kind, "+".join(chart.subjects), *said.values(), title])


def _words(name: str | None) -> str:
    return (name or "").replace("_", " ")


def _json(value: object) -> str:
    import json

    return json.dumps(value)
