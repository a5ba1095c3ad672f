"""The projected rows carry the truth: the metrics' definitions, applied naively to
what the API shows, give what the truth says from the event log alone.

This is a third computation, from rows in memory, for any day and any noise; dbt's
is the second.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from bizops_sandbox.projections.salesforce import project_salesforce
from bizops_sandbox.truth.metrics import METRIC_CODES, compute_metrics
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

CHANNELS = {
    "Paid Search": "paid_search",
    "Paid Social": "paid_social",
    "Display": "display",
    "Content Syndication": "content_syndication",
    "Webinar": "webinar",
    "Conference": "conference",
    "Email": "email",
    "Partner": "partner",
}
ORDER_TYPES = {
    "New Business": "new",
    "Add-On Business": "add_on",
    "Renewal": "renewal",
    "Refund": "refund",
}
ACCEPTED_STAGES = {
    "1-Discovery",
    "2-Scoping",
    "3-Technical Evaluation",
    "4-Proposal",
    "5-Negotiating",
    "Closed Won",
}
TOTAL = ("total", "all")
YEAR = timedelta(days=365)


class Rows:
    """The org as tables, with merges and deletions resolved as the rules say."""

    def __init__(self, org):
        self.as_of = org.as_of.date()
        self.tables = {
            name: {row["Id"]: row for row in table.rows}
            for name, table in org.objects.items()
        }

    def __getitem__(self, name):
        return self.tables[name]

    def survivor(self, name, record_id):
        """The living end of the merge chain, or None."""
        row = self[name].get(record_id)
        while row and row["MasterRecordId"]:
            row = self[name].get(row["MasterRecordId"])
        return row if row and not row["IsDeleted"] else None

    def customer(self, account_id):
        row = self.survivor("Account", account_id)
        while row and row["ParentId"]:
            parent = self.survivor("Account", row["ParentId"])
            if parent is None:
                break
            row = parent
        return row["Id"] if row else None


def people(rows):
    """record id -> cluster, by union of merges, conversions and equal addresses."""
    parent = {}

    def find(node):
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    def join(one, other):
        parent[find(one)] = find(other)

    for name in ("Lead", "Contact"):
        for row in rows[name].values():
            if rows.survivor(name, row["Id"]) is None:
                continue
            find(row["Id"])
            email = (row["Email"] or "").strip().lower()
            if email:
                join(row["Id"], f"mail:{email}")
            if row["MasterRecordId"]:
                join(row["Id"], row["MasterRecordId"])
            contact_id = row.get("ConvertedContactId")
            if contact_id and rows.survivor("Contact", contact_id):
                join(row["Id"], contact_id)
    return {node: find(node) for node in parent}


def touches(rows, cluster):
    """cluster -> [(day, created, id, campaign id)] in order."""
    found = defaultdict(list)
    for member in rows["CampaignMember"].values():
        campaign = rows["Campaign"][member["CampaignId"]]
        person = cluster.get(member["ContactId"] or member["LeadId"])
        if member["IsDeleted"] or campaign["IsDeleted"] or person is None:
            continue
        if member["HasResponded"] and member["FirstRespondedDate"]:
            found[person].append(
                (
                    member["FirstRespondedDate"],
                    member["CreatedDate"],
                    member["Id"],
                    campaign["Id"],
                )
            )
    return {person: sorted(items) for person, items in found.items()}


def first_touch(items, day):
    return next((t for t in sorted(items) if day - YEAR <= t[0] <= day), None)


def iacv_of(row):
    if row["Incremental_ACV__c"] is not None:
        return Fraction(row["Incremental_ACV__c"])
    acv = Fraction(row["ACV__c"] or 0)
    if row["Type"] == "Renewal":
        return acv - Fraction(row["Renewal_ACV__c"] or 0)
    return -abs(acv) if row["Type"] == "Refund" else acv


def acceptance(rows_of_history, row):
    """(day, amount then), or None."""
    day = row["Sales_Accepted_Date__c"]
    if day is None:
        passed = [h for h in rows_of_history if h["StageName"] in ACCEPTED_STAGES]
        if not passed:
            return None
        day = passed[0]["CreatedDate"].date()
    end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    before = [h for h in rows_of_history if h["CreatedDate"] <= end]
    amount = before[-1]["Amount"] if before else None
    return day, Fraction(amount if amount is not None else row["Amount"] or 0)


def km(items):
    """(events, subjects, median) of [(days, is_event)], by the long way."""
    times = sorted({days for days, _ in items})

    def at_risk(t):
        return sum(days >= t for days, _ in items)

    reliable = [t for t in times if at_risk(t) >= 10]
    if not reliable:
        return 0, len(items), None
    limit = min(max(reliable), 365)
    survival, curve = Fraction(1), []
    for t in times:
        events = sum(days == t and is_event for days, is_event in items)
        if events and t <= limit:
            survival *= 1 - Fraction(events, at_risk(t))
            curve.append((t, 1 - survival))
    if not curve:
        return 0, len(items), None
    median = next(t for t, f in curve if f >= curve[-1][1] / 2 - Fraction(1, 10**9))
    count = sum(is_event and days <= limit for days, is_event in items)
    return count, len(items), median


def period_starts(day, start_month):
    into_year = (day.month - start_month) % 12

    def back(months):
        index = day.year * 12 + day.month - 1 - months
        return date(index // 12, index % 12 + 1, 1)

    return (
        ("month", back(0)),
        ("fiscal_quarter", back(into_year % 3)),
        ("fiscal_year", back(into_year)),
        ("all", date(1970, 1, 1)),
    )


def add(cells, code, day, dimensions, numerator, denominator, start_month):
    for period in period_starts(day, start_month):
        for dimension in dimensions:
            cell = cells[code, *period, *dimension]
            cell[0] += numerator
            cell[1] += denominator


def histories(rows):
    found = defaultdict(list)
    for row in sorted(
        rows["OpportunityHistory"].values(), key=lambda h: (h["CreatedDate"], h["Id"])
    ):
        found[row["OpportunityId"]].append(row)
    return found


def counted(rows):
    for row in rows["Opportunity"].values():
        is_excluded = row["StageName"] in {"8-Unqualified", "9-Duplicate"}
        if not (is_excluded or row["IsDeleted"] or row["Merged_Opportunity__c"]):
            yield row


def deal_dims(rows, row):
    segment = rows.survivor("Account", row["AccountId"])["Segment__c"]
    dims = [TOTAL, ("segment", segment), ("order_type", ORDER_TYPES[row["Type"]])]
    campaign = rows["Campaign"].get(row["CampaignId"])
    if campaign and not campaign["IsDeleted"]:
        channel = ("channel", CHANNELS[campaign["Type"]])
        return [*dims, channel, ("campaign", campaign["Id"])]
    return [*dims, ("channel", "unattributed")]


def value_facts(row):
    """(code, numerator, denominator) on the close date."""
    won, lost = row["IsWon"], row["IsClosed"] and not row["IsWon"]
    iacv = iacv_of(row)
    if won:
        yield "iacv", iacv, 0
        yield "iacv_net", iacv, 0
    if won and iacv > 0:
        yield "average_deal_size", iacv, 1
    if lost and row["Type"] == "Renewal":
        yield "iacv_net", -Fraction(row["Renewal_ACV__c"] or 0), 0
    if (won or lost) and row["Type"] != "Refund":
        yield "win_rate", int(won), 1
        value = max(iacv, Fraction(0)) if won else Fraction(row["Amount"] or 0)
        yield "win_rate_by_value", value if won else 0, value


def timed_facts(row, accepted):
    """(code, start, is event)."""
    created = row["CreatedDate"].date()
    yield "time_to_close", created, row["IsWon"]
    yield "time_to_loss", created, row["IsClosed"] and not row["IsWon"]
    if accepted:
        yield "time_to_close_from_acceptance", accepted[0], row["IsWon"]


def sales_cells(rows, start_month):
    cells = defaultdict(lambda: [Fraction(0), Fraction(0)])
    cohorts = defaultdict(list)
    history = histories(rows)
    for row in counted(rows):
        dims = deal_dims(rows, row)
        for code, numerator, denominator in value_facts(row):
            add(
                cells,
                code,
                row["CloseDate"],
                dims,
                numerator,
                denominator,
                start_month,
            )
        if row["Type"] == "Refund":
            continue
        accepted = acceptance(history[row["Id"]], row)
        if accepted:
            day, amount = accepted
            add(cells, "pipeline_created", day, dims, amount, 0, start_month)
        for code, start, is_event in timed_facts(row, accepted):
            days = ((row["CloseDate"] if is_event else rows.as_of) - start).days
            places = (
                (code, *period, *dimension)
                for period in period_starts(start, start_month)
                for dimension in dims[:3]
                if days >= 0
            )
            for place in places:
                cohorts[place].append((Fraction(days) or Fraction(1, 2), is_event))
    return cells, cohorts


def spend_items(rows):
    for campaign in rows["Campaign"].values():
        if campaign["IsDeleted"] or not campaign["ActualCost"]:
            continue
        dims = (
            TOTAL,
            ("channel", CHANNELS[campaign["Type"]]),
            ("campaign", campaign["Id"]),
        )
        start = campaign["StartDate"]
        if start is None or start > rows.as_of:
            yield campaign["CreatedDate"].date(), dims, Fraction(campaign["ActualCost"])
            continue
        last = min(campaign["EndDate"] or rows.as_of, rows.as_of)
        days = max((last - start).days + 1, 1)
        for offset in range(days):
            amount = Fraction(campaign["ActualCost"]) / days
            yield start + timedelta(days=offset), dims, amount


def campaign_dims(rows, campaign_id):
    channel = CHANNELS[rows["Campaign"][campaign_id]["Type"]]
    return (TOTAL, ("channel", channel), ("campaign", campaign_id))


def lead_days(rows, cluster):
    created = {}
    for row in rows["Lead"].values():
        person = cluster.get(row["Id"])
        if person is not None:
            day = row["CreatedDate"].date()
            created[person] = min(created.get(person, day), day)
    return created


def customer_people(rows, cluster):
    members = defaultdict(set)
    for name, link in (("Contact", "AccountId"), ("Lead", "ConvertedAccountId")):
        for row in rows[name].values():
            person, customer = cluster.get(row["Id"]), rows.customer(row[link])
            if person is not None and customer is not None:
                members[customer].add(person)
    return members


def first_wins(rows):
    wins = {}
    for row in counted(rows):
        customer, day = rows.customer(row["AccountId"]), row["CloseDate"]
        if row["IsWon"] and iacv_of(row) > 0:
            wins[customer] = min(wins.get(customer, day), day)
    return wins


def cost_cells(rows, start_month):
    cells = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for day, dims, amount in spend_items(rows):
        add(cells, "cost_per_lead", day, dims, amount, 0, start_month)
        add(cells, "cac", day, dims, amount, 0, start_month)
        add(cells, "cost_per_lead_blended", day, (TOTAL,), amount, 0, start_month)
    cluster = people(rows)
    touched = touches(rows, cluster)
    for person, day in lead_days(rows, cluster).items():
        first = first_touch(touched.get(person, ()), day)
        cohort = first[0] if first else day
        add(cells, "cost_per_lead_blended", cohort, (TOTAL,), 0, 1, start_month)
        if first:
            dims = campaign_dims(rows, first[3])
            add(cells, "cost_per_lead", cohort, dims, 0, 1, start_month)
    members = customer_people(rows, cluster)
    for customer, day in first_wins(rows).items():
        items = [t for person in members[customer] for t in touched.get(person, ())]
        first = first_touch(items, day)
        dims = (TOTAL, ("channel", "unattributed"))
        if first:
            dims = campaign_dims(rows, first[3])
        add(cells, "cac", day, dims, 0, 1, start_month)
    return cells


SUMS = {"iacv", "iacv_net", "pipeline_created"}


def metrics_of_rows(org, start_month):
    rows = Rows(org)
    cells, cohorts = sales_cells(rows, start_month)
    cells.update(cost_cells(rows, start_month))
    result = {}
    for key, (numerator, denominator) in cells.items():
        if key[0] in SUMS:
            result[key] = (numerator, Fraction(1), numerator)
        else:
            value = numerator / denominator if denominator else None
            result[key] = (numerator, denominator, value)
    for key, items in cohorts.items():
        result[key] = km(items)
    return result


def assert_rows_carry_the_truth(params, events, as_of):
    start_month = params.fiscal_year_start_month
    expected = {
        (row.metric_code, row.period.kind, row.period.start, *row.dimension): (
            row.numerator,
            row.denominator,
            row.value,
        )
        for row in compute_metrics(events, as_of, fiscal_year_start_month=start_month)
        if row.quality_note != "no_data"
    }
    found = metrics_of_rows(project_salesforce(events, params, as_of), start_month)
    assert found == expected
    return expected


def test_at_the_end_of_the_small_company_all_metrics_are_there():
    params = load_parameters()
    expected = assert_rows_carry_the_truth(params, simulate(params), params.as_of)
    assert {key[0] for key in expected} == set(METRIC_CODES)


@pytest.mark.parametrize(
    "as_of", [date(2016, 2, 1), date(2016, 9, 14), date(2017, 3, 31)]
)
def test_on_any_earlier_day(as_of):
    params = load_parameters()
    assert_rows_carry_the_truth(params, simulate(params), as_of)


@pytest.mark.parametrize("seed", [1, 2])
def test_with_much_noise_and_another_seed(seed):
    loud = {
        "organizations": 90,
        "months": 18,
        "fiscal_year_start_month": 7,
        "funnel": {"parent_share": 0.4},
        "noise": {
            "lead_dup": 0.5,
            "merge": 0.5,
            "free_mail": 0.5,
            "soft_delete": 0.2,
            "email_case": 0.5,
            "null_custom_iacv": 0.5,
        },
        "contract": {"refund_rate": 0.3},
        "sales": {
            "reopen_rate": 0.3,
            "duplicate_rate": 0.4,
            "backdated_close_rate": 0.3,
            "unrecorded_acceptance_rate": 0.4,
            "early_acceptance_rate": 0.4,
        },
    }
    params = load_parameters(seed=seed, overrides=loud)
    events = simulate(params)
    for as_of in (params.as_of, date(2016, 12, 7)):
        assert_rows_carry_the_truth(params, events, as_of)


def test_purged_records_change_no_metric():
    purged = {"organizations": 60, "noise": {"purge": 1, "soft_delete": 0.2}}
    params = load_parameters(overrides=purged)
    events = simulate(params)
    org = project_salesforce(events, params, params.as_of)
    kept = load_parameters(overrides={**purged, "noise": {"soft_delete": 0.2}})
    whole = project_salesforce(events, kept, params.as_of)
    for name in ("Lead", "CampaignMember", "Opportunity"):
        assert len(org.objects[name].rows) < len(whole.objects[name].rows)
    # Members of a purged campaign go with it, so nothing dangles.
    assert_rows_carry_the_truth(params, events, params.as_of)
