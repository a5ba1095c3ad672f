"""The metrics of people, engineering and product."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bizops_sandbox.truth import merging, team, usage
from bizops_sandbox.truth.metric import Metric, medians, ratios, stocks, sums

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_sandbox.truth.cells import Part
    from bizops_sandbox.truth.known import Known

_CSV, _CODE, _CODE_CSV = ("csv",), ("gitlab",), ("gitlab", "csv")


def _promoters(known: Known, survey: str) -> Iterator[Part]:
    return team.promoters(known.team, survey)


def _survey(code: str, survey: str) -> Metric:
    parts = partial(_promoters, survey=survey)
    return Metric(code, _CSV, ratios(parts, least=team.FEWEST))


_PEOPLE = (
    Metric(
        "applications_inbound",
        _CSV,
        sums(lambda k: team.applications_inbound(k.team), is_weekly=True),
    ),
    Metric(
        "interviews_per_applicant",
        _CSV,
        ratios(lambda k: team.interviews_per_applicant(k.team)),
    ),
    Metric(
        "interviews_per_hire", _CSV, ratios(lambda k: team.interviews_per_hire(k.team))
    ),
    _survey("employee_nps", "employee"),
    _survey("declined_applicant_nps", "declined_applicant"),
    Metric(
        "applicant_score",
        _CSV,
        ratios(lambda k: team.applicant_score(k.team), least=team.FEWEST),
    ),
    Metric("offer_accept_rate", _CSV, ratios(lambda k: team.offer_accept_rate(k.team))),
    Metric("offers_accepted", _CSV, sums(lambda k: team.offers_accepted(k.team))),
    Metric("hires_started", _CSV, sums(lambda k: team.hires_started(k.team))),
    Metric(
        "accepted_start_rate", _CSV, ratios(lambda k: team.accepted_start_rate(k.team))
    ),
    Metric("hiring_time", _CSV, medians(lambda k: team.hiring_time(k.team))),
    Metric("terminations", _CSV, sums(lambda k: team.terminations(k.team))),
    Metric("headcount", _CSV, stocks(lambda k: team.headcount(k.team, k.first))),
    Metric(
        "termination_rate",
        _CSV,
        stocks(lambda k: team.termination_rate(k.team, k.first)),
    ),
    Metric(
        "improvement_plan_share",
        _CSV,
        stocks(lambda k: team.improvement_plan_share(k.team, k.first)),
    ),
)
_ENGINEERING = (
    Metric(
        "merge_requests_merged",
        _CODE_CSV,
        sums(
            lambda k: merging.merge_requests_merged(k.workshop, k.team), is_weekly=True
        ),
    ),
    Metric(
        "merge_requests_by_release",
        _CODE,
        sums(lambda k: merging.merge_requests_by_release(k.workshop)),
    ),
    Metric(
        "merge_request_cycle_time",
        _CODE_CSV,
        medians(lambda k: merging.merge_request_cycle_time(k.workshop, k.team)),
    ),
    Metric(
        "merge_request_review_time",
        _CODE_CSV,
        medians(lambda k: merging.merge_request_review_time(k.workshop, k.team)),
    ),
    Metric(
        "bug_fixes_picked",
        _CODE,
        sums(lambda k: merging.bug_fixes_picked(k.workshop)),
    ),
    Metric(
        "new_contributors",
        _CODE_CSV,
        sums(lambda k: merging.new_contributors(k.workshop, k.team)),
    ),
)
_PRODUCT = (
    Metric(
        "active_instances",
        _CODE,
        stocks(lambda k: usage.active_instances(k.product, k.first)),
    ),
    Metric(
        "active_users", _CODE, stocks(lambda k: usage.active_users(k.product, k.first))
    ),
    Metric(
        "license_utilization",
        _CODE,
        stocks(lambda k: usage.license_utilization(k.product, k.first)),
    ),
    Metric(
        "feature_usage",
        _CODE,
        stocks(lambda k: usage.feature_usage(k.product, k.first)),
    ),
    Metric(
        "ping_coverage",
        ("gitlab", "zuora", "salesforce"),
        stocks(lambda k: usage.ping_coverage(k.product, k.billing, k.first)),
    ),
    Metric(
        "experiment_conversion",
        _CSV,
        stocks(lambda k: usage.experiment_conversion(k.product), latest=None),
    ),
    Metric(
        "experiment_posterior",
        _CSV,
        stocks(lambda k: usage.experiment_posterior(k.product), latest=None),
    ),
    Metric(
        "experiment_lift",
        _CSV,
        stocks(lambda k: usage.experiment_lift(k.product), latest=None),
    ),
    Metric("retweets", _CSV, stocks(lambda k: usage.retweets(k.product), latest=None)),
    Metric(
        "lift_incremental_rate",
        _CSV,
        stocks(lambda k: usage.lift_incremental_rate(k.product), latest=None),
    ),
)
METRICS: tuple[Metric, ...] = (*_PEOPLE, *_ENGINEERING, *_PRODUCT)
