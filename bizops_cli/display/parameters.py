"""Parameters of Superset's charts that many of ours share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_cli.display.catalogue import Metric
    from bizops_cli.display.specification import Chart

Parameters = dict[str, Any]
COLOURS = "supersetColors"


def axes(chart: Chart, metric: Metric, *, is_split: bool) -> Parameters:
    """Return what the axes, legend and colours of a chart of metrics are."""
    return {
        "row_limit": 10000,
        "order_desc": True,
        "rich_tooltip": True,
        "show_legend": is_split,
        "legendType": "scroll",
        "legendOrientation": "top",
        "color_scheme": COLOURS,
        "only_total": True,
        "zoomable": False,
        "minorTicks": False,
        "y_axis_title": "" if _is_plain(metric) else metric.unit,
        "y_axis_title_margin": 0 if _is_plain(metric) else 45,
        "y_axis_title_position": "Left",
        **number_format(chart, metric),
    }


def number_format(chart: Chart, metric: Metric) -> Parameters:
    """Return how figures of a metric are written."""
    if chart.options.get("format") == "number" or metric.unit == "times":
        return {"y_axis_format": ",.2f"}
    if metric.unit == "ratio":
        return {"y_axis_format": ",.1%"}
    if _is_currency(metric):
        return {
            "y_axis_format": ".3~s",
            "currency_format": {"symbol": metric.unit, "symbolPosition": "prefix"},
        }
    is_time = metric.unit in ("days", "months")
    return {"y_axis_format": ",.1~f" if is_time else ",.0f"}


def _is_currency(metric: Metric) -> bool:
    return len(metric.unit) == 3 and metric.unit.isupper()


def _is_plain(metric: Metric) -> bool:
    """Tell whether a figure says its unit by itself, as `$3` and `20 %` do."""
    return metric.unit == "ratio" or _is_currency(metric)


def metric_filters(
    metrics: Sequence[Metric], dimension: str, period: str, *, ended: bool = False
) -> list[Parameters]:
    """Return the filters that leave the rows of metrics in one split and period."""
    codes = [metric.code for metric in metrics]
    found = [
        {**equals("metric_code", codes), "operator": "IN", "operatorId": "IN"},
        equals("dimension_type", dimension),
        equals("period_type", period),
        any_time("period_start"),
    ]
    return [*found, condition("has_ended")] if ended else found


def equals(column: str, value: object) -> Parameters:
    """Return a filter: a column has a value."""
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": "==",
        "operatorId": "EQUALS",
        "comparator": value,
    }


def any_time(column: str) -> Parameters:
    """Return the filter a dashboard's filter of time replaces."""
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": "TEMPORAL_RANGE",
        "comparator": "No filter",
    }


def condition(expression: str, *, clause: str = "WHERE") -> Parameters:
    """Return a filter: a condition in SQL, on rows or (`HAVING`) on groups."""
    return {
        "clause": clause,
        "expressionType": "SQL",
        "sqlExpression": expression,
    }


def expression(expression: str, label: str) -> Parameters:
    """Return a measure: an aggregate in SQL and its name."""
    return {
        "expressionType": "SQL",
        "sqlExpression": expression,
        "label": label,
        "hasCustomLabel": True,
        "optionName": f"metric_{label.lower().replace(' ', '_')}",
    }
