"""What must hold in any sample company, whatever its parameters."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from bizops_sandbox.projections.salesforce import project_salesforce
from bizops_sandbox.truth.arr import arr_months, arr_on, read_book
from bizops_sandbox.truth.facts import collect_facts
from bizops_sandbox.truth.metrics import METRIC_CODES, compute_metrics
from bizops_sandbox.truth.periods import periods_of
from bizops_sandbox.truth.persons import find_persons
from bizops_sandbox.truth.touches import by_person, find_touches
from bizops_sandbox.world import events as log
from bizops_sandbox.world.events import BaseEvent
from bizops_sandbox.world.log import encode_event
from bizops_sandbox.world.moments import day_end, day_start
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

LOUD = {
    "organizations": 80,
    "expansion": {"monthly_rate": 0.3},
    "usage": {"reset_rate": 0.05},
    "contract": {"refund_rate": 0.2},
    "finance": {"unpaid_rate": 0.2},
    "sales": {"reopen_rate": 0.3, "duplicate_rate": 0.3},
    "noise": {"lead_dup": 0.4, "merge": 0.4, "soft_delete": 0.1},
}


@pytest.fixture(scope="module", params=["small", "loud"])
def world(request):
    overrides = LOUD if request.param == "loud" else None
    params = load_parameters(overrides=overrides)
    return params, simulate(params)


def of(events, kind):
    return [event for event in events if type(event) is kind]


# What an event makes known, and what it needs to be known already.
MAKES = {
    log.EmployeeHired: "employee_key",
    log.OrganizationKnown: "organization_key",
    log.PersonKnown: "person_key",
    log.AccountCreated: "account_key",
    log.ContactCreated: "contact_key",
    log.CampaignPlanned: "campaign_key",
    log.LeadCreated: "lead_key",
    log.MemberAdded: "member_key",
    log.OpportunityCreated: "opportunity_key",
    log.ContactRoleAdded: "role_key",
    log.SubscriptionStarted: "subscription_key",
    log.InvoicePosted: "invoice_key",
    log.PaymentReceived: "payment_key",
    log.CreditIssued: "credit_key",
    log.PaymentRefunded: "refund_key",
    log.LicenseIssued: "license_key",
    log.InstanceInstalled: "instance_uuid",
    log.MarketingBilled: "bill_key",
    log.TeamMemberStarted: "member_key",
    log.ImprovementPlanStarted: "plan_key",
    log.ApplicationReceived: "applicant_key",
    log.InterviewHeld: "interview_key",
    log.OfferSent: "offer_key",
    log.SocialPosted: "post_key",
    log.ExperimentExposed: "unit_key",
    log.ProjectCreated: "project_key",
    log.DeveloperJoined: "developer_key",
    log.IssueOpened: "issue_key",
    log.MergeRequestOpened: "merge_request_key",
    log.NoteWritten: "note_key",
    log.ReleasePublished: "release_key",
}
NOT_REFERENCES = {"lineage_key", "ad_key", "job_key"}


def references(event):
    """The keys an event names."""
    for field in event.__struct_fields__:
        named = field.endswith("_key") and field not in NOT_REFERENCES
        value = getattr(event, field)
        if (named or field in {"by", "duplicate_of"}) and value is not None:
            yield field, value
        if field == "left_behind":
            yield from ((field, key) for key in value)
    if type(event) is log.UsagePinged:
        yield "instance_uuid", event.instance_uuid


def test_every_event_names_only_what_is_known_by_then(world):
    _, events = world
    known = set()
    for event in events:
        made = MAKES.get(type(event))
        if made:
            key = getattr(event, made)
            # A member of the team may have a CRM user of the same key.
            is_user = type(event) is log.TeamMemberStarted
            assert key not in known or is_user, event
            known.add(key)
        for field, key in references(event):
            # The parent of an organisation may show up later than the child.
            is_tree = type(event) is log.OrganizationKnown and field == "parent_key"
            assert key in known or is_tree, (field, event)


def test_the_events_are_in_order_and_in_the_window(world):
    params, events = world
    moments = [event.at for event in events]
    assert moments == sorted(moments)
    assert day_start(params.start_date) <= moments[0]
    assert moments[-1] <= day_end(params.as_of)
    for event in events:
        assert (event.at.hour, event.at.minute, event.at.second) != (23, 59, 59)
        assert event.at.microsecond == 0
        for field in event.__struct_fields__:
            value = getattr(event, field)
            is_past = field in {"responded_on", "mql_date", "accepted_on", "day"}
            if is_past and value is not None:
                assert value <= event.at.date()


def test_recorded_ad_cost_is_the_sum_of_the_ad_days(world):
    _, events = world
    plans = {e.campaign_key: e for e in of(events, log.CampaignPlanned)}
    spent = defaultdict(list)
    for event in of(events, log.AdDaySpent):
        spent[event.campaign_key].append(event)
    checked = 0
    for cost in of(events, log.CampaignCostRecorded):
        if cost.campaign_key in spent:
            days = [d for d in spent[cost.campaign_key] if d.at < cost.at]
            until = [d.spend for d in days if d.day < cost.at.date()]
            end = plans[cost.campaign_key].end_date
            # Weekends put the copying off: the days copied end at the month's end.
            month = cost.at.date().replace(day=1)
            copied = [d.spend for d in days if d.day < month or cost.at.date() > end]
            assert cost.total_cost in {sum(until), sum(copied)}
            checked += 1
    assert checked


def test_ads_spend_about_their_budget(world):
    params, events = world
    plans = {e.campaign_key: e for e in of(events, log.CampaignPlanned)}
    spent = defaultdict(Decimal)
    for event in of(events, log.AdDaySpent):
        spent[event.campaign_key] += event.spend
    for key, total in spent.items():
        plan = plans[key]
        if plan.end_date <= params.as_of:
            assert total == pytest.approx(plan.budget, rel=Decimal("0.2"))


def test_each_order_has_one_subscription_or_amendment(world):
    params, events = world
    deals = collect_facts(events, params.as_of).deals
    started = Counter(e.opportunity_key for e in of(events, log.SubscriptionStarted))
    amended = Counter(e.opportunity_key for e in of(events, log.ChargeAmended))
    assert set(started.values()) == {1}
    assert set(amended.values()) <= {1}
    for key, deal in deals.items():
        is_won = deal.state == "won" and not deal.is_deleted
        if is_won and deal.order_type in {"new", "renewal"}:
            assert started[key] == 1, deal
        elif is_won and deal.order_type == "add_on":
            # One that closes when the term has ended changes nothing any more.
            assert not started[key]
        else:
            assert not started[key] + amended[key]
    refunds = [deal for deal in deals.values() if deal.order_type == "refund"]
    won = [deal for deal in refunds if deal.state == "won"]
    assert len(won) == len(of(events, log.SubscriptionCancelled))


def test_a_won_order_is_worth_its_subscription(world):
    _, events = world
    deals = {e.opportunity_key: e for e in of(events, log.OpportunityCreated)}
    won = {
        e.opportunity_key: e
        for e in of(events, log.OpportunityClosed)
        if e.outcome == "won"
    }
    for started in of(events, log.SubscriptionStarted):
        closing = won[started.opportunity_key]
        assert closing.acv == started.seats * started.unit_price
        old = deals[started.opportunity_key].renewal_acv or 0
        assert closing.iacv == closing.acv - old
        recurring = closing.acv * closing.term_months / 12
        assert closing.tcv == recurring + (started.one_time or 0)


def test_arr_moves_by_its_movements(world):
    params, events = world
    book = read_book(events, params.as_of)
    by_month = defaultdict(list)
    for row in arr_months(book, params.start_date, params.as_of):
        by_month[row.month].append(row)
        names = {"new", "expansion", "contraction", "churn", "reactivation", "none"}
        assert row.movement in names
    before = Decimal(0)
    for month in sorted(by_month):
        rows = by_month[month]
        assert sum(row.arr_before for row in rows) == before
        before = sum(row.arr_after for row in rows)
    assert before == sum(arr_on(book, params.as_of).values())
    kinds = Counter(row.movement for rows in by_month.values() for row in rows)
    assert kinds["new"] == len(
        {r.organization_key for m in by_month.values() for r in m}
    )


def test_charges_of_a_customer_do_not_overlap(world):
    params, events = world
    by_organization = defaultdict(list)
    for charges in read_book(events, params.as_of).charges.values():
        for charge in charges:
            if charge.start < charge.end:
                by_organization[charge.organization_key].append(charge)
    for charges in by_organization.values():
        charges.sort(key=lambda charge: charge.start)
        for one, following in pairwise(charges):
            assert one.end <= following.start


def test_nobody_pays_or_gets_back_too_much(world):
    _, events = world
    invoices = {e.invoice_key: e.amount for e in of(events, log.InvoicePosted)}
    paid, credited = defaultdict(Decimal), defaultdict(Decimal)
    payments = {}
    for event in of(events, log.PaymentReceived):
        paid[event.invoice_key] += event.amount
        payments[event.payment_key] = event.amount
    for event in of(events, log.CreditIssued):
        credited[event.invoice_key] += event.amount
    refunded = defaultdict(Decimal)
    for event in of(events, log.PaymentRefunded):
        refunded[event.payment_key] += event.amount
    for key, amount in invoices.items():
        assert 0 <= paid[key] + credited[key] <= amount
    for key, amount in refunded.items():
        assert amount <= payments[key]
    receivable = sum(invoices.values()) - sum(paid.values()) - sum(credited.values())
    open_invoices = [a - paid[k] - credited[k] for k, a in invoices.items()]
    assert receivable == sum(open_invoices) >= 0


def test_payments_follow_their_invoices(world):
    _, events = world
    posted = {e.invoice_key: e for e in of(events, log.InvoicePosted)}
    for event in of(events, log.PaymentReceived):
        assert event.at > posted[event.invoice_key].at


def test_each_licence_has_the_seats_of_its_subscription_on_its_day(world):
    _, events = world
    seats = {}
    for event in events:
        match event:
            case log.SubscriptionStarted() | log.ChargeAmended():
                seats[event.subscription_key] = (event.seats, event.product)
            case log.LicenseIssued():
                assert seats[event.subscription_key] == (event.seats, event.product)
                assert event.starts_on < event.expires_on
                assert re.fullmatch("[0-9a-f]{32}", event.digest)


def test_users_stay_below_their_maximum_and_counters_only_grow(world):
    _, events = world
    installed = {e.instance_uuid: e for e in of(events, log.InstanceInstalled)}
    last = {}
    for event in of(events, log.UsagePinged):
        assert installed[event.instance_uuid].sends_pings
        assert 0 < event.active_users <= event.max_users
        before = last.get(event.instance_uuid)
        if before is not None:
            assert event.max_users >= before.max_users
        last[event.instance_uuid] = event
    assert last


def test_a_falling_counter_means_a_reset_since_the_last_ping():
    # Without missing pings each reset is seen.
    whole = {**LOUD, "usage": {"reset_rate": 0.05, "missing_ping_rate": 0}}
    last, resets = {}, 0
    for event in of(simulate(load_parameters(overrides=whole)), log.UsagePinged):
        before = last.get(event.instance_uuid, {})
        has_fallen = any(event.counters.get(k, 0) < v for k, v in before.items())
        assert event.is_reset or not has_fallen
        resets += event.is_reset
        last[event.instance_uuid] = event.counters
    assert resets


def test_a_customer_was_touched_before_it_signed(world):
    params, events = world
    facts = collect_facts(events, params.as_of)
    persons = find_persons(facts)
    touched = by_person(find_touches(facts, persons))
    first = {}
    for person in persons.persons:
        for key in person.account_keys():
            for touch in touched.get(person.key, ()):
                organization = facts.accounts[key].organization_key
                day = first.get(organization, touch.touched_on)
                first[organization] = min(day, touch.touched_on)
    starts = {}
    for event in of(events, log.SubscriptionStarted):
        starts.setdefault(event.organization_key, event.at.date())
    touched_first = [k for k, day in starts.items() if first.get(k, date.max) <= day]
    touched_ever = [k for k in starts if k in first]
    # A few came by themselves or by sales and were touched as customers only.
    assert len(touched_first) >= 0.85 * len(touched_ever) > 0


def test_a_person_belongs_to_one_organisation(world):
    _, events = world
    for record in of(events, log.ContactCreated):
        organization = record.account_key.split(".")[0]
        assert record.person_key.split(".")[0] == organization


def test_an_opportunity_goes_through_its_stages_in_time(world):
    _, events = world
    steps = defaultdict(list)
    for event in events:
        if type(event) in {
            log.OpportunityCreated,
            log.OpportunityStaged,
            log.OpportunityClosed,
        }:
            steps[event.opportunity_key].append(event)
    reopened = 0
    for history in steps.values():
        assert type(history[0]) is log.OpportunityCreated
        moments = [event.at for event in history]
        assert all(a < b for a, b in pairwise(moments))
        for before, after in pairwise(history):
            if type(before) is log.OpportunityClosed:
                assert type(after) is log.OpportunityStaged
                reopened += 1
            elif type(before) is type(after) is log.OpportunityStaged:
                assert after.stage >= before.stage
    assert reopened


def test_no_two_memberships_of_a_record_in_one_campaign(world):
    _, events = world
    pairs = Counter((e.record_key, e.campaign_key) for e in of(events, log.MemberAdded))
    assert set(pairs.values()) == {1}


def test_nothing_happens_to_a_deleted_record(world):
    _, events = world
    gone = set()
    deletions = {
        log.LeadDeleted: "lead_key",
        log.ContactDeleted: "contact_key",
        log.AccountDeleted: "account_key",
        log.OpportunityDeleted: "opportunity_key",
        log.CampaignDeleted: "campaign_key",
    }
    allowed = {
        log.AdDaySpent,
        log.TouchMade,
        log.ActivityTracked,
        log.MemberDeleted,
        log.MarketingBilled,
    }
    for event in events:
        if type(event) not in allowed:
            named = {key for _, key in references(event)}
            assert not named & gone, event
        key = deletions.get(type(event))
        if key:
            gone.add(getattr(event, key))
        if type(event) in {log.LeadsMerged, log.ContactsMerged, log.AccountsMerged}:
            gone.add(event.loser_key)
    assert gone


@pytest.mark.parametrize(
    ("day", "quarter", "year"),
    [
        # Years that start in February, written by hand.
        (date(2016, 1, 31), date(2015, 11, 1), date(2015, 2, 1)),
        (date(2016, 2, 1), date(2016, 2, 1), date(2016, 2, 1)),
        (date(2016, 4, 30), date(2016, 2, 1), date(2016, 2, 1)),
        (date(2016, 5, 1), date(2016, 5, 1), date(2016, 2, 1)),
        (date(2016, 7, 31), date(2016, 5, 1), date(2016, 2, 1)),
        (date(2016, 8, 1), date(2016, 8, 1), date(2016, 2, 1)),
        (date(2016, 10, 31), date(2016, 8, 1), date(2016, 2, 1)),
        (date(2016, 11, 1), date(2016, 11, 1), date(2016, 2, 1)),
        (date(2016, 12, 31), date(2016, 11, 1), date(2016, 2, 1)),
        (date(2017, 1, 1), date(2016, 11, 1), date(2016, 2, 1)),
        (date(2017, 2, 1), date(2017, 2, 1), date(2017, 2, 1)),
    ],
)
def test_fiscal_periods_are_those_of_the_table(day, quarter, year):
    starts = {period.kind: period.start for period in periods_of(day, 2)}
    assert starts["month"] == day.replace(day=1)
    assert (starts["fiscal_quarter"], starts["fiscal_year"]) == (quarter, year)
    calendar = {period.kind: period.start for period in periods_of(day, 1)}
    assert calendar["fiscal_year"] == date(day.year, 1, 1)


def test_all_addresses_are_in_reserved_domains(world):
    _, events = world
    text = b"\n".join(encode_event(event) for event in events).decode()
    addresses = re.findall(r"@([A-Za-z0-9.-]+)", text)
    sites = re.findall(r"(?:https?://|\")(?:www|git|code|dev|source)\.([\w.-]+)", text)
    assert addresses
    assert sites
    for domain in {*addresses, *sites}:
        assert domain.lower().rpartition(".")[2] in {"example", "test"}, domain
    assert set(re.findall(r"\+1 555 (\d\d)", text)) == {"01"}


def test_no_two_persons_share_an_address(world):
    _, events = world
    owners = {}
    for person in of(events, log.PersonKnown):
        for address in filter(None, (person.work_email, person.free_email)):
            assert address == address.strip().lower()
            assert owners.setdefault(address, person.person_key) == person.person_key


def test_records_hold_an_address_of_their_person(world):
    _, events = world
    persons = {e.person_key: e for e in of(events, log.PersonKnown)}
    for kind in (log.LeadCreated, log.ContactCreated):
        for record in of(events, kind):
            person = persons[record.person_key]
            whose = person.free_email if record.uses_free_email else person.work_email
            assert record.email.strip().lower() == whose


def test_small_fits_its_size():
    events = simulate(load_parameters(scale="small"))
    assert sum(len(encode_event(event)) + 1 for event in events) < 20_000_000


def test_every_kind_of_event_happens_in_the_small_company():
    def kinds(base):
        for kind in base.__subclasses__():
            yield kind
            yield from kinds(kind)

    happened = {type(event) for event in simulate(load_parameters(scale="small"))}
    assert happened == set(kinds(BaseEvent))


NOISES = set(load_parameters().noise.__struct_fields__) - {"late_seconds_max"}


@pytest.mark.parametrize(
    "overrides",
    [
        {"organizations": 1, "months": 1},
        {"organizations": 20, "months": 60},
        {"organizations": 20, "months": 5, "monthly_growth": 0},
        {"organizations": 20, "start_date": "2015-12-01", "campaign_quarters": 8},
        {"organizations": 20, "noise": dict.fromkeys(NOISES, 1)},
        {"organizations": 20, "noise": dict.fromkeys(NOISES, 0)},
    ],
)
def test_extreme_parameters_still_make_a_company(overrides):
    params = load_parameters(overrides=overrides)
    events = simulate(params)
    test_every_event_names_only_what_is_known_by_then((params, events))
    test_the_events_are_in_order_and_in_the_window((params, events))
    test_nobody_pays_or_gets_back_too_much((params, events))
    rows = compute_metrics(events, params.as_of, fiscal_year_start_month=2)
    assert {row.metric_code for row in rows} == set(METRIC_CODES)
    org = project_salesforce(events, params, params.as_of)
    assert org.objects["Campaign"].rows
