"""What the truth says stands in the sources' records, too: read as a client would."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from bizops_sandbox.projections.facebook import project_facebook
from bizops_sandbox.projections.gitlab import project_gitlab
from bizops_sandbox.projections.zuora import project_zuora
from bizops_sandbox.truth.arr import arr_on, read_book
from bizops_sandbox.truth.known import Known
from bizops_sandbox.world import events as log
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate


@pytest.fixture(scope="module")
def world():
    params = load_parameters(overrides={"organizations": 120})
    return params, simulate(params)


DAYS = [date(2018, 1, 31), date(2017, 6, 14)]


@pytest.mark.parametrize("as_of", DAYS)
def test_zuoras_charges_are_worth_the_arr(world, as_of):
    params, events = world
    rates = {item.code: item.plan_rate for item in params.currencies}
    tenant = project_zuora(events, params, as_of)
    currencies = {r["Id"]: r["Currency"] for r in tenant.objects["Account"].rows}
    newest = {}
    for row in tenant.objects["Subscription"].rows:
        before = newest.get(row["Name"])
        if before is None or row["Version"] > before["Version"]:
            newest[row["Name"]] = row
    living = {row["Id"] for row in newest.values()}
    found = Decimal(0)
    for charge in tenant.objects["RatePlanCharge"].rows:
        is_recurring = charge["ChargeType"] == "Recurring"
        start, end = charge["EffectiveStartDate"], charge["EffectiveEndDate"]
        if (
            charge["Subscription.Id"] in living
            and is_recurring
            and start <= as_of < end
        ):
            rate = rates[currencies[charge["Account.Id"]]]
            found += 12 * charge["MRR"] * rate
    book = read_book(events, as_of, plan_rates=rates)
    expected = sum(arr_on(book, as_of).values())
    assert found == pytest.approx(expected, abs=Decimal("0.01"))
    assert expected > 0


@pytest.mark.parametrize("as_of", DAYS)
def test_facebooks_days_are_the_actual_spend(world, as_of):
    params, events = world
    known = Known(events, params, as_of, frozenset(("salesforce", "facebook", "csv")))
    rates = {
        (e.day, e.currency): e.usd_rate
        for e in events
        if isinstance(e, log.FxRateFixed)
    }
    business = project_facebook(events, params, as_of)
    currencies = {account.id: account.currency for account in business.accounts}
    found = defaultdict(Fraction)
    for row in business.ad_days:
        currency = currencies[business.by_id[row.ad_id].account_id]
        rate = rates.get((row.day, currency), Decimal(1))
        found[row.day] += Fraction(row.spend) * Fraction(rate)
    ads = {
        e.campaign_key
        for e in events
        if isinstance(e, log.CampaignPlanned) and e.channel == "paid_social"
    }
    expected = defaultdict(Fraction)
    for spent in known.actual_spend:
        if spent.campaign_key in ads:
            expected[spent.day] += spent.amount
    # An account's day may not be over yet at the end of the company's.
    assert set(expected) - set(found) <= {as_of}
    assert all(found[day] == amount for day, amount in expected.items() if day in found)
    assert found


@pytest.mark.parametrize("as_of", DAYS)
def test_gitlab_has_the_merge_requests(world, as_of):
    params, events = world
    known = Known(events, params, as_of, frozenset(("gitlab",)))
    site = project_gitlab(events, params, as_of)
    merged = sum(r.merged_at is not None for r in known.workshop.requests.values())
    keys = {"core", "runner", "handbook"}
    found = 0
    for project in site.projects.values():
        if project.key in keys:
            rows = site.rows("merge_requests", project)
            found += sum(row["merged_at"] is not None for row in rows)
    assert found == merged > 0
