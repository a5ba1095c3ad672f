"""The Zuora tenant of the sample company, compared with the log it is made from."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bizops_sandbox.projections.salesforce import project_salesforce
from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.projections.zuora import project_zuora, zuora_noise
from bizops_sandbox.projections.zuora_fields import OBJECT_FIELDS
from bizops_sandbox.projections.zuora_ids import subscription_numbers, zuora_id
from bizops_sandbox.projections.zuora_tenant import DELETED_AT
from bizops_sandbox.world import events as log
from bizops_sandbox.world.moments import day_end
from bizops_sandbox.world.money import billed
from bizops_sandbox.world.parameters import ParameterError

MONTH_ENDS = [
    date(2016, 8, 31),
    date(2017, 1, 31),
    date(2017, 6, 30),
    date(2018, 1, 31),
]
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def tenant(company):
    events, params = company()
    return project_zuora(events, params, params.as_of)


def rows(tenant, name):
    return tenant.objects[name].rows


def latest_charges(tenant):
    latest = {s["Id"] for s in rows(tenant, "Subscription") if s["IsLatestVersion"]}
    return [
        charge
        for charge in rows(tenant, "RatePlanCharge")
        if charge["Subscription.Id"] in latest
    ]


def arr_of_the_log(events, until, day):
    """Recurring revenue a year on a day, from what was signed until the end of another.

    Written a second time, apart from the truth's: seats x price of what is in force.
    """
    charges = {}
    for event in events:
        if event.at > day_end(until):
            break
        match event:
            case log.SubscriptionStarted():
                value = event.seats * event.unit_price
                charges[event.subscription_key] = [
                    [event.term_start, event.term_end, value]
                ]
            case log.ChargeAmended():
                own = charges[event.subscription_key]
                start = max(event.effective_on, own[-1][0])
                value = event.seats * event.unit_price
                own.append([start, own[-1][1], value])
                own[-2][1] = start
            case log.SubscriptionCancelled():
                for charge in charges[event.subscription_key]:
                    charge[1] = min(charge[1], event.effective_on)
    return sum(
        (
            value
            for own in charges.values()
            for start, end, value in own
            if start <= day < end
        ),
        Decimal(0),
    )


@pytest.mark.parametrize("day", MONTH_ENDS)
def test_the_charges_of_the_latest_versions_sum_to_the_logs_recurring_revenue(
    company, tenant, day
):
    events, params = company()
    found = sum(
        12 * charge["MRRHomeCurrency"]
        for charge in latest_charges(tenant)
        if charge["EffectiveStartDate"] <= day < charge["EffectiveEndDate"]
    )
    assert abs(found - arr_of_the_log(events, params.as_of, day)) < CENT


@pytest.mark.parametrize("day", MONTH_ENDS)
def test_an_accounts_mrr_is_that_of_its_charges_on_the_day(company, day):
    events, params = company()
    tenant = project_zuora(events, params, day)
    of_charges = defaultdict(Decimal)
    for charge in latest_charges(tenant):
        if charge["EffectiveStartDate"] <= day < charge["EffectiveEndDate"]:
            of_charges[charge["Account.Id"]] += charge["MRR"]
    for account in rows(tenant, "Account"):
        assert account["Mrr"] == of_charges[account["Id"]]


def test_versions_of_a_subscription_form_a_chain_and_only_the_newest_is_in_force(
    tenant,
):
    by_number = defaultdict(list)
    for row in rows(tenant, "Subscription"):
        by_number[row["Name"]].append(row)
    assert any(len(versions) > 2 for versions in by_number.values())
    for versions in by_number.values():
        versions.sort(key=lambda row: row["Version"])
        assert [row["Version"] for row in versions] == list(range(1, len(versions) + 1))
        assert {row["OriginalId"] for row in versions} == {versions[0]["Id"]}
        for before, after in itertools.pairwise(versions):
            assert after["PreviousSubscriptionId"] == before["Id"]
            assert before["Status"] == "Expired"
            assert before["UpdatedDate"] == after["CreatedDate"]
        assert versions[-1]["Status"] in {"Active", "Cancelled"}


def test_each_version_after_the_first_has_an_amendment_of_the_one_before(tenant):
    amendments = {row["Id"]: row for row in rows(tenant, "Amendment")}
    for row in rows(tenant, "Subscription"):
        amendment_id = row["SubscriptionVersionAmendment.Id"]
        if row["Version"] == 1:
            assert amendment_id is None
        else:
            amendment = amendments[amendment_id]
            assert amendment["SubscriptionId"] == row["PreviousSubscriptionId"]
    kinds = {row["Type"] for row in amendments.values()}
    assert kinds == {"Cancellation", "NewProduct", "Renewal", "UpdateProduct"}


def test_segments_of_a_charge_follow_each_other_and_the_last_one_says_so(tenant):
    by_charge = defaultdict(list)
    for row in rows(tenant, "RatePlanCharge"):
        by_charge[row["Subscription.Id"], row["ChargeNumber"]].append(row)
    assert any(len(segments) > 1 for segments in by_charge.values())
    for segments in by_charge.values():
        segments.sort(key=lambda row: row["Segment"])
        assert [row["IsLastSegment"] for row in segments] == [
            *[False] * (len(segments) - 1),
            True,
        ]
        for before, after in itertools.pairwise(segments):
            assert before["EffectiveEndDate"] == after["EffectiveStartDate"]
            assert after["DMRC"] == after["MRR"] - before["MRR"]


def test_a_year_is_worth_its_annual_price(tenant):
    for charge in rows(tenant, "RatePlanCharge"):
        start, end = charge["EffectiveStartDate"], charge["EffectiveEndDate"]
        is_year = (end.year - start.year, end.month, end.day) == (
            1,
            start.month,
            start.day,
        )
        if charge["ChargeType"] == "Recurring" and is_year:
            assert abs(charge["TCV"] - 12 * charge["MRR"]) < CENT


def test_each_won_order_is_a_subscription_version_that_names_it(company, tenant):
    events, params = company()
    orders = {
        event.opportunity_key
        for event in events
        if isinstance(event, (log.SubscriptionStarted, log.ChargeAmended))
    }
    named = {row["OpportunityId__c"] for row in rows(tenant, "Subscription")}
    assert named == {salesforce_id("Opportunity", key) for key in orders}
    org = project_salesforce(events, params, params.as_of)
    known = {row["Id"] for row in org.objects["Opportunity"].rows}
    assert named <= known


def test_numbers_and_ids_are_those_told_to_other_sources(company, tenant):
    events, _ = company()
    numbers = subscription_numbers(events)
    subscriptions = {row["Id"]: row for row in rows(tenant, "Subscription")}
    for event in events:
        if isinstance(event, log.SubscriptionStarted):
            row = subscriptions[zuora_id("Subscription", event.subscription_key)]
            assert row["Name"] == numbers[event.lineage_key]


def test_invoices_balance_with_their_items_payments_and_credits(tenant):
    items = defaultdict(Decimal)
    for item in rows(tenant, "InvoiceItem"):
        items[item["Invoice.Id"]] += item["ChargeAmount"]
    paid, credited = defaultdict(Decimal), defaultdict(Decimal)
    for payment in rows(tenant, "InvoicePayment"):
        paid[payment["InvoiceId"]] += payment["Amount"] - payment["RefundAmount"]
    for adjustment in rows(tenant, "InvoiceItemAdjustment"):
        credited[adjustment["Invoice.Id"]] += adjustment["Amount"]
    assert credited
    for invoice in rows(tenant, "Invoice"):
        identity = invoice["Id"]
        if identity in items:
            assert items[identity] == invoice["Amount"]
        rest = invoice["Amount"] - paid[identity] - credited[identity]
        assert invoice["Balance"] == rest
        assert rest >= 0


def test_what_accounts_owe_is_the_sum_of_their_invoices(tenant):
    owed = defaultdict(Decimal)
    for invoice in rows(tenant, "Invoice"):
        if invoice["Status"] == "Posted":
            owed[invoice["Account.Id"]] += invoice["Balance"]
    for account in rows(tenant, "Account"):
        assert account["Balance"] == owed[account["Id"]]
        assert account["TotalInvoiceBalance"] == owed[account["Id"]]


def test_amounts_are_billed_in_the_customers_currency(company, tenant):
    events, params = company()
    accounts = {row["Id"]: row["Currency"] for row in rows(tenant, "Account")}
    assert len(set(accounts.values())) == 3
    amounts = {
        zuora_id("Invoice", event.invoice_key): event.amount
        for event in events
        if isinstance(event, log.InvoicePosted)
    }
    for invoice in rows(tenant, "Invoice"):
        rate = params.plan_rate(accounts[invoice["Account.Id"]])
        assert invoice["Amount"] == billed(amounts[invoice["Id"]], rate)
        assert invoice["AmountHomeCurrency"] == amounts[invoice["Id"]]


def test_orders_through_partners_are_billed_to_resellers_the_crm_does_not_know(
    company, tenant
):
    events, _ = company()
    accounts = {row["Id"]: row for row in rows(tenant, "Account")}
    subscriptions = {row["Id"]: row for row in rows(tenant, "Subscription")}
    partner_orders = 0
    for event in events:
        if isinstance(event, log.SubscriptionStarted):
            row = subscriptions[zuora_id("Subscription", event.subscription_key)]
            is_reseller = accounts[row["Account.Id"]]["Batch"] == "Batch2"
            assert is_reseller is event.is_partner_billed
            if is_reseller:
                partner_orders += 1
                assert accounts[row["Account.Id"]]["CrmId"] is None
    assert partner_orders


def test_crm_ids_are_wrong_where_the_ledger_says_so_and_only_there(company, tenant):
    events, params = company()
    noise = {
        row.source_id: row
        for row in zuora_noise(events, params, params.as_of)
        if row.object_name == "Account"
    }
    assert {row.code for row in noise.values()} >= {"crm_id_15char"}
    for account in rows(tenant, "Account"):
        row = noise.get(account["Id"])
        if row is None:
            assert account["Batch"] == "Batch2" or len(account["CrmId"]) == 18
        elif row.code == "crm_id_15char":
            assert account["CrmId"] == row.other_id[:15]
        else:
            assert account["CrmId"] is None


def test_an_unknown_product_name_is_planted_and_ledgered(company, tenant):
    events, params = company()
    ledger = zuora_noise(events, params, params.as_of)
    planted = [row for row in ledger if row.code == "unmapped_product"]
    assert len(planted) == params.noise.unmapped_product
    odd = {
        plan["Subscription.Id"]
        for plan in rows(tenant, "RatePlan")
        if plan["Name"].startswith("Founders")
    }
    assert {row.source_id for row in planted} <= odd


def test_personal_data_are_fictional(tenant):
    for contact in rows(tenant, "Contact"):
        address = contact["WorkEmail"].strip().lower()
        assert re.fullmatch(r"[^@]+@[^@]+\.(example|test)", address)


@pytest.mark.parametrize(
    "name",
    [
        "account",
        "amendment",
        "contact",
        "credit_balance_adjustment",
        "invoice",
        "invoice_item",
        "invoice_payment",
        "order",
        "payment",
        "payment_method",
        "product",
        "product_rate_plan",
        "product_rate_plan_charge",
        "rate_plan",
        "rate_plan_charge",
        "refund",
        "refund_invoice_payment",
        "subscription",
        "taxation_item",
    ],
)
def test_objects_have_the_columns_of_real_tenants(recorded_columns, name):
    def plain(text):
        return re.sub(r"[^a-z0-9]", "", text.lower())

    table = next(t for n, t in OBJECT_FIELDS.items() if plain(n) == plain(name))
    ours = {plain(spec.name) for spec in table.fields if spec.is_exportable}
    ours |= {
        plain(f"{relation.name}Id")
        for relation in table.relations
        if relation.is_to_one
    }
    # Custom fields of the recorded tenants, and what only newer ones have.
    theirs = {
        plain(column)
        for column in recorded_columns(name)
        if not column.endswith(("_c", "_id_qt"))
    }
    newer = {"invoicetemplateid", "sequencesetid"} if name == "subscription" else set()
    assert theirs - newer <= ours


def test_a_day_outside_the_company_is_refused(company):
    events, params = company()
    with pytest.raises(ParameterError, match="as_of"):
        project_zuora(events, params, params.as_of + timedelta(days=1))


def test_every_row_has_every_field_and_relation(tenant):
    for table in tenant.objects.values():
        names = [spec.name for spec in table.fields]
        names += [relation.key for relation in table.relations]
        for row in table.rows:
            assert set(row) == {*names, DELETED_AT}


def test_every_related_object_can_be_joined_but_the_one_that_cannot(tenant):
    targets = {
        relation.object_name
        for table in tenant.objects.values()
        for relation in table.relations
    }
    # Known clients leave it out: joining it fails, though describe lists it.
    assert targets - set(tenant.objects) == {"SubscriptionStatusHistory"}


def test_relations_lead_to_rows_that_are_there(tenant):
    ids = {
        name: {row["Id"] for row in table.rows}
        for name, table in tenant.objects.items()
    }
    for table in tenant.objects.values():
        for relation in table.relations:
            for row in table.rows:
                value = row[relation.key]
                assert value is None or value in ids[relation.object_name]
