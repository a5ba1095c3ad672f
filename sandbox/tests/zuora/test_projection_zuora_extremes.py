"""The Zuora tenant of companies that live in extremes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from bizops_sandbox.projections.zuora import project_zuora
from bizops_sandbox.truth.arr import arr_on, read_book
from bizops_sandbox.world.moments import add_months
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

EXTREMES = {
    "much is given back, renewed early and sold with services": {
        "contract": {"refund_rate": 0.6, "early_renewal_rate": 0.6, "one_time_rate": 1}
    },
    "customers grow all the time and deals are reopened": {
        "expansion": {"monthly_rate": 0.6},
        "sales": {"reopen_rate": 0.3},
    },
    "everything is sold through partners": {"contract": {"partner_share": 1}},
    "five years": {"months": 60, "organizations": 25},
}


@pytest.mark.parametrize("name", EXTREMES)
def test_charges_and_invoices_hold_in_extremes(name):
    params = load_parameters(
        scale="small", overrides={"organizations": 60, **EXTREMES[name]}
    )
    events = simulate(params)
    tenant = project_zuora(events, params, params.as_of)
    latest = {
        row["Id"]
        for row in tenant.objects["Subscription"].rows
        if row["IsLatestVersion"]
    }
    assert latest
    book, month = read_book(events, params.as_of), params.start_date
    while month < params.as_of:
        day = add_months(month, 1) - timedelta(days=1)
        found = sum(
            12 * row["MRRHomeCurrency"]
            for row in tenant.objects["RatePlanCharge"].rows
            if row["Subscription.Id"] in latest
            and row["EffectiveStartDate"] <= day < row["EffectiveEndDate"]
        )
        wanted = sum(arr_on(book, day).values(), Decimal(0))
        assert abs(found - wanted) < Decimal("0.01")
        month = add_months(month, 1)
    for invoice in tenant.objects["Invoice"].rows:
        assert invoice["Balance"] >= 0
    for item in tenant.objects["InvoiceItem"].rows:
        assert item["ServiceStartDate"] <= item["ServiceEndDate"]
        assert item["ChargeAmount"] > 0
