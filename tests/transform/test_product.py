"""Use of the product and its development: what the marts say beside the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

WHO = (
    "select author_kind_when_opened, count(*) from marts.fct_merge_requests group by 1"
)


def test_instances_and_customers_have_the_users_the_metric_counts(built_whole):
    metric = built_whole.query(
        "select period_start, value from marts.mtr_metric_values"
        " where metric_code = 'active_users' and period_type = 'month'"
    )
    by_instance = built_whole.query(
        "select month_start, sum(active_users) from marts.fct_usage_monthly group by 1"
    )
    by_customer = built_whole.query(
        "select month_start, sum(active_users) from marts.mart_customer_usage"
        " group by 1"
    )

    assert len(metric) > 12
    assert dict(by_instance) == dict(metric)
    assert dict(by_customer) == dict(metric)


def test_features_gained_in_a_month_are_those_the_metric_counts(built_whole):
    metric = built_whole.query(
        "select period_start, dimension_id, numerator from marts.mtr_metric_values"
        " where metric_code = 'feature_usage' and period_type = 'month'"
    )
    used = built_whole.query(
        "select month_start, feature_code, count(*)"
        " from marts.fct_feature_usage_monthly where is_adopted group by 1, 2"
    )

    assert len(metric) > 50
    assert set(metric) == set(used)


def test_a_customer_climbs_the_ladder_and_is_told_the_next_feature(built_whole):
    falls = built_whole.query(
        "select organization_id from ("
        "  select organization_id, sophistication_level,"
        "    lag(sophistication_level) over ("
        "      partition by organization_id order by month_start) as before"
        "  from marts.mart_customer_usage) as steps"
        " where sophistication_level < before"
    )
    told = built_whole.query(
        "select distinct usage.sophistication_level, features.sophistication_level"
        " from marts.mart_customer_usage as usage"
        " inner join marts.dim_features as features"
        " on usage.next_feature = features.feature_code"
    )

    assert not falls
    assert len(told) > 3
    assert all(following == level + 1 for level, following in told)


def test_the_tier_of_the_licence_at_first_use_is_known(built_whole):
    tiers = {
        row[0]
        for row in built_whole.query(
            "select distinct tier_at_first_use from marts.fct_feature_adoption"
        )
    }

    assert {"EES", "EEP"} <= tiers <= {"EES", "EEP", "EEU"}


def test_users_beyond_the_seats_are_counted(built_whole):
    rows = built_whole.query(
        "select active_users, licensed_users, over_license_users, utilization"
        " from marts.mart_customer_usage where licensed_users is not null"
    )
    over = [row for row in rows if row[2] > 0]

    assert over
    assert all(share > 1 for *_, share in over)
    assert all(users - seats == beyond for users, seats, beyond, _ in over)


def test_a_picked_commit_names_its_branch_and_merge_request(built_whole):
    branches = built_whole.query(
        "select branch, count(*) filter (where is_bug_fix), count(*)"
        " from marts.fct_picked_commits group by 1"
    )
    metric = dict(
        built_whole.query(
            "select dimension_id, value from marts.mtr_metric_values"
            " where metric_code = 'bug_fixes_picked' and period_type = 'all'"
            " and dimension_type = 'branch'"
        )
    )

    assert len(branches) > 5
    assert {branch: Decimal(fixes) for branch, fixes, _ in branches if fixes} == metric


def test_a_release_has_the_merge_requests_the_metric_counts(built_whole):
    releases = dict(
        built_whole.query(
            "select tag_name, merge_requests from marts.fct_releases"
            " where merge_requests > 0"
        )
    )
    metric = built_whole.query(
        "select dimension_id, value from marts.mtr_metric_values"
        " where metric_code = 'merge_requests_by_release' and period_type = 'all'"
        " and dimension_type = 'release'"
    )

    assert len(releases) > 10
    assert releases == dict(metric)


PROGRAMS = "select username from intermediate.int_developers__bots"
REVIEWED = (
    "select count(*) from marts.fct_merge_requests where first_reviewed_at is not null"
)
CHANGED = (
    "stg_gitlab__users",
    "stg_gitlab__merge_request_notes",
    "stg_csv__team_members",
    "int_developers__bots",
    "int_merge_requests__authored",
    "int_merge_requests__reviewed",
    "fct_merge_requests",
)


@dataclass(frozen=True, slots=True)
class Workshop:
    """The tiny company's merge requests, to be built again without some records."""

    bench: Any
    authors: dict[str, int]
    programs: list[tuple[str]]
    reviewed: int

    def rebuild_without(self, table: str) -> None:
        """Build the merge requests as they are when a raw table lacks."""
        schema, name = table.split(".")
        self.bench.execute(f"alter table {schema}.{name} rename to {name}_away")
        try:
            self.bench.build("--select", *CHANGED, "--indirect-selection=cautious")
        finally:
            self.bench.execute(f"alter table {schema}.{name}_away rename to {name}")


@pytest.fixture(scope="module")
def workshop(whole_tiny, bench):
    """Give the marts of engineering of the tiny company, without other sources."""
    bench.load(
        {
            name: table
            for name, table in whole_tiny.tables.items()
            if name.startswith(("gitlab.", "csv."))
        }
    )
    bench.build("--select", "+marts.engineering")
    return Workshop(
        bench,
        authors=dict(bench.query(WHO)),
        programs=bench.query(PROGRAMS),
        reviewed=bench.query(REVIEWED)[0][0],
    )


def test_without_the_list_of_users_programs_are_known_by_their_names(workshop):
    workshop.rebuild_without("raw_gitlab.users")

    assert workshop.programs == [("ci-bot",)]
    assert workshop.bench.query(PROGRAMS) == workshop.programs
    assert workshop.bench.query(REVIEWED)[0][0] == workshop.reviewed


def test_without_notes_the_approvals_tell_the_review(workshop):
    workshop.rebuild_without("raw_gitlab.merge_request_notes")

    assert 0 < workshop.bench.query(REVIEWED)[0][0] <= workshop.reviewed


def test_without_the_list_of_members_everybody_writes_for_the_community(workshop):
    workshop.rebuild_without("raw_csv.team_members")

    assert workshop.authors["team"] > 0
    assert set(dict(workshop.bench.query(WHO))) == {"community"}
