"""The filters of a dashboard: time, segment, channel, each where it has sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_cli.display.layout import Placed

_SELECTS = (("segment", "Segment"), ("channel", "Channel"))


def native_filters(placed: Sequence[Placed], values_uuid: str) -> list[dict[str, Any]]:
    """Return Superset's filters for these charts.

    Args:
        placed: The dashboard's charts.
        values_uuid: UUID of the dataset of all figures.
    """
    found = []
    if any("time" in chart.drawing.filters for chart in placed):
        time = _filter("time", "Time", "filter_time", placed)
        found.append({**time, "targets": [{}], "controlValues": {}})
    for name, title in _SELECTS:
        if any(name in chart.drawing.filters for chart in placed):
            found.append(_select(name, title, placed, values_uuid))
    return found


def _select(
    name: str, title: str, placed: Sequence[Placed], values_uuid: str
) -> dict[str, Any]:
    return {
        **_filter(name, title, "filter_select", placed),
        "targets": [{"datasetUuid": values_uuid, "column": {"name": "dimension_name"}}],
        "adhoc_filters": [
            {
                "clause": "WHERE",
                "expressionType": "SQL",
                "sqlExpression": f"dimension_type = '{name}'",
            }
        ],
        "controlValues": {
            "enableEmptyFilter": False,
            "defaultToFirstItem": False,
            "multiSelect": True,
            "searchAllOptions": False,
            "inverseSelection": False,
        },
    }


def _filter(
    name: str, title: str, kind: str, placed: Sequence[Placed]
) -> dict[str, Any]:
    outside = [c.chart_id for c in placed if name not in c.drawing.filters]
    return {
        "id": f"NATIVE_FILTER-{name}",
        "name": title,
        "filterType": kind,
        "type": "NATIVE_FILTER",
        "cascadeParentIds": [],
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "scope": {"rootPath": ["ROOT_ID"], "excluded": outside},
        "chartsInScope": [c.chart_id for c in placed if name in c.drawing.filters],
        "description": "",
    }
