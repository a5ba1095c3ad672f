"""The metrics of the product: what instances report, tests, reactions, lift."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.projections.gitlab_ids import stamp
from bizops_sandbox.projections.gitlab_metrics import COUNTER_PATHS
from bizops_sandbox.projections.gitlab_pings import failures
from bizops_sandbox.truth.arr import arr_on
from bizops_sandbox.truth.cells import TOTAL
from bizops_sandbox.truth.periods import ALL, Period
from bizops_sandbox.truth.stocks import Reading
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import add_months, day_end, month_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from bizops_sandbox.truth.contracts import Billing
    from bizops_sandbox.world.events import Event


@dataclass(slots=True)
class Product:
    """Pings by instance and month, licences, experiments, posts, lift weeks."""

    as_of: date
    last_pings: dict[tuple[str, date], log.UsagePinged] = field(default_factory=dict)
    counters: dict[tuple[str, date], dict[str, int]] = field(default_factory=dict)
    first_used: dict[tuple[str, str], date] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    seats: dict[str, int] = field(default_factory=dict)
    license_owners: dict[str, str] = field(default_factory=dict)
    units: dict[str, tuple[str, str]] = field(default_factory=dict)
    converted: set[str] = field(default_factory=set)
    posts: dict[str, str] = field(default_factory=dict)
    retweets: dict[str, int] = field(default_factory=dict)
    lift: list[log.LiftWeekCounted] = field(default_factory=list)


_KINDS = (
    log.InstanceInstalled,
    log.LicenseIssued,
    log.UsagePinged,
    log.ExperimentExposed,
    log.ExperimentConverted,
    log.SocialPosted,
    log.SocialCounted,
    log.LiftWeekCounted,
)


def read_product(events: Iterable[Event], as_of: date) -> Product:
    """What is known of the product's use at the end of a day."""
    product = Product(as_of)
    for event in events_until(events, day_end(as_of), *_KINDS):
        match event:
            case log.InstanceInstalled():
                product.owners[event.instance_uuid] = event.organization_key
            case log.LicenseIssued():
                product.seats[event.license_key] = event.seats
                product.license_owners[event.license_key] = event.organization_key
            case log.UsagePinged():
                _add_ping(product, event)
            case _:
                _add_reaction(product, event)
    return product


def _add_ping(product: Product, event: log.UsagePinged) -> None:
    """The last report of a month, the last count that was told, the first use."""
    key = (event.instance_uuid, event.at.date().replace(day=1))
    product.last_pings[key] = event
    failed = failures(
        event.instance_uuid, stamp(event.at) or "", COUNTER_PATHS.values()
    )
    counters = product.counters.setdefault(key, {})
    told = {
        feature: event.counters.get(feature, 0)
        for feature, path in COUNTER_PATHS.items()
        if path not in failed
    }
    counters |= told
    for feature, count in told.items():
        if count > 0:
            used = (event.instance_uuid, feature)
            product.first_used.setdefault(used, event.at.date())


def _add_reaction(product: Product, event: Event) -> None:
    match event:
        case log.ExperimentExposed():
            product.units[event.unit_key] = (event.experiment, event.variant)
        case log.ExperimentConverted():
            product.converted.add(event.unit_key)
        case log.SocialPosted():
            product.posts[event.post_key] = event.release_key.removeprefix("rel.")
        case log.SocialCounted():
            product.retweets[event.post_key] = event.retweets
        case log.LiftWeekCounted():
            product.lift.append(event)
        case _:
            pass


def _months(
    product: Product, first: date
) -> Iterator[tuple[Period, list[log.UsagePinged]]]:
    """Each month until now with the last ping of every instance in it."""
    month = month_start(first)
    while month <= product.as_of:
        pings = [ping for (_, at), ping in product.last_pings.items() if at == month]
        yield Period("month", month), pings
        month = add_months(month, 1)


def active_instances(product: Product, first: date) -> Iterator[Reading]:
    """Instances that reported in a month."""
    for period, pings in _months(product, first):
        if pings:
            yield Reading(period, Fraction(len(pings)))


def active_users(product: Product, first: date) -> Iterator[Reading]:
    """Active users of all instances by their last report of a month."""
    for period, pings in _months(product, first):
        if pings:
            yield Reading(period, Fraction(sum(p.active_users for p in pings)))


def license_utilization(product: Product, first: date) -> Iterator[Reading]:
    """Active users by licensed seats; seats of one licence count once a month."""
    for period, pings in _months(product, first):
        named = [p for p in pings if p.license_key is not None]
        if named:
            keys = {p.license_key for p in named if p.license_key is not None}
            seats = sum(product.seats[key] for key in keys)
            users = sum(p.active_users for p in named)
            yield Reading(period, Fraction(users), Fraction(seats))


def ping_coverage(product: Product, billing: Billing, first: date) -> Iterator[Reading]:
    """Customers with ARR at a month's end whose licence reported in it, by all."""
    for period, pings in _months(product, first):
        last = period.last_day()
        if last is None or last > product.as_of:
            continue
        customers = set(arr_on(billing.book, last))
        keys = (p.license_key for p in pings if p.license_key is not None)
        reporting = {product.license_owners[key] for key in keys}
        if customers:
            known = len(customers & reporting)
            yield Reading(period, Fraction(known), Fraction(len(customers)))


def feature_usage(product: Product, first: date) -> Iterator[Reading]:
    """Instances whose counter rose in a month, by all that reported, by feature."""
    last: dict[tuple[str, str], int] = {}
    for period, pings in _months(product, first):
        used: dict[str, int] = {}
        for ping in pings:
            uuid = ping.instance_uuid
            for feature, value in product.counters[uuid, period.start].items():
                before = last.get((uuid, feature), 0)
                # A counter that fell was reset: what it shows came since then.
                gained = value if value < before else value - before
                used[feature] = used.get(feature, 0) + int(gained > 0)
                last[uuid, feature] = value
        for feature, count in sorted(used.items()):
            if not count:
                continue
            yield Reading(
                period,
                Fraction(count),
                Fraction(len(pings)),
                dimension=("feature", feature),
            )


def _cells(product: Product) -> dict[tuple[str, str], tuple[int, int]]:
    """Who saw each variant, and who of them did what was wanted."""
    cells: dict[tuple[str, str], tuple[int, int]] = {}
    for unit, cell in product.units.items():
        seen, done = cells.get(cell, (0, 0))
        cells[cell] = (seen + 1, done + int(unit in product.converted))
    return cells


def experiment_conversion(product: Product) -> Iterator[Reading]:
    """Conversions by visitors of each variant."""
    for (name, variant), (seen, done) in sorted(_cells(product).items()):
        yield Reading(
            ALL,
            Fraction(done),
            Fraction(seen),
            dimension=("experiment_variant", f"{name}:{variant}"),
        )


def experiment_posterior(product: Product) -> Iterator[Reading]:
    """The mean of the posterior with a flat prior: one more of each outcome."""
    for (name, variant), (seen, done) in sorted(_cells(product).items()):
        yield Reading(
            ALL,
            Fraction(done + 1),
            Fraction(seen + 2),
            dimension=("experiment_variant", f"{name}:{variant}"),
        )


def experiment_lift(product: Product) -> Iterator[Reading]:
    """The posterior mean of variant b less that of a."""
    cells = _cells(product)
    for name in sorted({name for name, _ in cells}):
        means = {}
        for variant in ("a", "b"):
            seen, done = cells.get((name, variant), (0, 0))
            means[variant] = Fraction(done + 1, seen + 2)
        yield Reading(ALL, means["b"] - means["a"], dimension=("experiment", name))


def retweets(product: Product) -> Iterator[Reading]:
    """How often the posts about each release were shared until now."""
    by_release: dict[str, int] = {}
    for post, count in product.retweets.items():
        release = product.posts[post]
        by_release[release] = by_release.get(release, 0) + count
    if by_release:
        yield Reading(ALL, Fraction(sum(by_release.values())), dimension=TOTAL)
    for release, count in by_release.items():
        yield Reading(ALL, Fraction(count), dimension=("release", release))


def lift_incremental_rate(product: Product) -> Iterator[Reading]:
    """Sign-ups a person and week with ads less those without, by channel."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for week in product.lift:
        people, done = sums.get((week.channel, week.cell), (0, 0))
        total = (people + week.people, done + week.conversions)
        sums[week.channel, week.cell] = total
    for channel in sorted({channel for channel, _ in sums}):
        rates = {}
        for cell in ("test", "control"):
            people, done = sums.get((channel, cell), (0, 0))
            rates[cell] = Fraction(done, people) if people else None
        test, control = rates["test"], rates["control"]
        if test is not None and control is not None:
            yield Reading(ALL, test - control, dimension=("channel", channel))
