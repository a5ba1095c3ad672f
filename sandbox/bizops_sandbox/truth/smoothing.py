"""Rates of few cases drawn towards all others': empirical Bayes with a Beta prior."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth import revenue
from bizops_sandbox.truth.cells import TOTAL, Dimension, Part
from bizops_sandbox.truth.exact import shortened
from bizops_sandbox.truth.opportunities import UNATTRIBUTED
from bizops_sandbox.truth.periods import ALL
from bizops_sandbox.truth.stocks import Reading
from bizops_sandbox.truth.survival import incidence, last_reliable_time
from bizops_sandbox.truth.value import MOST_YEARS, FirstOrder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from bizops_sandbox.truth.contracts import Billing, Term
    from bizops_sandbox.truth.conversion import Journey

_ZERO, _ONE = Fraction(0), Fraction(1)
# Successes and cases; both may be expected ones, so they need not be whole.
Cell = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class BetaPrior:
    """What is believed of a rate before its own cases: as if b failed and a did not."""

    a: Fraction
    b: Fraction

    def smoothed(self, cell: Cell) -> Fraction:
        """The posterior mean of a cell's rate."""
        return (cell[0] + self.a) / (cell[1] + self.a + self.b)


def fit_prior(cells: Iterable[Cell]) -> BetaPrior | None:
    """The Beta with the mean and variance of the cells' rates (method of moments).

    m and s2 are the mean and the variance (by the number of cells) of the rates of the
    cells with cases; a + b = m (1 - m) / s2 - 1, at least 1 and at most the number of
    all cases, which it also is when all rates are the same. A mean of 0 or 1 leaves
    no doubt where there is some: then m = (successes + 1/2) / (cases + 1).

    Returns:
        The prior; None without cases.
    """
    known = [cell for cell in cells if cell[1] > 0]
    if not known:
        return None
    rates = [min(done / cases, _ONE) for done, cases in known]
    mean = sum(rates, _ZERO) / len(rates)
    variance = sum(((rate - mean) ** 2 for rate in rates), _ZERO) / len(rates)
    most = max(sum((cases for _, cases in known), _ZERO), _ONE)
    strength = most
    if variance:
        strength = min(max(mean * (1 - mean) / variance - 1, _ONE), most)
    if mean in {_ZERO, _ONE}:
        done = sum((done for done, _ in known), _ZERO)
        cases = sum((cases for _, cases in known), _ZERO)
        mean = (done + Fraction(1, 2)) / (cases + 1)
    return BetaPrior(shortened(strength * mean), shortened(strength * (1 - mean)))


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Renewals of terms that were due, by product, segment and channel."""

    cells: Mapping[tuple[str, str, str], Cell]
    prior: BetaPrior | None

    def renewal_rate(self, look_alike: tuple[str, str, str]) -> Fraction | None:
        """The smoothed rate of customers like this; None before any term was due."""
        if self.prior is None:
            return None
        return self.prior.smoothed(self.cells.get(look_alike, (_ZERO, _ZERO)))


def look_alikes(billing: Billing, channels: Mapping[str, str]) -> LookAlikes:
    """Count the terms that were due and their renewals.

    Args:
        billing: The contracts.
        channels: The channel that brought the customer, by the key of the opportunity.
    """
    cells: dict[tuple[str, str, str], Cell] = {}
    for term in revenue.due_terms(billing):
        key = _look_alike(billing, term, channels)
        renewed, due = cells.get(key, (_ZERO, _ZERO))
        cells[key] = (renewed + int(term.renewed_by is not None), due + 1)
    return LookAlikes(cells, fit_prior(cells.values()))


def _look_alike(
    billing: Billing, term: Term, channels: Mapping[str, str]
) -> tuple[str, str, str]:
    return (
        billing.last_charge(term).product,
        billing.segments[term.organization_key],
        channels.get(term.opportunity_key, UNATTRIBUTED),
    )


def renewal_rate_smoothed(found: LookAlikes) -> Iterator[Reading]:
    """Renewals by terms due, the prior's added to both: all, segments, look-alikes."""
    if found.prior is None:
        return
    sums: dict[Dimension, Cell] = {}
    for key, (renewed, due) in sorted(found.cells.items()):
        for dimension in (TOTAL, ("segment", key[1]), ("look_alike", "|".join(key))):
            done, cases = sums.get(dimension, (_ZERO, _ZERO))
            sums[dimension] = (done + renewed, cases + due)
    prior = found.prior
    for dimension, (renewed, due) in sums.items():
        below = due + prior.a + prior.b
        yield Reading(ALL, renewed + prior.a, below, dimension=dimension)


def ltv_smoothed(
    orders: Sequence[FirstOrder],
    margin: Fraction,
    found: LookAlikes,
    look_alike_of: Mapping[str, tuple[str, str, str]],
) -> Iterator[Part]:
    """First-order IACV x margin x years by the smoothed rate of look-alikes.

    Args:
        orders: The first orders.
        margin: Gross margin, a share.
        found: The look-alikes' renewals.
        look_alike_of: Product, segment and channel by customer.
    """
    for order in orders:
        rate = found.renewal_rate(look_alike_of[order.customer])
        if rate is not None:
            lost = 1 - rate
            most = Fraction(MOST_YEARS)
            years = min(1 / lost, most) if lost else most
            worth = shortened(order.iacv * margin * years)
            yield Part(order.day, (TOTAL, ("segment", order.segment)), worth, _ONE)


def _shares(found: Sequence[Journey], as_of: date) -> list[tuple[Fraction, Fraction]]:
    """The share of the eventual conversions that has come by each day."""
    subjects = [s for j in found if (s := j.subject(as_of)) is not None]
    limit = last_reliable_time(subjects)
    steps = [(d, f) for d, f in incidence(subjects) if limit is not None and d <= limit]
    return [(days, shortened(f / steps[-1][1])) for days, f in steps]


def _share_at(shares: Sequence[tuple[Fraction, Fraction]], age: int) -> Fraction:
    reached = [share for days, share in shares if days <= age]
    return reached[-1] if reached else _ZERO


def estimated_iacv_bayes(found: Sequence[Journey], as_of: date) -> Iterator[Part]:
    """What each journey brought in 365 days, and what it still may.

    A journey of age t that has not bought will with chance p (1 - s) / (1 - p s): p is
    the smoothed eventual conversion of its channel, s the share of conversions that
    comes until t. It then brings the mean IACV of first orders.
    """
    found = [journey for journey in found if journey.subject(as_of) is not None]
    shares = _shares(found, as_of)
    orders = [j.first_iacv for j in found if j.first_won_on is not None]
    if not shares or not orders:
        return
    mean_iacv = sum(orders, _ZERO) / len(orders)
    chances = _eventual_chances(found, shares, as_of)
    for journey in found:
        age = (as_of - journey.touched_on).days
        value = journey.iacv_within(min(age, 365))
        if journey.first_won_on is None:
            chance, share = chances[journey.channel], _share_at(shares, age)
            rest = 1 - chance * share
            value += mean_iacv * chance * (1 - share) / rest if rest else _ZERO
        if value:
            yield Part(journey.touched_on, journey.dimensions, shortened(value))


def _eventual_chances(
    found: Sequence[Journey],
    shares: Sequence[tuple[Fraction, Fraction]],
    as_of: date,
) -> Mapping[str, Fraction]:
    """By channel: conversions by the exposed journeys, smoothed over the channels."""
    cells: dict[str, Cell] = {}
    for journey in found:
        done, exposed = cells.get(journey.channel, (_ZERO, _ZERO))
        share = _share_at(shares, (as_of - journey.touched_on).days)
        won = int(journey.first_won_on is not None)
        cells[journey.channel] = (done + won, exposed + share)
    prior = fit_prior(cells.values())
    if prior is None:
        return dict.fromkeys(cells, _ZERO)
    return {
        name: shortened(min(prior.smoothed(cell), _ONE)) for name, cell in cells.items()
    }
