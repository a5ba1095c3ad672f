"""Changes of the input whose effect on the metrics is known beforehand.

The raw tables of a built warehouse are changed and the models run again on them, as
replay.py says. The last tests need dbt itself: they are about building twice.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from .conftest import LOADERS, metric_key

OTHER_SOURCES = tuple(source for source in LOADERS if source != "salesforce")
TOTAL = ("all", "1970-01-01", "total", "all")
RULES = (
    "first_touch",
    "last_touch",
    "last_non_direct",
    "linear",
    "position",
    "w_shaped",
    "time_decay",
    "full_path",
)
ROI = {f"roi_{rule}" for rule in RULES}
# What is left after the costs grows by no factor with them.
AFTER_COSTS = {"net_roi"}
# By what the parts of these metrics grow when all advertising costs twice as much.
DOUBLED_COSTS = {
    **dict.fromkeys(
        (
            "spend",
            "cost_per_lead",
            "cost_per_lead_actual",
            "cost_per_lead_blended",
            "cac",
            "cac_actual",
            "direct_cac",
            "loaded_cac",
            "growth_cost",
            "payback_months",
        ),
        (2, 1, 2),
    ),
    "unallocated_spend_share": (2, 2, 1),
    **dict.fromkeys(
        ("ltv_to_cac", "ltv_to_cac_actual", "ltv_to_loaded_cac", *ROI),
        (1, 2, Decimal("0.5")),
    ),
}
# The same when a unit of the currency of all orders is worth twice as much.
DOUBLED_RATES = {
    **dict.fromkeys(
        (
            "iacv",
            "iacv_net",
            "average_deal_size",
            *(f"iacv_{rule}" for rule in RULES),
            "iacv_at_median",
            "estimated_iacv_2x",
            "estimated_iacv_developed",
            "pipeline_created",
            "tcv",
            "ltv",
            "ltv_to_cac",
            "ltv_to_loaded_cac",
            "sales_efficiency",
            "magic_number_bookings",
            "target_attainment",
        ),
        (2, 1, 2),
    ),
    "win_rate_by_value": (2, 2, 1),
    "cac_per_iacv": (1, 2, Decimal("0.5")),
    "payback_months": (1, 2, Decimal("0.5")),
}
# Bookings against the plan or against ARR in dollars: no mere multiple of either.
AGAINST_DOLLARS = {
    "pipeline_coverage",
    "pipeline_required",
    "bookings_to_arr_valuation",
    "bookings_to_arr_timing",
    "bookings_to_arr_unbooked",
}
# Ads of Facebook are paid in euros, all others in dollars.
PAID_IN_EUROS = {
    "spend",
    "cost_per_lead_actual",
    "cac_actual",
    "ltv_to_cac_actual",
    *ROI,
}
# What a lead more moves, by one: the numerator or the denominator.
ANOTHER_LEAD = {"leads": 0, "lead_to_mql_rate": 1, "cost_per_lead_blended": 1}
LEADS = {*ANOTHER_LEAD, "visitor_to_lead_rate"}
# These need to know which campaign came first, or what it cost.
OF_CAMPAIGNS = {
    "cost_per_lead",
    "cost_per_lead_blended",
    "cac",
    "direct_cac",
    "loaded_cac",
    "growth_cost",
    "unallocated_spend_share",
    "lead_to_mql_rate",
    "mql_to_sql_rate",
    "sql_to_won_rate",
    "conversion_time",
    "conversion_time_weighted",
    "iacv_at_median",
    "estimated_iacv_2x",
    "estimated_iacv_developed",
}

EVERY_TABLE = """
do $$
declare
    held record;
begin
    for held in
        select table_schema, table_name from information_schema.tables
        where table_schema = 'raw_{source}'
    loop
        execute format(
            'create temporary table held_rows on commit drop as select * from %I.%I',
            held.table_schema, held.table_name
        );
        {change}
        execute format(
            'insert into %I.%I select * from held_rows order by md5(held_rows::text)',
            held.table_schema, held.table_name
        );
        drop table held_rows;
    end loop;
end $$
"""
EMPTIED = "execute format('delete from %I.%I', held.table_schema, held.table_name);"
RECEIVED_LATER = "update held_rows set _sdc_sequence = _sdc_sequence + 1000000;"
A_YEAR_OF_WEEKS_LATER = """
do $$
declare
    held record;
begin
    for held in
        select table_schema, table_name, column_name
        from information_schema.columns
        where table_schema = 'raw_{source}'
            and data_type in ('date', 'timestamp with time zone')
    loop
        execute format(
            'update %1$I.%2$I set %3$I = %3$I + interval ''364 days''',
            held.table_schema, held.table_name, held.column_name
        );
    end loop;
end $$
"""
MERGED_LEADS = """
insert into raw_salesforce."Lead"
select (
    jsonb_populate_record(
        leads,
        jsonb_build_object(
            'Id', '00Qmerged' || lpad(cast(_sdc_sequence as text), 9, '0'),
            'MasterRecordId', "Id",
            'IsDeleted', true,
            'Email', 'typo' || _sdc_sequence || '@elsewhere.example',
            'CreatedDate', "CreatedDate" + interval '1 day',
            'ConvertedContactId', null,
            'ConvertedAccountId', null
        )
    )
).*
from raw_salesforce."Lead" as leads
where not "IsDeleted"
"""
STRANGER = """
insert into raw_salesforce."Lead"
select (
    jsonb_populate_record(
        leads,
        '{
            "Id": "00Qstranger0000001",
            "Email": "stranger.nobody.knows@gmail.com",
            "IsConverted": false,
            "ConvertedContactId": null,
            "ConvertedAccountId": null,
            "ConvertedOpportunityId": null,
            "MQL_Date__c": null
        }'
    )
).*
from raw_salesforce."Lead" as leads
where not "IsDeleted"
order by "Id"
limit 1
"""
OTHER_SITES = """
update raw_salesforce."Account"
set "Name" = 'Renamed ' || "Id", "Website" = 'one.example'
"""
ORDERS_IN_EUROS = (
    """update raw_salesforce."Opportunity" set "CurrencyIsoCode" = 'EUR'"""
)
EUROS_WORTH_TWICE = """
update raw_csv.fx_rates set rate = cast(cast(rate as numeric) * 2 as text)
where from_currency = 'EUR'
"""


def figures(outcome):
    """Give numerator, denominator and value of each row; no data test may fail."""
    assert outcome.failed_tests == []
    return {
        metric_key(row): (row["numerator"], row["denominator"], row["value"])
        for row in outcome.metrics
    }


def close(one, other):
    return all(
        a is b or (a is not None and b is not None and abs(a - b) < Decimal("1e-9"))
        for a, b in zip(one, other, strict=True)
    )


def assert_grown(before, after, factors, *, apart=frozenset()):
    """Each part has grown by its factor, and by nothing else."""
    assert after.keys() == before.keys()
    for key, parts in before.items():
        expected = [
            None if part is None else part * factor
            for part, factor in zip(parts, factors.get(key[0], (1, 1, 1)), strict=True)
        ]
        assert key[0] in apart or close(after[key], expected), key


@pytest.fixture(scope="module")
def whole_figures(replayed_whole_tiny):
    return figures(replayed_whole_tiny.run())


@pytest.fixture(scope="module")
def sales_figures(replayed_whole_tiny):
    return figures(replayed_whole_tiny.run(without=OTHER_SOURCES))


def of_every_source(statement):
    return {source: statement.replace("{source}", source) for source in LOADERS}


def test_doubled_costs_double_the_cost_metrics_and_change_no_other(
    replayed_whole_tiny, whole_figures
):
    doubled = replayed_whole_tiny.run(
        loaded={
            "salesforce": 'update raw_salesforce."Campaign"'
            ' set "ActualCost" = "ActualCost" * 2',
            "facebook": "update raw_facebook.adsinsights_default set spend = spend * 2",
            "csv": "update raw_csv.marketing_spend"
            " set amount = cast(cast(amount as numeric) * 2 as text)",
        }
    )

    changed = figures(doubled)
    assert_grown(whole_figures, changed, DOUBLED_COSTS, apart=AFTER_COSTS)
    ratio, net = changed["ltv_to_cac", *TOTAL], changed["net_roi", *TOTAL]
    assert close(net, (ratio[0] - ratio[1], ratio[1], ratio[2] - 1))
    assert whole_figures["cac_actual", *TOTAL][0] > 0


def test_rates_move_what_is_ordered_in_their_currency_and_nothing_else(
    replayed_whole_tiny,
):
    euros = {"salesforce": ORDERS_IN_EUROS}
    before = replayed_whole_tiny.run(loaded=euros)
    after = replayed_whole_tiny.run(loaded={**euros, "csv": EUROS_WORTH_TWICE})

    assert_grown(
        figures(before),
        figures(after),
        DOUBLED_RATES,
        apart=AGAINST_DOLLARS | PAID_IN_EUROS | AFTER_COSTS,
    )
    assert figures(before)["iacv", *TOTAL][0] > 0


def test_rates_change_nothing_that_is_in_dollars(replayed_whole_tiny, whole_figures):
    after = replayed_whole_tiny.run(loaded={"csv": EUROS_WORTH_TWICE})

    assert_grown(whole_figures, figures(after), {}, apart=PAID_IN_EUROS)


def test_dates_364_days_later_give_the_same_figures_of_all_time(replayed_whole_tiny):
    # Without the company's own files, which tell of months, not of days.
    loaded = of_every_source(A_YEAR_OF_WEEKS_LATER)
    del loaded["csv"]

    before = replayed_whole_tiny.run(without=("csv",))
    after = replayed_whole_tiny.run(without=("csv",), loaded=loaded)

    days = {outcome.metrics[0]["as_of_date"] for outcome in (before, after)}
    assert (max(days) - min(days)).days == 364
    known = {k: v for k, v in figures(before).items() if k[1] == "all"}
    moved = {k: v for k, v in figures(after).items() if k[1] == "all"}
    assert len({key[0] for key in known}) == 80
    assert moved.keys() == known.keys()
    assert [key for key, parts in known.items() if not close(moved[key], parts)] == []


def test_the_order_of_rows_changes_nothing(replayed_whole_tiny, whole_figures):
    loaded = of_every_source(EVERY_TABLE.replace("{change}", EMPTIED))

    assert figures(replayed_whole_tiny.run(loaded=loaded)) == whole_figures


def test_rows_that_are_loaded_again_change_nothing(replayed_whole_tiny, whole_figures):
    loaded = of_every_source(EVERY_TABLE.replace("{change}", RECEIVED_LATER))

    assert figures(replayed_whole_tiny.run(loaded=loaded)) == whole_figures


def test_names_of_customers_change_nothing(replayed_whole_tiny, whole_figures):
    renamed = replayed_whole_tiny.run(
        loaded={
            "salesforce": 'update raw_salesforce."Account"'
            """ set "Name" = 'Renamed ' || "Id\"""",
            "zuora": 'update raw_zuora."Account"'
            """ set "Name" = 'Renamed ' || "Id\"""",
            "marketo": "update raw_marketo.leads set company = 'Renamed ' || id",
        }
    )

    assert figures(renamed) == whole_figures


def test_sites_of_accounts_change_nothing_where_no_other_source_names_one(
    replayed_whole_tiny, sales_figures
):
    renamed = replayed_whole_tiny.run(
        without=OTHER_SOURCES, loaded={"salesforce": OTHER_SITES}
    )

    assert figures(renamed) == sales_figures


def test_leads_merged_into_others_change_nothing(replayed_whole_tiny, whole_figures):
    merged = replayed_whole_tiny.run(loaded={"salesforce": MERGED_LEADS})

    assert figures(merged) == whole_figures


def test_another_lead_at_a_free_mail_domain_is_one_more_lead_and_no_merge(
    replayed_whole_tiny, whole_figures
):
    changed = figures(replayed_whole_tiny.run(loaded={"salesforce": STRANGER}))

    for code, part in ANOTHER_LEAD.items():
        assert changed[code, *TOTAL][part] == whole_figures[code, *TOTAL][part] + 1
    assert {k: v for k, v in changed.items() if k[0] not in LEADS} == {
        k: v for k, v in whole_figures.items() if k[0] not in LEADS
    }


def test_without_campaigns_the_costs_are_gone_and_sales_stay(
    replayed_whole_tiny, sales_figures
):
    changed = figures(
        replayed_whole_tiny.run(
            without=OTHER_SOURCES,
            loaded={
                "salesforce": 'delete from raw_salesforce."Campaign";'
                ' delete from raw_salesforce."CampaignMember"'
            },
        )
    )

    sales = {
        key
        for key in sales_figures
        if key[0] not in OF_CAMPAIGNS and key[3] in ("total", "segment", "stage")
    }
    assert {"iacv", "leads", "stage_win_rate", "iacv_linear"} <= {k[0] for k in sales}
    assert [k for k in sales if not close(changed[k], sales_figures[k])] == []
    costs = {k: v[0] for k, v in changed.items() if DOUBLED_COSTS.get(k[0])}
    assert costs
    assert set(costs.values()) == {0}
    assert not [key for key in changed if key[3] == "campaign"]
