"""The worked examples of the definitions, and companies small enough to see."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest

from bizops_sandbox.truth import (
    adoption,
    arr_effects,
    bookings,
    collateral,
    earnings,
    path_models,
    smoothing,
    touch_costs,
)
from bizops_sandbox.truth.arr import Book, Charge
from bizops_sandbox.truth.attribution import MODELS, Path, by_channel_values
from bizops_sandbox.truth.cells import TOTAL, Part
from bizops_sandbox.truth.contracts import Billing, Term
from bizops_sandbox.truth.conversion import Journey
from bizops_sandbox.truth.costs import origins_of_customers
from bizops_sandbox.truth.exact import as_weights
from bizops_sandbox.truth.facts import (
    Account,
    Campaign,
    Deal,
    DealStep,
    Facts,
    PersonRecord,
)
from bizops_sandbox.truth.opportunities import counted_deals
from bizops_sandbox.truth.path_models import ChannelPath
from bizops_sandbox.truth.persons import find_persons
from bizops_sandbox.truth.touches import Touch
from bizops_sandbox.truth.usage import Product
from bizops_sandbox.truth.value import FirstOrder, first_orders, ltv
from bizops_sandbox.world import events as log

AS_OF = date(2017, 12, 31)
RANKS = {"EES": 1, "EEP": 2, "EEU": 3}


def at(year, month, day):
    return datetime(year, month, day, 9, tzinfo=UTC)


def money(text):
    return Fraction(Decimal(text))


# --- Attribution ---------------------------------------------------------------------


def weights_of(model, channels, days=None, lead=None, deal=None):
    close = date(2018, 1, 15)
    days = days or range(len(channels), 0, -1)
    touches = [
        SimpleNamespace(touched_on=date.fromordinal(close.toordinal() - n))
        for n in days
    ]
    counted = SimpleNamespace(deal=SimpleNamespace(close_date=close))
    path = Path(counted, tuple(touches), tuple(channels), lead, deal)
    return [round(float(weight) * 100, 2) for weight in MODELS[model](path)]


def test_last_non_direct_skips_direct_touches_but_not_when_there_is_nothing_else():
    assert weights_of("last_non_direct", ("A", "B", "direct")) == [0, 100, 0]
    assert weights_of("last_non_direct", ("direct", "A", "direct", "B")) == [
        0,
        0,
        0,
        100,
    ]
    assert weights_of("last_non_direct", ("direct", "direct")) == [0, 100]


def test_the_full_path_adds_the_close_to_the_three_other_roles():
    five = ("A", "B", "C", "D", "E")
    assert weights_of("full_path", five, lead=1, deal=2) == [22.5, 22.5, 22.5, 10, 22.5]
    # Coinciding roles add; without a rest, or with a role missing, it is scaled to 1.
    assert weights_of("full_path", ("A", "B", "C"), lead=1, deal=2) == [25, 25, 50]
    assert weights_of("full_path", ("A", "B", "C"), lead=0, deal=None) == [
        58.06,
        12.9,
        29.03,
    ]
    assert weights_of("full_path", ("A",), lead=0, deal=0) == [100]


EXAMPLE = [
    ChannelPath(("A", "B"), is_won=True),
    ChannelPath(("A",), is_won=False),
    ChannelPath(("B",), is_won=True),
    ChannelPath(("B",), is_won=False),
]


def test_markov_by_the_worked_example():
    effects = path_models.removal_effects(EXAMPLE)
    assert effects["A"] == pytest.approx(1 / 3)
    assert effects["B"] == 1
    assert path_models.shares(effects) == {
        "A": pytest.approx(0.25),
        "B": pytest.approx(0.75),
    }


def test_shapley_by_the_worked_example():
    values = path_models.coalition_values(EXAMPLE)
    named = {"".join(sorted(met)): value for met, value in values.items()}
    assert named == {"": 0, "A": 0, "B": Fraction(1, 2), "AB": 1}
    assert path_models.shapley_values(EXAMPLE) == {"A": 0.25, "B": 0.75}


def test_shapley_values_sum_to_what_all_channels_together_do():
    paths = [
        *EXAMPLE,
        ChannelPath(("C", "A", "C"), is_won=True),
        ChannelPath(("C",), is_won=False),
        ChannelPath(("D", "B"), is_won=False),
    ]
    values = path_models.coalition_values(paths)
    whole = values[frozenset("ABCD")]
    assert whole == Fraction(3, 7)
    total = sum(path_models.shapley_values(paths).values())
    assert float(total) == pytest.approx(float(whole))


def test_repeating_a_channel_changes_no_removal_effect():
    repeated = [
        ChannelPath(tuple(c for c in p.channels for _ in range(3)), p.is_won)
        for p in EXAMPLE
    ]
    effects = path_models.removal_effects(repeated)
    assert effects == path_models.removal_effects(EXAMPLE)


def test_circles_are_solved_and_nobody_winning_leaves_no_effect():
    circle = [
        ChannelPath(("A", "B", "A", "B", "A"), is_won=True),
        ChannelPath(("B", "A", "B"), is_won=False),
    ]
    effects = path_models.removal_effects(circle)
    assert effects == {"A": 1, "B": pytest.approx(0.75)}
    nobody = [ChannelPath(("A",), is_won=False)]
    assert path_models.removal_effects(nobody) == {"A": 0}
    assert path_models.shares({"A": Fraction(0)}) == {"A": 0}


def test_too_many_channels_for_exact_values_are_refused():
    paths = [ChannelPath((f"c{n}",), is_won=True) for n in range(13)]
    with pytest.raises(ValueError, match="13 channels are too many"):
        path_models.shapley_values(paths)


def test_an_order_is_shared_by_what_its_channels_are_worth():
    path = Path(None, (1, 2, 3), ("A", "B", "A"), None, None)
    values = {"A": Fraction(1, 3), "B": Fraction(1)}
    weights = [float(w) for w in by_channel_values(path, values)]
    assert weights == pytest.approx([1 / 8, 3 / 4, 1 / 8])
    assert by_channel_values(path, {}) == [Fraction(1, 3)] * 3
    negative = by_channel_values(path, {"A": Fraction(-1), "B": Fraction(1)})
    assert negative == [0, 1, 0]


def test_weights_of_18_digits_sum_to_exactly_1():
    weights = as_weights([Fraction(1, 3), Fraction(1, 7), Fraction(2, 11)])
    assert sum(weights) == 1
    assert weights[0].denominator <= 10**18


# --- Costs ---------------------------------------------------------------------------


def company():
    """Two campaigns, four people; o1 buys in March, o2 in April, p4 is of nobody.

    webinar: 600 USD, 6 touches; email: 90 USD, none. March of the webinar: p1 (o1),
    p2 (o2), p4; April: p2 twice more, p1 once, after o1's win.
    """
    facts = Facts(AS_OF)
    for key, cost in (("webinar", 600), ("email", 90)):
        facts.campaigns[key] = Campaign(
            key, key, at(2017, 3, 1), date(2017, 3, 1), date(2017, 3, 10), Decimal(cost)
        )
    for key in ("o1", "o2"):
        facts.accounts[key] = Account(key, key, "smb")
    for person, account in (("p1", "o1"), ("p2", "o2"), ("p4", None)):
        facts.people[f"{person}.l"] = PersonRecord(
            f"{person}.l", person, "work", "", at(2017, 3, 2), True, account
        )
        facts.organization_of[person] = account or "o4"
    for key, account, close in (
        ("d1", "o1", date(2017, 3, 20)),
        ("d2", "o2", date(2017, 4, 20)),
    ):
        step = DealStep(at(close.year, close.month, close.day), "won", None, close)
        facts.deals[key] = Deal(
            key, account, "new", at(2017, 3, 5), None, None, close, [step]
        )
        facts.deals[key].iacv = Decimal(1000)
    persons = find_persons(facts)
    found = [
        ("p1", date(2017, 3, 3)),
        ("p2", date(2017, 3, 4)),
        ("p4", date(2017, 3, 5)),
        ("p2", date(2017, 4, 2)),
        ("p1", date(2017, 4, 3)),
        ("p2", date(2017, 4, 12)),
    ]
    touches = [
        Touch(
            f"m{n}", f"m{n}", persons.by_record[f"{person}.l"], "webinar", day,
            at(day.year, day.month, day.day),
        )
        for n, (person, day) in enumerate(found)
    ]  # fmt: skip
    return facts, persons, touches, counted_deals(facts)


def test_all_spend_is_given_to_organisations_or_told_as_unallocated():
    costs = touch_costs.allocate(*company())
    one, two = costs.organizations["o1"], costs.organizations["o2"]
    # A touch costs 100. o1: one before its win, one after; o2: three before.
    assert (one.direct, one.growth) == (100, 100)
    assert (two.direct, two.growth) == (300, 0)
    # p4's 100 of March go to o1 (its only touch: weight 1) and o2 (one of three).
    assert (one.spread, two.spread) == (75, 25)
    assert (one.loaded, two.loaded) == (175, 325)
    assert (costs.unallocated, costs.unspread) == (90, 0)
    given = sum(o.loaded + o.growth for o in costs.organizations.values())
    assert given + costs.unallocated + costs.unspread == costs.spend == 690


def test_what_no_winner_shares_stays_unspread():
    facts, persons, touches, deals = company()
    lone = [
        Touch(
            "m9", "m9", touches[2].person, "webinar", date(2017, 5, 1), at(2017, 5, 1)
        )
    ]
    costs = touch_costs.allocate(facts, persons, lone, deals)
    assert costs.unspread == 600
    assert all(o.loaded == 0 for o in costs.organizations.values())


def test_cac_of_organisations_is_a_ratio_over_new_customers():
    facts, persons, touches, deals = company()
    costs = touch_costs.allocate(facts, persons, touches, deals)
    origins = origins_of_customers(facts, persons, touches, deals)
    parts = list(touch_costs.cac_parts(costs, first_orders(deals), origins, "loaded"))
    assert sum(p.numerator for p in parts) / sum(p.denominator for p in parts) == 250
    owner = touch_costs.owners(facts, persons, deals)
    growth = list(touch_costs.growth_parts(costs, owner, touches))
    assert [(p.day, p.numerator) for p in growth] == [(date(2017, 4, 3), 100)]


def test_what_customers_are_worth_to_their_cost_by_the_worked_example():
    # 12,000 a year x 0.8 x 10 years = 96,000 to 2,000: 48, net 47, back in 2.5 months.
    day = date(2017, 3, 1)
    order = FirstOrder("o1", "deal", day, "smb", Fraction(12_000))
    origins = {"o1": (TOTAL, ("channel", "email"))}
    worth = list(ltv([order], origins, Fraction(8, 10), Fraction(10)))
    spend = [Part(day, origins["o1"], Fraction(2_000))]

    def ratio(parts):
        own = [p for p in parts if TOTAL in p.dimensions]
        return sum(p.numerator for p in own) / sum(p.denominator for p in own)

    assert ratio(worth) == 96_000
    assert ratio(earnings.worth_by_spend(worth, spend)) == 48
    assert ratio(earnings.profit_by_spend(worth, spend)) == 47
    back = earnings.spend_by_monthly_margin([order], origins, Fraction(8, 10), spend)
    assert ratio(back) == Fraction(5, 2)


# --- Collateral ----------------------------------------------------------------------


def test_collateral_influence_by_the_worked_example():
    # 10 closed; 4 used X, 3 of them won; 3 of the 6 others won.
    day, used, none = date(2017, 5, 1), frozenset({"X"}), frozenset()
    found = [collateral.Influence(day, n < 3, used) for n in range(4)]
    found += [collateral.Influence(day, n < 3, none) for n in range(6)]

    def rate(parts, dimension):
        own = [p for p in parts if dimension in p.dimensions]
        return sum(p.numerator for p in own) / sum(p.denominator for p in own)

    for dimension in (("total", "all"), ("content", "X")):
        assert rate(collateral.influence_rate(found), dimension) == Fraction(4, 10)
        with_use = rate(collateral.win_rate(found, is_used=True), dimension)
        without = rate(collateral.win_rate(found, is_used=False), dimension)
        assert (with_use, without) == (Fraction(3, 4), Fraction(1, 2))


def activity(kind, asset, moment, person="p1"):
    return log.ActivityTracked(at=moment, person_key=person, kind=kind, asset=asset)


def test_uses_are_what_people_did_with_content_and_not_what_was_sent_to_them():
    events = [
        activity("email_sent", "Guide", at(2017, 1, 1)),
        activity("email_opened", "Guide", at(2017, 1, 2)),
        activity("page_visited", "Guide", at(2017, 1, 3)),
        activity("content_downloaded", "Report", at(2017, 10, 4)),
        activity("webinar_registered", "Tour", at(2017, 10, 5)),
        activity("form_filled", "Report", at(2017, 12, 6), person="p2"),
    ]
    uses = collateral.find_uses(events, AS_OF, seed=1, customer_of={"p1": "a1"})
    assert [(u.content, u.usage_type, u.customer) for u in uses] == [
        ("Guide", "viewed", "a1"),
        ("Report", "requested", "a1"),
        ("Report", "downloaded", "a1"),
        ("Report", "requested", None),
    ]
    guide, report = collateral.content_uses(uses, AS_OF)
    assert (guide.uses, guide.people, guide.organizations) == (1, 1, 1)
    assert (report.uses, report.people, report.organizations) == (3, 2, 1)
    assert (guide.is_unused, report.is_unused) == (True, False)
    (share,) = collateral.unused_share([guide, report])
    assert (share.numerator, share.denominator) == (1, 2)


def test_clicks_of_scanners_are_no_uses():
    moments = [datetime(2017, 1, 1, 9, 0, n, tzinfo=UTC) for n in range(60)]
    events = [activity("email_clicked", "Guide", moment) for moment in moments]
    uses = collateral.find_uses(events, AS_OF, seed=1, customer_of={})
    assert 0 < len(uses) < len(events)


# --- Look-alikes ---------------------------------------------------------------------


def test_few_renewals_are_drawn_to_the_prior_by_the_worked_example():
    prior = smoothing.BetaPrior(Fraction(8), Fraction(2))
    assert float(prior.smoothed((Fraction(5), Fraction(5)))) == pytest.approx(
        0.8667, abs=1e-4
    )
    assert prior.smoothed((Fraction(0), Fraction(0))) == Fraction(4, 5)


def test_a_prior_has_the_mean_and_variance_of_the_cells():
    cells = [(Fraction(n), Fraction(100)) for n in (60, 70, 80, 90)]
    prior = smoothing.fit_prior(cells)
    total = prior.a + prior.b
    mean = prior.a / total
    variance = mean * (1 - mean) / (total + 1)
    assert float(mean) == pytest.approx(0.75)
    assert float(variance) == pytest.approx(0.0125)


def test_a_prior_of_cells_that_are_all_alike_weighs_as_much_as_they_do():
    alike = smoothing.fit_prior(
        [(Fraction(3), Fraction(4)), (Fraction(6), Fraction(8))]
    )
    assert (alike.a, alike.b) == (9, 3)
    never = smoothing.fit_prior([(Fraction(10), Fraction(10))])
    assert float(never.b) == pytest.approx(10 * 0.5 / 11)
    assert smoothing.fit_prior([(Fraction(0), Fraction(0))]) is None


def test_young_journeys_may_still_buy():
    start = date(2016, 1, 1)
    old = [Journey(start, "email") for _ in range(18)]
    for days in (10, 30):
        won = Journey(start, "email", date.fromordinal(start.toordinal() + days))
        won.first_iacv, won.wins = Fraction(900), [(days, Fraction(900))]
        old.append(won)
    young = Journey(date(2017, 12, 11), "email")
    parts = list(smoothing.estimated_iacv_bayes([*old, young], AS_OF))
    assert sum(p.numerator for p in parts[:2]) == 1800
    # F(10) = 1/21, F(30) = 1/21 + 20/21/19: of the conversions 19/39 come in 20 days.
    # 2 of 20 and 19/39 exposed journeys won: the one channel's rate is the prior's.
    share = 19 / 39
    chance = 2 / (20 + share)
    expected = 900 * chance * (1 - share) / (1 - chance * share)
    assert float(parts[-1].numerator) == pytest.approx(expected)
    assert len(parts) == 3


# --- ARR -----------------------------------------------------------------------------


def test_an_upsell_is_seats_at_the_old_price_and_the_rest_tier_by_the_worked_example():
    before = arr_effects.Position(Fraction(100 * 48), 100, "EES")
    after = arr_effects.Position(Fraction(120 * 228), 120, "EEP")
    split = arr_effects.split(before, after, RANKS)
    assert (split.seat, split.price, split.tier) == (960, 0, 21_600)


def test_without_another_tier_the_rest_is_price_and_what_begins_or_ends_is_seats():
    before = arr_effects.Position(Fraction(4800), 100, "EES")
    after = arr_effects.Position(Fraction(90 * 50), 90, "EES")
    none = arr_effects.Position(Fraction(0), 0, "")
    split = arr_effects.split(before, after, RANKS)
    assert (split.seat, split.price, split.tier) == (-480, 180, 0)
    assert arr_effects.split(none, before, RANKS).seat == 4800
    assert arr_effects.split(before, none, RANKS).seat == -4800


def billing():
    """o1 buys on March 20 for April on, adds seats in June without an order, renews."""
    book = Book()
    terms = {}

    def term(key, organization, deal, start, end, annual, previous=None):
        charge = Charge(organization, start, end, Decimal(annual), "EES", 10, deal)
        book.charges[key] = [charge]
        terms[key] = Term(key, organization, deal, start, start, end, previous)
        if previous is not None:
            terms[previous].renewed_by = key

    term("s1", "o1", "d1", date(2017, 4, 1), date(2018, 4, 1), 1000)
    book.amend(
        "s1",
        date(2017, 6, 1),
        Charge("o1", date.min, date.max, Decimal(1200), "EES", 12, ""),
    )
    term("s2", "o2", "d2", date(2016, 11, 1), date(2017, 11, 1), 500)
    term("s3", "o2", "d3", date(2017, 12, 5), date(2018, 12, 5), 700, previous="s2")
    return Billing(AS_OF, book, terms, segments={"o1": "smb", "o2": "smb"})


def deals_of(billing_deals):
    facts = Facts(AS_OF)
    for organization in ("o1", "o2"):
        facts.accounts[organization] = Account(organization, organization, "smb")
    for key, account, order_type, close, iacv in billing_deals:
        step = DealStep(at(close.year, close.month, close.day), "won", None, close)
        facts.deals[key] = Deal(
            key, account, order_type, at(2016, 1, 1), None, None, close, [step]
        )
        facts.deals[key].iacv = Decimal(iacv)
    return facts, counted_deals(facts)


def test_bookings_and_arr_are_parted_by_timing_valuation_and_the_unbooked():
    facts, deals = deals_of(
        [
            ("d1", "o1", "new", date(2017, 3, 20), 990),
            ("d2", "o2", "new", date(2016, 11, 1), 500),
            ("d3", "o2", "renewal", date(2017, 11, 20), 200),
        ]
    )
    months = bookings.reconcile(billing(), facts, deals, date(2016, 1, 1))
    for row in months.values():
        parts = row.booked + row.timing + row.valuation + row.unbooked
        assert parts == row.arr_change

    def told(year, month):
        row = months[date(year, month, 1)]
        return tuple(
            int(getattr(row, name))
            for name in ("booked", "timing", "valuation", "unbooked", "arr_change")
        )

    assert told(2016, 11) == (500, 0, 0, 0, 500)
    # d1 is booked in March, served from April, at 10 more than was booked.
    assert told(2017, 3) == (990, -990, 0, 0, 0)
    assert told(2017, 4) == (0, 990, 10, 0, 1000)
    # Seats that no opportunity sold: a true-up.
    assert told(2017, 6) == (0, 0, 0, 200, 200)
    # d3 renews late: 500 are gone in November and 700 come in December.
    assert told(2017, 11) == (200, -200, -500, 0, -500)
    assert told(2017, 12) == (0, 200, 500, 0, 700)


# --- Product -------------------------------------------------------------------------


def product():
    """One instance: issues and merge requests at once, CI on day 30; another stays."""
    found = Product(AS_OF)
    found.owners = {"u1": "o1", "u2": "o2"}
    start = date(2017, 1, 1)
    found.first_used = {
        ("u1", "issues"): start,
        ("u1", "merge_requests"): start,
        ("u1", "ci_pipelines"): date(2017, 1, 31),
        ("u1", "releases"): date(2017, 4, 1),
        ("u2", "issues"): start,
    }
    return found


def test_the_ladder_is_climbed_step_by_step_and_higher_features_count_for_lower_ones():
    steps = adoption.steps(product())
    rungs = {rung.name: rung for rung in adoption.ladder(steps, AS_OF)}
    told = {name: (rung.reached, rung.moved) for name, rung in rungs.items()}
    # Boards (level 4) were skipped: they are reached with releases (level 5).
    assert told == {
        "1>2": (2, 1),
        "2>3": (1, 1),
        "3>4": (1, 1),
        "4>5": (1, 1),
        "5>6": (1, 0),
    }
    times = {s.name: s.subject(AS_OF) for s in steps if s.moved_on is not None}
    assert times["2>3"].days == 30
    assert times["1>2"].days == times["4>5"].days == Fraction(1, 2)
    assert adoption.largest_drop(list(rungs.values())).name == "5>6"


def test_money_after_first_use_of_new_features_is_split_or_counted_whole():
    launches = dict.fromkeys(
        ("issues", "merge_requests", "ci_pipelines", "releases"), date(2010, 1, 1)
    )
    launches |= {"ci_pipelines": date(2016, 12, 22), "releases": date(2017, 3, 22)}
    used = product()

    def arr(*, is_split):
        parts = adoption.new_feature_arr(billing(), used, launches, is_split=is_split)
        return [(p.day, p.dimensions[0], int(p.numerator)) for p in parts]

    # o1 gains 1,000 on April 1 (CI used 60 days before, releases that day) and 200 on
    # June 1 (releases alone: CI's first use is more than 90 days ago).
    april, june = date(2017, 4, 1), date(2017, 6, 1)
    total = ("total", "all")
    assert arr(is_split=True) == [
        (april, total, 1000),
        (april, ("feature", "ci_pipelines"), 500),
        (april, ("feature", "releases"), 500),
        (june, total, 200),
        (june, ("feature", "releases"), 200),
    ]
    whole = [row for row in arr(is_split=False) if row[1] != total]
    assert [row[2] for row in whole] == [1000, 1000, 200]


def test_a_feature_older_than_a_year_earns_nothing_new():
    launches = dict.fromkeys(
        ("issues", "merge_requests", "ci_pipelines", "releases"), date(2016, 4, 1)
    )
    parts = adoption.new_feature_arr(billing(), product(), launches, is_split=True)
    assert list(parts) == []
