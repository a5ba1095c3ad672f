"""How customers climb the ladder of features, and what new features earn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import TOTAL, Part, TimedSubject
from bizops_sandbox.truth.periods import ALL
from bizops_sandbox.truth.stocks import Reading
from bizops_sandbox.truth.survival import Subject, median_of_converters, whole_days
from bizops_sandbox.world.instances import FEATURES
from bizops_sandbox.world.moments import add_months

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bizops_sandbox.truth.contracts import Billing
    from bizops_sandbox.truth.usage import Product

NEW_MONTHS = 12
EARNING_DAYS = 90
_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Step:
    """An instance's time on a level; `moved_on` when it reached a higher one."""

    level: int
    reached_on: date
    moved_on: date | None

    @property
    def name(self) -> str:
        """From level to level: `1>2`."""
        return f"{self.level}>{self.level + 1}"

    def subject(self, as_of: date) -> Subject | None:
        """Days until it moved on, or until now."""
        days = whole_days(((self.moved_on or as_of) - self.reached_on).days)
        return None if days is None else Subject(days, self.moved_on is not None)


def reached_levels(first_used: Mapping[str, date]) -> list[date | None]:
    """The day each level was reached: the first use of its feature or a higher one."""
    days: list[date | None] = []
    for level in range(len(FEATURES)):
        used = [first_used[name] for name in FEATURES[level:] if name in first_used]
        days.append(min(used, default=None))
    return days


def steps(product: Product) -> list[Step]:
    """All levels that instances reached, but the highest of all."""
    by_instance: dict[str, dict[str, date]] = {}
    for (uuid, feature), day in product.first_used.items():
        by_instance.setdefault(uuid, {})[feature] = day
    found = []
    for first_used in by_instance.values():
        levels = pairwise(reached_levels(first_used))
        found += [
            Step(level, reached_on, moved_on)
            for level, (reached_on, moved_on) in enumerate(levels, start=1)
            if reached_on is not None
        ]
    return found


def step_rate(found: Sequence[Step]) -> Iterator[Part]:
    """Instances that moved on by those that reached the level, by that day."""
    for step in found:
        moved = Fraction(int(step.moved_on is not None))
        yield Part(step.reached_on, (("step", step.name),), moved, _ONE)


def step_times(found: Sequence[Step], as_of: date) -> Iterator[TimedSubject]:
    """Days on a level; instances still on it are waited for until now."""
    for step in found:
        subject = step.subject(as_of)
        if subject is not None:
            yield TimedSubject(step.reached_on, (("step", step.name),), subject)


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder: who reached it, who moved on, and how fast."""

    name: str
    feature: str
    reached: int
    moved: int
    median_days: Fraction | None

    @property
    def drop(self) -> Fraction:
        """The share that has not moved on."""
        return 1 - Fraction(self.moved, self.reached)


def ladder(found: Sequence[Step], as_of: date) -> list[Rung]:
    """The steps that anybody reached, from the lowest."""
    rungs = []
    for level in sorted({step.level for step in found}):
        own = [step for step in found if step.level == level]
        subjects = [s for step in own if (s := step.subject(as_of)) is not None]
        rungs.append(
            Rung(
                name=own[0].name,
                feature=FEATURES[level],
                reached=len(own),
                moved=sum(step.moved_on is not None for step in own),
                median_days=median_of_converters(subjects).median_days,
            )
        )
    return rungs


def largest_drop(rungs: Sequence[Rung]) -> Rung | None:
    """Where most stay behind; of several the lowest."""
    return max(rungs, key=lambda rung: rung.drop, default=None)


def largest_drop_readings(rungs: Sequence[Rung]) -> Iterator[Reading]:
    """The share that stays behind at the largest drop, by its step."""
    rung = largest_drop(rungs)
    if rung is not None:
        below = Fraction(rung.reached)
        left = Fraction(rung.reached - rung.moved)
        yield Reading(ALL, left, below, dimension=("step", rung.name))


@dataclass(frozen=True, slots=True)
class Gain:
    """More ARR of an organisation from a day on: a new order, seats, a tier."""

    organization_key: str
    day: date
    amount: Fraction


def gains(billing: Billing) -> Iterator[Gain]:
    """Every charge that is worth more than what it follows."""
    for term in billing.terms.values():
        before = _ZERO
        if term.previous_key is not None:
            before = Fraction(billing.book.charges[term.previous_key][-1].annual)
        for charge in billing.book.charges[term.key]:
            gained = Fraction(charge.annual) - before
            before = Fraction(charge.annual)
            if (
                gained > 0
                and charge.start < charge.end
                and charge.start <= billing.as_of
            ):
                yield Gain(term.organization_key, charge.start, gained)


def new_features_behind(
    gain: Gain,
    first_used: Mapping[str, Mapping[str, date]],
    launches: Mapping[str, date],
) -> list[str]:
    """The features that were new on that day and first used in the 90 days before."""
    found = []
    for feature, day in first_used.get(gain.organization_key, {}).items():
        launched = launches[feature]
        is_new = launched <= gain.day < add_months(launched, NEW_MONTHS)
        if is_new and timedelta(0) <= gain.day - day <= timedelta(days=EARNING_DAYS):
            found.append(feature)
    return sorted(found)


def first_used_by_organization(product: Product) -> dict[str, dict[str, date]]:
    """The first day each organisation used each feature, on any instance."""
    found: dict[str, dict[str, date]] = {}
    for (uuid, feature), day in product.first_used.items():
        own = found.setdefault(product.owners[uuid], {})
        own[feature] = min(own.get(feature, day), day)
    return found


def new_feature_arr(
    billing: Billing,
    product: Product,
    launches: Mapping[str, date],
    *,
    is_split: bool,
) -> Iterator[Part]:
    """ARR gained after first use of new features: in equal parts, or whole for each."""
    first_used = first_used_by_organization(product)
    for gain in gains(billing):
        features = new_features_behind(gain, first_used, launches)
        if not features:
            continue
        yield Part(gain.day, (TOTAL,), gain.amount)
        share = gain.amount / len(features) if is_split else gain.amount
        for feature in features:
            yield Part(gain.day, (("feature", feature),), share)
