"""What is sent to ask for a report. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tap_facebook_ads.reports import Report
    from tap_facebook_ads.slices import Part, Span

_COMMON = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES")
#: Every status an object may be in. Without them archived and deleted objects are
#: left out of reports of their own level.
STATUSES: Mapping[str, tuple[str, ...]] = {
    "campaign": _COMMON,
    "adset": (*_COMMON, "CAMPAIGN_PAUSED"),
    "ad": (
        *_COMMON,
        "CAMPAIGN_PAUSED",
        "ADSET_PAUSED",
        "PENDING_REVIEW",
        "DISAPPROVED",
        "PREAPPROVED",
        "PENDING_BILLING_INFO",
    ),
}


def report_params(
    report: Report,
    part: Part,
    *,
    fields: Iterable[str],
    are_deleted_included: bool,
) -> dict[str, str]:
    """Give the parameters of one request for a report."""
    params = {
        "level": report.level,
        "fields": ",".join(fields),
        "time_range": _range(part.span),
        "time_increment": str(report.period_days),
        "action_report_time": report.report_time,
        "action_attribution_windows": _listed(report.windows),
        "action_breakdowns": _listed(report.action_breakdowns),
    }
    if report.breakdowns:
        params["breakdowns"] = _listed(report.breakdowns)
    if report.is_unified is not None:
        params["use_unified_attribution_setting"] = str(report.is_unified).lower()
    return params | _status_filter(report.level, are_deleted_included)


def ids_params(
    report: Report, part: Part, *, are_deleted_included: bool
) -> dict[str, str]:
    """Give the parameters that list the objects below, with anything in these days."""
    level = part.lower_level
    params = {
        "level": level,
        "fields": f"{level}_id,impressions,spend",
        "time_range": _range(part.span),
        "action_report_time": report.report_time,
        "action_attribution_windows": _listed(report.windows),
    }
    return params | _status_filter(level, are_deleted_included)


def _range(span: Span) -> str:
    return json.dumps({"since": str(span.since), "until": str(span.until)})


def _listed(words: Sequence[str]) -> str:
    return json.dumps(list(words))


def _status_filter(level: str, are_deleted_included: bool) -> dict[str, str]:  # noqa: FBT001
    if not are_deleted_included or level not in STATUSES:
        return {}
    condition = {
        "field": f"{level}.effective_status",
        "operator": "IN",
        "value": list(STATUSES[level]),
    }
    return {"filtering": json.dumps([condition])}
