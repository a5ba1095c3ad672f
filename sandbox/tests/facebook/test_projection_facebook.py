"""The business on Facebook made of the log: spend, leads, states of earlier days."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from bizops_sandbox.projections.facebook import project_facebook
from bizops_sandbox.projections.facebook_accounts import zone_name
from bizops_sandbox.projections.facebook_conversions import is_onsite
from bizops_sandbox.projections.facebook_fields import INSIGHT_FIELDS, NODE_FIELDS
from bizops_sandbox.projections.facebook_ids import ACCOUNT_IDS, graph_id
from bizops_sandbox.projections.facebook_noise import HANDLING, facebook_noise
from bizops_sandbox.projections.facebook_restating import settled_on, stated
from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.truth.actual_spend import actual_spend
from bizops_sandbox.truth.facts import collect_facts
from bizops_sandbox.world import events as log
from bizops_sandbox.world.parameters import ParameterError, load_parameters
from bizops_sandbox.world.simulate import simulate

LAST = date(2018, 1, 31)
EARLIER = date(2017, 12, 15)
LONGEST_RESTATEMENT = timedelta(days=28)
PYTHON_TYPES = {
    "string": str,
    "datetime": str,
    "bool": bool,
    "int": int,
    "unsigned int": int,
    "float": float,
}


@pytest.fixture(scope="module")
def whole(company):
    events, params = company()
    return project_facebook(events, params, LAST)


@pytest.fixture(scope="module")
def before(company):
    events, params = company()
    return project_facebook(events, params, EARLIER)


def ad_days_of_log(events, channel="paid_social"):
    channels = {
        e.campaign_key: e.channel for e in events if isinstance(e, log.CampaignPlanned)
    }
    return [
        e
        for e in events
        if isinstance(e, log.AdDaySpent) and channels[e.campaign_key] == channel
    ]


def nodes(business, kind):
    return {node.id: node for node in business.nodes if node.kind == kind}


def account_of_ad(business):
    return {node.id: node.account_id for node in nodes(business, "Ad").values()}


def test_settled_days_have_the_logs_spend_to_the_cent(company, whole):
    events, _ = company()
    stated_now = {(d.ad_id, d.day): d for d in whole.ad_days}
    accounts = account_of_ad(whole)
    compared = 0
    for event in ad_days_of_log(events):
        found = stated_now[graph_id("Ad", event.ad_key), event.day]
        is_settled = event.day <= LAST - LONGEST_RESTATEMENT
        if is_settled and accounts[found.ad_id] == ACCOUNT_IDS["us"]:
            assert (found.spend, found.impressions, found.clicks) == (
                event.spend,
                event.impressions,
                event.clicks,
            )
            compared += 1
    assert compared > 1_000


def test_every_ad_day_of_the_channel_is_there_once(company, whole):
    events, _ = company()
    told = Counter((graph_id("Ad", e.ad_key), e.day) for e in ad_days_of_log(events))
    assert Counter((d.ad_id, d.day) for d in whole.ad_days) == told


def test_foreign_spend_is_the_logs_at_the_days_rate(company, whole):
    events, _ = company()
    rates = {
        e.day: e.usd_rate
        for e in events
        if isinstance(e, log.FxRateFixed) and e.currency == "EUR"
    }
    told = {(graph_id("Ad", e.ad_key), e.day): e for e in ad_days_of_log(events)}
    accounts = account_of_ad(whole)
    foreign = [
        d
        for d in whole.ad_days
        if accounts[d.ad_id] == ACCOUNT_IDS["emea"]
        and d.day <= LAST - LONGEST_RESTATEMENT
    ]
    assert len(foreign) > 300
    for found in foreign:
        usd = found.spend * rates[found.day]
        assert abs(usd - told[found.ad_id, found.day].spend) <= Decimal("0.01")


@pytest.mark.parametrize("day", [date(2016, 8, 9), LAST])
def test_spend_is_what_the_truth_says_on_any_day(company, day):
    """Native spend at the day's rate, by campaign, without any tolerance."""
    events, params = company()
    business = project_facebook(events, params, day)
    truth = actual_spend(
        events,
        params,
        collect_facts(events, day),
        has_platform=True,
        has_bills=False,
    )
    wanted = defaultdict(Fraction)
    for row in truth:
        if ".paid_social." in f".{row.campaign_key}.":
            wanted[graph_id("Campaign", row.campaign_key)] += row.amount
    rates = {
        (e.currency, e.day): e.usd_rate
        for e in events
        if isinstance(e, log.FxRateFixed)
    }
    ads = nodes(business, "Ad")
    found = defaultdict(Fraction)
    for ad_day in business.ad_days:
        ad = ads[ad_day.ad_id]
        currency = business.account(ad.account_id).currency
        rate = Fraction(rates.get((currency, ad_day.day), 1))
        found[ad.parents["campaign"]] += Fraction(ad_day.spend) * rate
    assert found == wanted


def test_a_restated_day_is_first_too_high_and_settles_within_28_days(company):
    events, params = company()
    restated = [e for e in ad_days_of_log(events) if settled_on(e, params)]
    share = len(restated) / len(ad_days_of_log(events))
    assert 0.1 < share < 0.2
    for event in restated:
        first = stated(event, params, event.day)
        settles = settled_on(event, params)
        assert first.spend > event.spend
        assert first.impressions > event.impressions
        assert stated(event, params, settles - timedelta(days=1)) == first
        assert settles - event.day < LONGEST_RESTATEMENT
        final = stated(event, params, settles)
        assert (final.spend, final.clicks) == (event.spend, event.clicks)


def test_restatement_follows_its_parameter(company):
    events, params = company(noise={"restated_share": 0})
    assert not any(settled_on(e, params) for e in ad_days_of_log(events))


def test_both_accounts_have_campaigns_and_their_own_zone_and_money(whole):
    us, emea = whole.accounts
    assert (us.currency, us.timezone_name) == ("USD", "America/Los_Angeles")
    assert (emea.currency, emea.timezone_name) == ("EUR", "Europe/Berlin")
    campaigns = Counter(n.account_id for n in nodes(whole, "Campaign").values())
    assert campaigns[us.id] == 2 * campaigns[emea.id]


def test_the_zone_follows_the_noise_parameter(company):
    events, params = company(noise={"tz_offset_hours": -3})
    us, _ = project_facebook(events, params, LAST).accounts
    assert us.timezone_name == zone_name(-3) == "Etc/GMT+3"
    assert zone_name(3) == "Etc/GMT-3"


def test_tiny_has_a_campaign_in_each_account():
    params = load_parameters(scale="tiny")
    business = project_facebook(simulate(params), params, params.as_of)
    ids = {n.account_id for n in nodes(business, "Campaign").values()}
    assert ids == set(ACCOUNT_IDS.values())


def test_campaigns_carry_the_crms_name_and_most_links_its_id(company, whole):
    events, _ = company()
    planned = {
        graph_id("Campaign", e.campaign_key): e
        for e in events
        if isinstance(e, log.CampaignPlanned)
        and e.channel == "paid_social"
        and e.parent_key
    }
    campaigns = nodes(whole, "Campaign")
    assert campaigns.keys() == planned.keys()
    creatives = nodes(whole, "AdCreative")
    tagged = 0
    for ad in nodes(whole, "Ad").values():
        campaign = planned[ad.parents["campaign"]]
        assert campaigns[ad.parents["campaign"]].values["name"] == campaign.name
        tags = creatives[ad.parents["creative"]].values.get("url_tags")
        if tags is not None:
            tagged += 1
            crm_id = salesforce_id("Campaign", campaign.campaign_key)
            assert f"utm_campaign={crm_id}" in tags
    assert 0 < tagged < len(nodes(whole, "Ad"))


def test_each_form_lead_is_one_touch_of_the_log(company, whole):
    events, params = company()
    people = {e.person_key: e for e in events if isinstance(e, log.PersonKnown)}
    touches = [
        e
        for e in events
        if isinstance(e, log.TouchMade)
        and ".paid_social." in f".{e.campaign_key}."
        and is_onsite(e, params)
    ]
    leads = nodes(whole, "Lead")
    assert len(leads) == len(touches)
    told = Counter(
        (people[e.person_key].last_name in _answer(lead, "full_name"), lead.created_at)
        for e, lead in zip(touches, _by_time(leads.values(), touches), strict=True)
    )
    assert all(is_the_person for is_the_person, _ in told)


def _by_time(leads, touches):
    """The leads in the order of their touches (moment, ad)."""
    found = defaultdict(list)
    for lead in leads:
        found[lead.created_at, lead.parents["ad"]].append(lead)
    return [found[e.at, graph_id("Ad", e.ad_key)].pop() for e in touches]


def _answer(lead, name):
    answers = {a["name"]: a["values"][0] for a in lead.values["field_data"]}
    return answers[name]


def test_leads_have_reserved_addresses_only(whole):
    for lead in nodes(whole, "Lead").values():
        assert _answer(lead, "email").endswith((".example", ".test"))


def test_forms_count_their_leads(whole):
    counts = Counter(n.parents["form"] for n in nodes(whole, "Lead").values())
    for form in nodes(whole, "LeadgenForm").values():
        assert form.values["leads_count"] == counts[form.id] > 0


def test_conversions_lie_within_28_days_after_a_day_the_ad_ran(whole):
    ran = {(d.ad_id, d.day) for d in whole.ad_days}
    delays = Counter()
    for conversion in whole.conversions:
        limit = 1 if conversion.is_view else 28
        assert 0 <= conversion.delay_days <= limit
        delays[conversion.delay_days] += 1
        assert (conversion.ad_id, conversion.seen_on) in ran
    assert delays[0] > sum(delays[n] for n in range(8, 29)) > 20


def test_a_days_conversions_only_grow(before, whole):
    def by_day(business):
        return Counter((c.ad_id, c.seen_on) for c in business.conversions)

    earlier, later = by_day(before), by_day(whole)
    assert not earlier - later
    grown = [day for (ad, day), n in later.items() if n > earlier[ad, day]]
    late = [day for day in grown if day < EARLIER]
    assert late
    assert min(late) >= EARLIER - timedelta(days=29)


def test_nothing_is_later_than_the_day(before):
    for node in before.nodes:
        assert node.created_at <= before.as_of
        assert node.updated_at <= before.as_of
    assert max(d.day for d in before.ad_days) == EARLIER


def test_a_changed_record_has_a_later_update_time(company, whole):
    events, params = company()
    before = project_facebook(events, params, date(2017, 5, 15))
    derived = {"effective_status", "budget_remaining"}
    later = whole.by_id
    changed = 0
    for node in before.nodes:
        if node.kind not in {"Campaign", "AdSet", "Ad"}:
            continue
        now = later[node.id]
        own = {k: v for k, v in node.values.items() if k not in derived}
        if own != {k: v for k, v in now.values.items() if k not in derived}:
            assert now.updated_at > node.updated_at
            changed += 1
    assert changed > 3


def test_statuses_of_a_life_are_all_there(whole):
    assert {n.delivery for n in nodes(whole, "Ad").values()} >= {
        "active",
        "completed",
        "archived",
        "deleted",
        "inactive",
    }


def test_the_same_day_gives_the_same_business(company, whole):
    events, params = company()
    again = project_facebook(events, params, LAST)
    assert again.nodes == whole.nodes
    assert again.ad_days == whole.ad_days


def test_a_day_outside_the_window_is_refused(company):
    events, params = company()
    with pytest.raises(ParameterError, match="2019-01-01 is not between"):
        project_facebook(events, params, date(2019, 1, 1))


def test_the_ledger_names_what_is_in_the_records(company, whole):
    events, params = company()
    rows = facebook_noise(events, params, LAST)
    by_code = defaultdict(set)
    for row in rows:
        assert row.code in HANDLING
        assert row.at <= whole.as_of
        by_code[row.code].add(row.source_id)
    ads, campaigns = nodes(whole, "Ad"), nodes(whole, "Campaign")
    assert by_code["deleted"] == {i for i, n in ads.items() if n.delivery == "deleted"}
    assert by_code["archived"] == {
        i for i, n in campaigns.items() if n.delivery == "archived"
    }
    assert by_code["idle_ad_copy"] == {
        i for i, n in ads.items() if n.values["source_ad_id"] != "0"
    }
    creatives = nodes(whole, "AdCreative")
    untagged = {
        n.parents["campaign"]
        for n in ads.values()
        if "url_tags" not in creatives[n.parents["creative"]].values
    }
    assert by_code["utm_missing"] == untagged


def test_every_field_of_a_record_can_be_asked_for(whole):
    for node in whole.nodes:
        assert node.values.keys() <= NODE_FIELDS[node.kind], node.kind


SPECIFIED = ("AdAccount", "Campaign", "AdSet", "Ad", "AdCreative", "Lead")


@pytest.mark.parametrize("kind", [*SPECIFIED, "AdReportRun"])
def test_the_fields_are_the_apis(kind, api_spec):
    assert NODE_FIELDS[kind] <= api_spec(kind).keys()


def test_the_fields_of_insights_are_the_apis(api_spec):
    assert api_spec("AdsInsights").keys() >= INSIGHT_FIELDS


@pytest.mark.parametrize("kind", SPECIFIED)
def test_values_have_the_apis_types(kind, api_spec, whole):
    spec = api_spec(kind)
    for node in nodes(whole, kind).values():
        for name, value in node.values.items():
            wanted = PYTHON_TYPES.get(spec[name])
            if spec[name].startswith("list<"):
                wanted = list
            if wanted is not None:
                assert type(value) is wanted, (name, value)


def test_ids_look_like_those_once_loaded_from_the_api(recorded_table, whole):
    fewest = min(recorded_table("ad_history")["id_digits"])
    for node in nodes(whole, "Ad").values():
        assert node.id.isdigit()
        assert fewest <= len(node.id) <= 18
