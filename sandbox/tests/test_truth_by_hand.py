"""The metrics of a company of a dozen facts, with every number worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.truth.facts import collect_facts
from bizops_sandbox.truth.metrics import compute_metrics
from bizops_sandbox.truth.persons import find_persons
from bizops_sandbox.truth.touches import find_touches
from bizops_sandbox.world import events as log

BY = "e.rep1"
AS_OF = date(2016, 6, 30)
MARCH, APRIL, MAY = date(2016, 3, 1), date(2016, 4, 1), date(2016, 5, 1)


def at(month, day, hour=9):
    return datetime(2016, month, day, hour, tzinfo=UTC)


def campaign(key, channel, created, *, start=None, end=None, cost=None):
    yield log.CampaignPlanned(
        at=created,
        campaign_key=key,
        name=key,
        channel=channel,
        start_date=start,
        end_date=end,
        by=BY,
    )
    if cost is not None:
        yield log.CampaignCostRecorded(
            at=created, campaign_key=key, total_cost=Decimal(cost), by=BY
        )


def person(key, organization="o1"):
    return log.PersonKnown(
        at=at(2, 1),
        person_key=key,
        organization_key=organization,
        first_name="A",
        last_name="B",
        title="C",
    )


def lead(key, moment, *, free=False):
    return log.LeadCreated(
        at=moment,
        lead_key=key,
        person_key=key.split(".")[0],
        company="Example",
        email=f"{key}@example.test",
        uses_free_email=free,
        title="C",
        country="D",
        source="Web",
        owner_key=BY,
        by=BY,
    )


def member(key, campaign_key, record_key, moment, responded_on):
    return log.MemberAdded(
        at=moment,
        member_key=key,
        campaign_key=campaign_key,
        record_key=record_key,
        status="Responded",
        responded_on=responded_on,
        by=BY,
    )


def account(key, segment, moment=at(2, 2)):  # noqa: B008 (a constant)
    return log.AccountCreated(
        at=moment,
        account_key=key,
        organization_key="o1",
        name=key,
        account_type="Prospect",
        segment=segment,
        industry="Media",
        employees=1,
        annual_revenue=Decimal(1),
        street="",
        city="",
        state=None,
        postal_code="",
        country="",
        phone="",
        website=None,
        source="Web",
        owner_key=BY,
        by=BY,
    )


def opened(key, account_key, moment, order_type="new", **given):
    return log.OpportunityCreated(
        at=moment,
        opportunity_key=key,
        account_key=account_key,
        name=key,
        order_type=order_type,
        close_date=date(2016, 12, 31),
        owner_key=BY,
        source="Web",
        by=BY,
        **given,
    )


def closed(key, outcome, moment, *, amount=None, iacv=None, **given):
    money = {} if iacv is None else {"iacv": Decimal(iacv), "acv": Decimal(abs(iacv))}
    return log.OpportunityClosed(
        at=moment,
        opportunity_key=key,
        outcome=outcome,
        close_date=moment.date(),
        amount=None if amount is None else Decimal(amount),
        by=BY,
        **money,
        **given,
    )


def staged(key, stage, moment, amount, **given):
    return log.OpportunityStaged(
        at=moment,
        opportunity_key=key,
        stage=stage,
        close_date=date(2016, 12, 31),
        amount=Decimal(amount),
        by=BY,
        **given,
    )


def contact_of_p1():
    return log.ContactCreated(
        at=at(3, 10),
        contact_key="p1.c1",
        person_key="p1",
        account_key="a2",
        email="p1.l1@example.test",
        title="",
        phone="",
        source="Web",
        street="",
        city="",
        postal_code="",
        country="",
        owner_key=BY,
        by=BY,
    )


def company():
    """Three campaigns, six persons, three accounts, eight opportunities."""
    events = [
        # Webinar: 1,000 USD over the ten days of March 1 to 10.
        *campaign(
            "webinar",
            "webinar",
            at(2, 20),
            start=date(2016, 3, 1),
            end=date(2016, 3, 10),
            cost=1000,
        ),
        # Email: undated, so its 90 USD lie on the day of the record, March 5.
        *campaign("email", "email", at(3, 5), cost=90),
        # Display: 500 USD, but the record was deleted.
        *campaign("display", "display", at(3, 5), start=date(2016, 3, 6), cost=500),
        *(person(f"p{number}") for number in range(1, 8)),
        # p1 was at the webinar on March 3 and entered the next day.
        lead("p1.l1", at(3, 4)),
        member("m1", "webinar", "p1.l1", at(3, 4), date(2016, 3, 3)),
        # p2 came by itself.
        lead("p2.l1", at(3, 20)),
        # p3 came twice by the email of April 1, with the same address: one lead.
        lead("p3.l1", at(4, 1)),
        member("m2", "email", "p3.l1", at(4, 1), date(2016, 4, 1)),
        lead("p3.l2", at(4, 2)),
        member("m3", "email", "p3.l2", at(4, 2), date(2016, 4, 2)),
        # p4 was spam.
        lead("p4.l1", at(4, 3)),
        member("m4", "email", "p4.l1", at(4, 3), date(2016, 4, 3)),
        log.LeadDeleted(at=at(4, 4), lead_key="p4.l1", by=BY),
        # p5 gave two addresses that nothing links: two leads for any report.
        lead("p5.l1", at(4, 10)),
        lead("p5.l2", at(4, 12), free=True),
        # p6 did, too, but the records were merged: one lead, of April 14.
        lead("p6.l1", at(4, 14)),
        lead("p6.l2", at(4, 15), free=True),
        log.LeadsMerged(at=at(4, 20), loser_key="p6.l1", survivor_key="p6.l2", by=BY),
        # p7 only ever was in the deleted campaign, and only a contact.
        log.CampaignDeleted(at=at(4, 25), campaign_key="display", by=BY),
        # a2 is a1 entered twice; both belong to a9.
        account("a1", "smb"),
        account("a2", "large"),
        account("a9", "strategic"),
        log.AccountsMerged(
            at=at(3, 11), loser_key="a2", survivor_key="a1", left_behind=("d1",), by=BY
        ),
        log.AccountParentSet(at=at(3, 12), account_key="a1", parent_key="a9", by=BY),
        contact_of_p1(),
        log.LeadConverted(
            at=at(3, 10),
            lead_key="p1.l1",
            account_key="a2",
            contact_key="p1.c1",
            opportunity_key="d1",
            by=BY,
        ),
        # d1: accepted at 900 on March 15, raised to 950 next day, won at 1,000.
        opened("d1", "a2", at(3, 10), campaign_key="webinar", amount=Decimal(800)),
        staged(
            "d1",
            "1-Discovery",
            at(3, 15, 10),
            850,
            accepted_on=date(2016, 3, 15),
        ),
        staged("d1", "1-Discovery", at(3, 15, 18), 900),
        staged("d1", "4-Proposal", at(3, 16), 950),
        closed("d1", "won", at(4, 1), amount=1000, iacv=1000, is_iacv_recorded=False),
        # d2: a renewal of 400 that was lost while 50 more were hoped for.
        opened("d2", "a1", at(4, 1), "renewal", renewal_acv=Decimal(400)),
        closed("d2", "lost", at(5, 2), amount=50),
        # d3: d1 is given back.
        opened("d3", "a1", at(5, 10), "refund", amount=Decimal(-1000)),
        closed("d3", "won", at(5, 10), amount=-1000, iacv=-1000),
        # d4, d5: entered twice, by stage or by link; d6: deleted.
        opened("d4", "a1", at(3, 11), amount=Decimal(5000)),
        closed("d4", "duplicate", at(3, 12), amount=5000),
        opened("d5", "a1", at(3, 11), amount=Decimal(5000)),
        closed("d5", "lost", at(3, 12), amount=5000, duplicate_of="d1"),
        opened("d6", "a1", at(3, 13), amount=Decimal(5000)),
        closed("d6", "won", at(3, 14), amount=5000, iacv=5000),
        log.OpportunityDeleted(at=at(3, 15), opportunity_key="d6", by=BY),
        # d7: open, accepted (they say) before the record existed, now at 700.
        opened("d7", "a9", at(6, 3), amount=Decimal(600)),
        staged("d7", "2-Scoping", at(6, 4), 700, accepted_on=date(2016, 6, 1)),
        # d8: an add-on that came by the deleted campaign, won without any stage.
        opened("d8", "a1", at(5, 15), "add_on", campaign_key="display"),
        closed("d8", "won", at(5, 20), amount=200, iacv=200),
    ]
    return sorted(events, key=lambda event: event.at)


@pytest.fixture(scope="module")
def figures():
    """(code, period type, period start, dimension, value) -> the row."""
    rows = compute_metrics(company(), AS_OF, fiscal_year_start_month=2)
    return {
        (row.metric_code, row.period.kind, row.period.start, *row.dimension): row
        for row in rows
    }


def of_month(figures, code, month, dimension=("total", "all")):
    return figures.get((code, "month", month, *dimension))


def of_all(figures, code, dimension=("total", "all")):
    return figures.get((code, "all", date(1970, 1, 1), *dimension))


def value(row):
    return None if row.value is None else float(row.value)


def test_iacv(figures):
    # April: d1. May: d3 and d8.
    assert value(of_month(figures, "iacv", APRIL)) == 1000
    assert value(of_month(figures, "iacv", MAY)) == -1000 + 200
    assert of_month(figures, "iacv", MARCH) is None
    assert value(of_all(figures, "iacv")) == 200
    # All of it is a1's, whose segment is smb, also what still names a2.
    assert value(of_all(figures, "iacv", ("segment", "smb"))) == 200
    assert of_all(figures, "iacv", ("segment", "large")) is None
    assert value(of_all(figures, "iacv", ("channel", "webinar"))) == 1000
    assert value(of_all(figures, "iacv", ("channel", "unattributed"))) == -800
    assert of_all(figures, "iacv", ("channel", "display")) is None
    webinar = salesforce_id("Campaign", "webinar")
    assert value(of_all(figures, "iacv", ("campaign", webinar))) == 1000
    assert value(of_all(figures, "iacv", ("order_type", "refund"))) == -1000


def test_iacv_in_fiscal_periods(figures):
    # The year starts in February: April is in the quarter of February 2016, May in
    # that of May; both are in the fiscal year 2017.
    quarter = ("iacv", "fiscal_quarter")
    assert value(figures[*quarter, date(2016, 2, 1), "total", "all"]) == 1000
    assert value(figures[*quarter, date(2016, 5, 1), "total", "all"]) == -800
    year = figures["iacv", "fiscal_year", date(2016, 2, 1), "total", "all"]
    assert (value(year), year.is_mature) == (200, False)
    assert figures[*quarter, date(2016, 2, 1), "total", "all"].is_mature


def test_iacv_net_takes_off_the_lost_renewal(figures):
    assert value(of_month(figures, "iacv_net", MAY)) == -800 - 400
    assert value(of_all(figures, "iacv_net")) == -200


def test_win_rates(figures):
    # Won d1 and d8, lost d2; the refund is no decision.
    row = of_all(figures, "win_rate")
    assert (row.numerator, row.denominator) == (2, 3)
    # By value: 1,000 + 200 of 1,000 + 200 + 50.
    assert of_all(figures, "win_rate_by_value").value == Fraction(1200, 1250)
    assert value(of_month(figures, "win_rate", MAY)) == 0.5


def test_average_deal_size(figures):
    assert value(of_all(figures, "average_deal_size")) == 600


def test_pipeline_created(figures):
    # d1 at the end of its day of acceptance; d8 when it was won; d7 is older than
    # its record and counts as it stands. d2 was never accepted.
    assert value(of_month(figures, "pipeline_created", MARCH)) == 900
    assert value(of_month(figures, "pipeline_created", MAY)) == 200
    assert value(of_month(figures, "pipeline_created", date(2016, 6, 1))) == 700
    assert value(of_all(figures, "pipeline_created")) == 1800


def test_cost_per_lead(figures):
    # March: 1,000 + 90 for p1. April: p3 for nothing. p4 is gone, p7 never was.
    march = of_month(figures, "cost_per_lead", MARCH)
    assert (march.numerator, march.denominator) == (1090, 1)
    april = of_month(figures, "cost_per_lead", APRIL)
    assert (april.numerator, april.denominator, april.value) == (0, 1, 0)
    assert value(of_all(figures, "cost_per_lead")) == 545
    assert value(of_all(figures, "cost_per_lead", ("channel", "webinar"))) == 1000
    assert value(of_all(figures, "cost_per_lead", ("channel", "email"))) == 90
    assert of_all(figures, "cost_per_lead", ("channel", "display")) is None


def test_blended_cost_per_lead(figures):
    # March: p1 and p2. April: p3, p5 twice, p6 once.
    assert of_month(figures, "cost_per_lead_blended", MARCH).value == 545
    assert of_month(figures, "cost_per_lead_blended", APRIL).denominator == 4
    assert of_all(figures, "cost_per_lead_blended").value == Fraction(1090, 6)


def test_cac(figures):
    # One customer, a9, whose first touch is p1's at the webinar.
    row = of_all(figures, "cac")
    assert (row.numerator, row.denominator) == (1090, 1)
    webinar = of_month(figures, "cac", APRIL, ("channel", "webinar"))
    assert (webinar.numerator, webinar.denominator) == (0, 1)
    assert value(of_all(figures, "cac", ("channel", "webinar"))) == 1000
    email = of_all(figures, "cac", ("channel", "email"))
    assert (email.value, email.quality_note) == (None, "no_denominator")


def test_durations_of_so_few_have_no_median(figures):
    # Subjects: d1, d2, d7, d8.
    row = of_all(figures, "time_to_close")
    assert (row.numerator, row.denominator) == (0, 4)
    assert (row.value, row.quality_note) == (None, "too_few")


def test_touches_of_one_person_a_day_apart_are_one():
    facts = collect_facts(company(), AS_OF)
    touches = find_touches(facts, find_persons(facts))
    assert [(t.member_key, t.is_repeat) for t in touches] == [
        ("m1", False),
        ("m2", False),
        ("m3", True),
    ]


def test_before_the_merge_two_addresses_are_two_leads():
    rows = compute_metrics(company(), date(2016, 4, 19), fiscal_year_start_month=2)
    blended = [r for r in rows if r.metric_code == "cost_per_lead_blended"]
    # p1, p2, p3, p5 twice, p6 twice.
    assert {r.denominator for r in blended if r.period.kind == "all"} == {7}


def test_a_company_without_facts_has_a_row_for_each_metric():
    rows = compute_metrics([], AS_OF, fiscal_year_start_month=2)
    assert len(rows) == 12
    sums = {"iacv", "iacv_net", "pipeline_created"}
    for row in rows:
        assert row.quality_note == "no_data"
        assert (row.period.kind, row.dimension) == ("all", ("total", "all"))
        is_sum = row.metric_code in sums
        assert (row.numerator, row.denominator) == (0, 1 if is_sum else 0)
        assert row.value == (0 if is_sum else None)


def enough_deals():
    """Twelve opportunities of January 4, 2015, all of one account."""
    start = datetime(2015, 1, 4, 9, tzinfo=UTC)
    yield account("a1", "smb", start)
    for number in range(12):
        yield opened(f"d{number}", "a1", start)
    # Won after 0, 10 and 20 days; one was signed before it was entered: left out.
    for number, day in enumerate((4, 14, 24)):
        moment = datetime(2015, 1, day, 10, tzinfo=UTC)
        yield closed(f"d{number}", "won", moment, amount=1, iacv=1)
    early = closed("d3", "won", datetime(2015, 1, 9, tzinfo=UTC), amount=1, iacv=1)
    yield log.OpportunityClosed(
        at=early.at,
        opportunity_key="d3",
        outcome="won",
        close_date=date(2015, 1, 1),
        by=BY,
    )
    yield closed("d4", "lost", datetime(2015, 2, 3, tzinfo=UTC), amount=1)


def test_the_median_time_to_close():
    # Eleven subjects. At risk: 11 at day 0 (half a day), 10 at day 10, 9 at day 20:
    # the reliable time ends at day 10. F = 1/11, 2/11; half of 2/11 is reached at
    # once: half a day. The lost one is censored at the end, not when it was lost.
    events = sorted(enough_deals(), key=lambda event: event.at)
    rows = compute_metrics(events, date(2016, 1, 31), fiscal_year_start_month=2)
    by_code = {r.metric_code: r for r in rows if r.period.kind == "month"}
    row = by_code["time_to_close"]
    assert (row.numerator, row.denominator, row.value) == (2, 11, Fraction(1, 2))
    assert row.is_mature
    # Lost: d4 alone, after 30 days; all twelve are subjects, the limit is the horizon.
    row = by_code["time_to_loss"]
    assert (row.numerator, row.denominator, row.value) == (1, 12, 30)


def test_a_cohort_is_mature_when_a_year_has_passed():
    events = sorted(enough_deals(), key=lambda event: event.at)
    rows = compute_metrics(events, date(2016, 1, 30), fiscal_year_start_month=2)
    by_code = {r.metric_code: r for r in rows if r.period.kind == "month"}
    assert not by_code["time_to_close"].is_mature
