"""What leads and customers cost is what the event log says, and sums to the spend."""

from __future__ import annotations

from decimal import Decimal

MONEY = Decimal("0.01")


def test_each_organization_costs_what_the_truth_says(small, built_small):
    truth = {
        row["account_id"]: (
            int(row["touches"]),
            Decimal(row["direct_cac"]),
            Decimal(row["spread_cost"]),
            Decimal(row["growth_cost"]),
        )
        for row in small.truth_rows("organization_costs.csv")
    }
    found = {
        account: (touches, direct, spread, growth)
        for account, touches, direct, spread, growth in built_small.query(
            "select customer_account_id, touches, direct_cost, spread_cost, growth_cost"
            " from intermediate.int_costs__organizations"
        )
    }

    assert found.keys() == truth.keys()
    assert sum(row[2] for row in found.values()) > 0
    for account, (touches, *costs) in truth.items():
        assert found[account][0] == touches, account
        for cost, expected in zip(found[account][1:], costs, strict=True):
            assert abs(cost - expected) <= MONEY, account


def test_each_touched_person_costs_what_the_truth_says(small, built_small):
    truth = sorted(
        (row["account_id"], int(row["touches"]), Decimal(row["cost"]))
        for row in small.truth_rows("lead_costs.csv")
    )
    found = sorted(
        (account or "", touches, cost)
        for account, touches, cost in built_small.query(
            "select min(customer_account_id), count(*), sum(cost)"
            " from intermediate.int_costs__touches group by person_key"
        )
    )

    assert [row[:2] for row in found] == [row[:2] for row in truth]
    for (*_, cost), (*_, expected) in zip(found, truth, strict=True):
        assert abs(cost - expected) <= MONEY
