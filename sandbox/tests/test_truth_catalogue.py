"""The metrics of the catalogue: their rules, their files, their page."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import bizops_sandbox.truth
from bizops_sandbox.truth import conversion, team, usage
from bizops_sandbox.truth.attribution import MODELS
from bizops_sandbox.truth.catalogue import METRICS
from bizops_sandbox.truth.known import Known
from bizops_sandbox.truth.metrics import METRIC_CODES
from bizops_sandbox.truth.path_models import PATH_MODELS
from bizops_sandbox.truth.value import retention_years
from bizops_sandbox.truth.write import write_truth
from bizops_sandbox.world import events as log
from bizops_sandbox.world.parameters import load_parameters
from bizops_sandbox.world.simulate import simulate

PAGE = Path(bizops_sandbox.truth.__file__).with_name("definitions.md")
ALL = ("salesforce", "marketo", "zuora", "facebook", "gitlab", "csv", "models")
CLOSE = Decimal("0.000001")
KEY = ("metric_code", "period_type", "period_start", "dimension_type", "dimension_id")


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def company():
    params = load_parameters(overrides={"organizations": 90})
    return params, simulate(params)


@pytest.fixture(scope="module")
def truth(company, tmp_path_factory):
    params, events = company
    directory = tmp_path_factory.mktemp("all")
    write_truth(events, params, params.as_of, directory, sources=ALL)
    return directory


@pytest.fixture(scope="module")
def known(company):
    params, events = company
    return Known(events, params, params.as_of, frozenset(ALL))


@pytest.fixture(scope="module")
def rows(truth):
    return {tuple(row[k] for k in KEY): row for row in read(truth / "metrics.csv")}


def value(rows, code, dimension=("total", "all"), period=("all", "1970-01-01")):
    return Decimal(rows[code, *period, *dimension]["value"])


def test_the_page_of_definitions_names_every_metric_and_its_needs():
    page = PAGE.read_text(encoding="utf-8")
    for metric in METRICS:
        stem = re.sub(r"^(renewal_rate)_(gross|net|logo)$", r"\1", metric.code)
        assert f"`{stem}" in page, metric.code
    for code in METRIC_CODES:
        assert f"`{code}`" in page
    codes = [metric.code for metric in METRICS]
    assert len(codes) == len(set(codes) - set(METRIC_CODES))


def test_every_metric_has_rows_and_no_two_of_one_place(truth):
    found = read(truth / "metrics.csv")
    keys = [tuple(row[k] for k in KEY) for row in found]
    assert len(keys) == len(set(keys))
    assert {key[0] for key in keys} == {m.code for m in METRICS} | set(METRIC_CODES)
    for row in found:
        has_value = row["value"] != ""
        notes = {"", "no_data", "few_customers", "bounded_lifetime"}
        assert not has_value or row["quality_note"] in notes
        assert has_value or row["quality_note"]


def test_more_sources_leave_the_first_metrics_as_they_are(company, truth, tmp_path):
    params, events = company
    write_truth(events, params, params.as_of, tmp_path)
    alone = read(tmp_path / "metrics.csv")
    assert {row["metric_code"] for row in alone} == set(METRIC_CODES)
    assert {row["sources"] for row in alone} == {"salesforce"}
    every = [r for r in read(truth / "metrics.csv") if r["metric_code"] in METRIC_CODES]
    assert every == alone


@pytest.mark.parametrize("sources", [("zuora",), ("csv",), ("gitlab", "csv"), ()])
def test_a_metric_needs_its_sources(sources, tmp_path):
    params = load_parameters(scale="tiny")
    write_truth(simulate(params), params, params.as_of, tmp_path, sources=sources)
    expected = {m.code for m in METRICS if set(m.needs) <= set(sources)}
    found = {row["metric_code"] for row in read(tmp_path / "metrics.csv")}
    assert found == expected


def test_the_movements_sum_to_the_change_of_arr(rows):
    moves = defaultdict(Decimal)
    for key, row in rows.items():
        is_move = key[0] in {
            f"arr_{m}"
            for m in ("new", "expansion", "contraction", "churn", "reactivation")
        }
        if is_move and key[1] == "month" and key[3] == "total":
            moves[key[2]] += Decimal(row["value"])
    before = Decimal(0)
    months = sorted(k[2] for k in rows if k[:2] == ("arr", "month") and k[3] == "total")
    for month in months:
        now = value(rows, "arr", period=("month", month))
        assert now - before == pytest.approx(moves[month], abs=Decimal("0.01"))
        before = now
    assert months


def test_the_effects_sum_to_the_movements(truth):
    found = read(truth / "arr.csv")
    for row in found:
        effects = [Decimal(row[f"{name}_effect"]) for name in ("seat", "price", "tier")]
        assert sum(effects) == pytest.approx(Decimal(row["delta"]), abs=CLOSE)
    assert {row["movement"] for row in found} > {"new", "expansion", "none"}


def test_bookings_and_what_parts_them_from_arr_sum_to_its_change(rows, truth):
    found = read(truth / "bookings_vs_arr.csv")
    before = Decimal(0)
    for row in found:
        names = ("booked", "timing", "valuation", "unbooked")
        total = sum(Decimal(row[name]) for name in names)
        change = Decimal(row["arr_change"])
        assert total == pytest.approx(change, abs=CLOSE)
        month = ("month", row["month"])
        key = ("arr", *month, "total", "all")
        now = Decimal(rows[key]["value"]) if key in rows else Decimal(0)
        assert now - before == pytest.approx(change, abs=CLOSE)
        before = now
        booked = rows.get(("iacv_net", *month, "total", "all"))
        told = Decimal(booked["value"]) if booked else 0
        assert Decimal(row["booked"]) == pytest.approx(told, abs=CLOSE)
    assert found


def test_organisations_bear_all_that_campaigns_cost(known, truth):
    costs = known.costs
    winners = [o for o in costs.organizations.values() if o.first_won_on is not None]
    borne = sum((o.loaded + o.growth for o in winners), Fraction(0))
    assert borne + costs.unallocated + costs.unspread == costs.spend > 0
    told = read(truth / "organization_costs.csv")
    assert {row["first_won_on"] != "" for row in told} == {True, False}
    people = sum(Decimal(row["cost"]) for row in read(truth / "lead_costs.csv"))
    assert people == pytest.approx(Decimal(float(costs.spend - costs.unallocated)))


def test_shares_of_channels_sum_to_1_and_no_rate_without_doubt_is_told(rows):
    for code in ("markov_share", "shapley_share"):
        told = [Decimal(row["value"]) for key, row in rows.items() if key[0] == code]
        assert sum(told) == pytest.approx(1, abs=CLOSE)
    smoothed = [
        Decimal(row["value"])
        for key, row in rows.items()
        if key[0] == "renewal_rate_smoothed"
    ]
    assert all(0 < rate < 1 for rate in smoothed)


@pytest.mark.parametrize("dimension", ["segment", "product"])
def test_arr_is_the_sum_of_its_parts(rows, dimension):
    parts = [
        Decimal(row["value"])
        for key, row in rows.items()
        if key[:2] == ("arr", "all") and key[3] == dimension
    ]
    assert sum(parts) == pytest.approx(value(rows, "arr"), abs=Decimal("0.01"))


def test_every_order_is_given_away_whole_by_every_model(known, truth):
    weights = defaultdict(Decimal)
    for row in read(truth / "attribution.csv"):
        weights[row["opportunity_id"], row["model"]] += Decimal(row["weight"])
    assert {model for _, model in weights} == {*MODELS, *PATH_MODELS}
    for total in weights.values():
        assert total == pytest.approx(1, abs=Decimal("1e-6"))
    for model in (*MODELS, *PATH_MODELS):
        exact = defaultdict(Fraction)
        for credit in known.credits(model):
            exact[credit.counted.deal.key] += credit.weight
        assert set(exact.values()) == {1}


class _Touch:
    def __init__(self, day):
        self.touched_on = day


class _Counted:
    class deal:  # noqa: N801
        close_date = date(2018, 1, 15)


def weights_of(model, days, lead=None, deal=None):
    from bizops_sandbox.truth.attribution import Path as Journey

    touches = tuple(_Touch(date(2018, 1, 15 - day)) for day in days)
    channels = tuple("email" for _ in touches)
    path = Journey(_Counted(), touches, channels, lead, deal)
    return [round(float(weight) * 100, 2) for weight in MODELS[model](path)]


def test_the_models_of_attribution_by_hand():
    days = (14, 7, 0)
    assert weights_of("first_touch", days) == [100, 0, 0]
    assert weights_of("last_touch", days) == [0, 0, 100]
    assert weights_of("linear", days) == [33.33, 33.33, 33.33]
    assert weights_of("position", days) == [40, 20, 40]
    assert weights_of("position", (7, 0)) == [50, 50]
    assert weights_of("position", (7,)) == [100]
    assert weights_of("w_shaped", days, lead=1, deal=2) == [33.33, 33.33, 33.33]
    assert weights_of("w_shaped", (9, 8, 7, 6), lead=0, deal=2) == [60, 5, 30, 5]
    assert weights_of("w_shaped", (9, 8), lead=None, deal=None) == [75, 25]
    assert weights_of("time_decay", days) == [14.29, 28.57, 57.14]


def journey(touched, days=None, iacv=0):
    won = None if days is None else date.fromordinal(touched.toordinal() + days)
    found = conversion.Journey(touched, "email", won, Fraction(iacv))
    if days is not None:
        found.wins = [(days, Fraction(iacv))]
    return found


def test_the_weighted_median_follows_the_money():
    # The worked example: wins at 10, 30, 60, 90 of 5, 20, 10, 5 thousand.
    start, as_of = date(2016, 1, 1), date(2017, 12, 31)
    money = {10: 5_000, 30: 20_000, 60: 10_000, 90: 5_000}
    found = [journey(start, days, iacv) for days, iacv in money.items()]
    found += [journey(start) for _ in range(16)]
    assert conversion.median_days(found, as_of) == 30
    assert conversion.weighted_median_days(found, as_of) == 30
    shares = conversion.weighted_incidence(found, as_of)
    assert [float(shares[d]) for d in money] == [0.125, 0.625, 0.875, 1.0]
    total = sum(p.numerator for p in conversion.iacv_at_median(found, as_of))
    assert total == 25_000
    twice = conversion.iacv_at_median(found, as_of, times=2)
    assert sum(p.numerator for p in twice) == 50_000
    developed = conversion.estimated_iacv_developed(found, as_of)
    assert sum(p.numerator for p in developed) == 40_000


def test_young_journeys_are_developed_and_censored_ones_weigh():
    as_of = date(2017, 3, 1)
    old = [journey(date(2016, 1, 1), 20, 100), journey(date(2016, 1, 1), 100, 300)]
    old += [journey(date(2016, 1, 1)) for _ in range(12)]
    young = [journey(date(2017, 1, 30), 20, 100)]
    shares = conversion.weighted_incidence(old + young, as_of)
    assert float(shares[20]) == pytest.approx(0.4)
    parts = list(conversion.estimated_iacv_developed(old + young, as_of))
    assert float(parts[-1].numerator) == pytest.approx(250)


def test_retention_years_are_bounded():
    assert retention_years(Fraction(9), Fraction(10)) == 10
    assert retention_years(Fraction(3), Fraction(4)) == 4
    assert retention_years(Fraction(10), Fraction(10)) == 10
    assert retention_years(Fraction(0), Fraction(0)) is None


def test_an_experiment_by_hand():
    product = usage.Product(date(2017, 1, 1))
    for variant, seen, done in (("a", 1000, 20), ("b", 1000, 35)):
        for number in range(seen):
            product.units[f"{variant}{number}"] = ("t", variant)
            if number < done:
                product.converted.add(f"{variant}{number}")
    means = {r.dimension[1]: r for r in usage.experiment_posterior(product)}
    assert (means["t:a"].numerator, means["t:a"].denominator) == (21, 1002)
    (lift,) = usage.experiment_lift(product)
    assert float(lift.numerator) == pytest.approx(0.01497, abs=1e-5)


def test_net_promoters_by_hand_and_few_answers_are_hidden(company):
    found = team.Team(date(2017, 1, 1))
    at = next(e.at for e in company[1])
    for score in [10] * 5 + [8] * 3 + [3] * 2:
        found.answers.append(
            log.SurveyAnswered(
                at=at, survey_type="employee", respondent_hash="x", score=score
            )
        )
    parts = list(team.promoters(found, "employee"))
    total = sum(p.numerator for p in parts) / sum(p.denominator for p in parts)
    assert total == 30


def test_cells_of_fewer_than_five_are_suppressed(rows):
    for key, row in rows.items():
        if key[0] in {"employee_nps", "declined_applicant_nps", "applicant_score"}:
            few = 0 < Decimal(row["denominator"]) < 5
            assert few == (row["quality_note"] == "suppressed")


def test_facebook_states_what_the_log_spent_once_it_has_settled(company, known):
    # Invariant: 28 days later the platform's days sum to the log's, to the cent.
    params, events = company
    keys = {
        e.campaign_key
        for e in events
        if isinstance(e, log.CampaignPlanned) and e.channel == "paid_social"
    }
    limit = date.fromordinal(params.as_of.toordinal() - 28)
    spent = sum(
        e.spend
        for e in events
        if isinstance(e, log.AdDaySpent) and e.campaign_key in keys and e.day <= limit
    )
    told = [s for s in known.actual_spend if s.campaign_key in keys and s.day <= limit]
    # Amounts in another currency are cents of it: half a cent a day.
    assert abs(sum(s.amount for s in told) - Fraction(spent)) <= len(told) * Fraction(
        1, 100
    )
    assert told


def test_every_record_is_of_one_person_and_organisation(truth):
    seen = set()
    sources = set()
    for row in read(truth / "identities.csv"):
        key = (row["source"], row["object"], row["source_id"])
        assert key not in seen
        seen.add(key)
        sources.add(row["source"])
        assert row["true_person"] or row["true_organization"]
    assert sources == {"salesforce", "marketo", "zuora", "facebook", "gitlab"}


def test_the_ledger_says_what_to_make_of_every_source(truth):
    ledger = read(truth / "noise.csv")
    assert {row["source"] for row in ledger} == set(ALL) - {"csv", "models"}
    assert all(row["handling"] for row in ledger)


def test_channel_effects_and_expected_terms_are_the_parameters(truth):
    params = load_parameters()
    effects = {row["channel"]: row for row in read(truth / "channel_effects.csv")}
    for channel in params.channels:
        told = Decimal(effects[channel.name]["win_multiplier"])
        assert told == channel.hazard_multiplier
    terms = {row["segment"]: row for row in read(truth / "ltv_expectation.csv")}
    # Beta(2, 9): 10 terms for ever; 9/11 stay after the first renewal.
    assert Decimal(terms["smb"]["expected_terms"]) == 10
    assert Decimal(terms["smb"]["stays_1"]) == pytest.approx(Decimal(9) / 11)
    assert terms["large"]["expected_terms"] == ""
