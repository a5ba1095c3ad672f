"""Changes of the input whose effect on the metrics is known beforehand."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

COSTS = {
    "cost_per_lead",
    "cost_per_lead_blended",
    "cac",
    "direct_cac",
    "loaded_cac",
    "growth_cost",
}
# Parts of the costs: both sides double, the share stays.
COST_SHARES = {"unallocated_spend_share"}
LEADS = {"leads", "lead_to_mql_rate", "cost_per_lead_blended"}
# These need to know which touch came first, or when.
TOUCHED = {
    "lead_to_mql_rate",
    "mql_to_sql_rate",
    "sql_to_won_rate",
    "conversion_time",
    "conversion_time_weighted",
    "iacv_at_median",
    "estimated_iacv_2x",
    "estimated_iacv_developed",
}


@pytest.fixture(scope="module")
def figures(tiny, bench):
    bench.load(tiny.tables)
    bench.build_metrics()
    return bench.figures()


def rebuilt(bench, tables):
    bench.load(tables)
    bench.build_metrics()
    return bench.figures()


def close(one, other):
    return all(
        a is b or (a is not None and b is not None and abs(a - b) < Decimal("1e-9"))
        for a, b in zip(one, other, strict=True)
    )


def test_doubled_costs_double_the_cost_metrics_and_change_no_other(
    tiny, bench, figures
):
    campaigns = tiny.tables["Campaign"].with_rows(
        lambda row: row | {"ActualCost": row["ActualCost"] and row["ActualCost"] * 2}
    )

    doubled = rebuilt(bench, tiny.tables | {"Campaign": campaigns})

    assert doubled.keys() == figures.keys()
    for key, (numerator, denominator, value) in figures.items():
        if key[0] in COSTS:
            expected = (
                numerator * 2,
                denominator,
                None if value is None else value * 2,
            )
        elif key[0] in COST_SHARES:
            expected = (numerator * 2, denominator * 2, value)
        else:
            expected = (numerator, denominator, value)
        assert close(doubled[key], expected), key
    assert figures["cac", "all", "1970-01-01", "total", "all"][0] > 0


def test_the_order_of_rows_changes_nothing(tiny, bench, figures):
    draw = random.Random(7)  # noqa: S311
    tables = {
        name: replace(table, rows=tuple(draw.sample(table.rows, len(table.rows))))
        for name, table in tiny.tables.items()
    }

    assert rebuilt(bench, tables) == figures


def test_names_of_accounts_and_of_their_sites_change_nothing(tiny, bench, figures):
    accounts = tiny.tables["Account"].with_rows(
        lambda row: row | {"Name": f"Renamed {row['Id']}", "Website": "one.example"}
    )

    assert rebuilt(bench, tiny.tables | {"Account": accounts}) == figures


def test_leads_merged_into_others_change_nothing(tiny, bench, figures):
    leads = tiny.tables["Lead"]
    losers = tuple(
        row
        | {
            "Id": f"00Qmerged{number:09}",
            "MasterRecordId": row["Id"],
            "IsDeleted": True,
            "Email": f"typo{number}@elsewhere.example",
            "CreatedDate": row["CreatedDate"] + timedelta(days=1),
            "ConvertedContactId": None,
            "ConvertedAccountId": None,
        }
        for number, row in enumerate(leads.rows)
        if not row["IsDeleted"]
    )
    assert losers

    tables = tiny.tables | {"Lead": replace(leads, rows=leads.rows + losers)}

    assert rebuilt(bench, tables) == figures


def test_another_lead_at_a_free_mail_domain_is_one_more_lead_and_no_merge(
    tiny, bench, figures
):
    leads = tiny.tables["Lead"]
    pattern = next(row for row in leads.rows if not row["IsDeleted"])
    stranger = pattern | {
        "Id": "00Qstranger0000001",
        "Email": "stranger.nobody.knows@gmail.com",
        "IsConverted": False,
        "ConvertedContactId": None,
        "ConvertedAccountId": None,
        "ConvertedOpportunityId": None,
        "MQL_Date__c": None,
    }

    tables = tiny.tables | {"Lead": replace(leads, rows=(*leads.rows, stranger))}
    changed = rebuilt(bench, tables)

    total = ("all", "1970-01-01", "total", "all")
    for code, part in (
        ("leads", 0),
        ("lead_to_mql_rate", 1),
        ("cost_per_lead_blended", 1),
    ):
        assert changed[code, *total][part] == figures[code, *total][part] + 1
    assert {k: v for k, v in changed.items() if k[0] not in LEADS} == {
        k: v for k, v in figures.items() if k[0] not in LEADS
    }


def test_building_again_changes_nothing(tiny, bench, figures):
    bench.load(tiny.tables)
    bench.build()
    salt = bench.query("select salt from intermediate.int_people__email_salt")
    bench.build()

    assert bench.figures() == figures
    assert len(salt) == 1
    assert bench.query("select salt from intermediate.int_people__email_salt") == salt


def test_without_campaigns_the_costs_are_gone_and_sales_stay(tiny, bench, figures):
    tables = {
        name: table
        for name, table in tiny.tables.items()
        if name not in ("Campaign", "CampaignMember")
    }

    changed = rebuilt(bench, tables)

    sales = {
        k
        for k in figures
        if k[0] not in COSTS | COST_SHARES | TOUCHED
        and k[3] in ("total", "segment", "stage")
    }
    assert {"iacv", "leads", "stage_win_rate", "iacv_linear"} <= {k[0] for k in sales}
    assert [key for key in sales if not close(changed[key], figures[key])] == []
    spent = {k: v[0] for k, v in changed.items() if k[0] in COSTS}
    assert set(spent.values()) == {0}
    assert not [key for key in changed if key[3] == "campaign"]
