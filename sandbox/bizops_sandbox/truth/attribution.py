"""The models of attribution: who gets the credit for an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.truth.cells import TOTAL, Part
from bizops_sandbox.truth.costs import people_of_customers
from bizops_sandbox.truth.exact import as_weights
from bizops_sandbox.truth.opportunities import UNATTRIBUTED
from bizops_sandbox.truth.touches import LOOKBACK_DAYS, Touch, by_person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from bizops_sandbox.truth.facts import Facts
    from bizops_sandbox.truth.opportunities import CountedDeal
    from bizops_sandbox.truth.persons import KnownPerson, Persons

HALF_LIFE_DAYS = 7
DIRECT = "direct"
_EXACT = Context(prec=30)
_ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Path:
    """A won opportunity and the touches that led to it, in order.

    `channels` are those of the touches. `lead_touch` and `deal_touch` are the places of
    the touches that made the lead and the opportunity: the last ones until then; None
    when there is none.
    """

    counted: CountedDeal
    touches: tuple[Touch, ...]
    channels: tuple[str, ...]
    lead_touch: int | None
    deal_touch: int | None


@dataclass(frozen=True, slots=True)
class Credit:
    """What one touch gets of an opportunity; `touch` is None for an empty path."""

    counted: CountedDeal
    model: str
    touch: Touch | None
    weight: Fraction


def _last_until(touches: Sequence[Touch], day: date | None) -> int | None:
    """The place of the last touch until a day."""
    if day is None:
        return None
    places = [n for n, touch in enumerate(touches) if touch.touched_on <= day]
    return places[-1] if places else None


def _path(
    facts: Facts,
    counted: CountedDeal,
    people: Sequence[KnownPerson],
    touched: Mapping[str, Sequence[Touch]],
) -> Path:
    close = counted.deal.close_date
    since = close - timedelta(days=LOOKBACK_DAYS)
    own = [t for person in people for t in touched.get(person.key, ())]
    touches = sorted(
        (t for t in own if since <= t.touched_on <= close), key=lambda t: t.order
    )
    created = [p.lead_created_on for p in people if p.lead_created_on is not None]
    return Path(
        counted=counted,
        touches=tuple(touches),
        channels=tuple(facts.campaigns[t.campaign_key].channel for t in touches),
        lead_touch=_last_until(touches, min(created, default=None)),
        deal_touch=_last_until(touches, counted.deal.created_at.date()),
    )


def paths(
    facts: Facts,
    persons: Persons,
    touches: Sequence[Touch],
    deals: Sequence[CountedDeal],
) -> list[Path]:
    """The path of each opportunity won with IACV above 0."""
    touched = by_person(touches)
    people = people_of_customers(facts, persons)
    return [
        _path(facts, counted, people.get(counted.customer or "", ()), touched)
        for counted in deals
        if counted.is_won and counted.iacv > 0
    ]


def _first(path: Path) -> list[Fraction]:
    return [_ONE, *[Fraction(0)] * (len(path.touches) - 1)]


def _last(path: Path) -> list[Fraction]:
    return _first(path)[::-1]


def _linear(path: Path) -> list[Fraction]:
    return [_ONE / len(path.touches)] * len(path.touches)


def _position(path: Path) -> list[Fraction]:
    """40 % for the first and the last, the rest shares 20 %; two get half each."""
    count = len(path.touches)
    if count <= 2:
        return _linear(path)
    middle = Fraction(20, 100) / (count - 2)
    return [Fraction(40, 100), *[middle] * (count - 2), Fraction(40, 100)]


def _last_non_direct(path: Path) -> list[Fraction]:
    """All to the last touch that is of a channel; of direct ones alone to the last."""
    places = [n for n, channel in enumerate(path.channels) if channel != DIRECT]
    place = places[-1] if places else len(path.touches) - 1
    return [_ONE if n == place else Fraction(0) for n in range(len(path.touches))]


def _by_roles(
    path: Path, places: Sequence[int | None], share: Fraction
) -> list[Fraction]:
    """A share for each role's touch, 10 % for all without a role, scaled to 1."""
    weights = [Fraction(0)] * len(path.touches)
    for place in places:
        if place is not None:
            weights[place] += share
    rest = [n for n, weight in enumerate(weights) if not weight]
    for place in rest:
        weights[place] = Fraction(10, 100) / len(rest)
    total = sum(weights, Fraction(0))
    return [weight / total for weight in weights]


def _w_shaped(path: Path) -> list[Fraction]:
    """30 % for the first, the lead's and the opportunity's; the rest shares 10 %."""
    places = (0, path.lead_touch, path.deal_touch)
    return _by_roles(path, places, Fraction(30, 100))


def _full_path(path: Path) -> list[Fraction]:
    """22.5 % for these and for the last before the close; the rest shares 10 %."""
    places = (0, path.lead_touch, path.deal_touch, len(path.touches) - 1)
    return _by_roles(path, places, Fraction(225, 1000))


def _time_decay(path: Path) -> list[Fraction]:
    """Half as much for every seven days before the close date."""
    close = path.counted.deal.close_date
    raw = [
        Fraction(
            _EXACT.power(
                Decimal(2),
                -_EXACT.divide(
                    Decimal((close - touch.touched_on).days), Decimal(HALF_LIFE_DAYS)
                ),
            )
        )
        for touch in path.touches
    ]
    return as_weights(raw)


MODELS: Mapping[str, Callable[[Path], list[Fraction]]] = {
    "first_touch": _first,
    "last_touch": _last,
    "linear": _linear,
    "position": _position,
    "w_shaped": _w_shaped,
    "time_decay": _time_decay,
    "last_non_direct": _last_non_direct,
    "full_path": _full_path,
}


def by_channel_values(path: Path, values: Mapping[str, Fraction]) -> list[Fraction]:
    """Weights in proportion to what the channels of the touches are worth.

    The touches of one channel share its value; where none is worth anything all
    touches weigh the same.
    """
    raw = [
        max(values.get(channel, Fraction(0)), Fraction(0))
        / path.channels.count(channel)
        for channel in path.channels
    ]
    return as_weights(raw) if any(raw) else _linear(path)


def credits_of(
    found: Sequence[Path],
    model: str,
    values: Mapping[str, Fraction] | None = None,
) -> Iterator[Credit]:
    """Who gets what by a model; the weights of an opportunity sum to 1.

    `values` are the channels' by a model of `path_models`; without them it is a rule.
    """
    for path in found:
        if not path.touches:
            yield Credit(path.counted, model, None, _ONE)
            continue
        if values is None:
            weights = MODELS[model](path)
        else:
            weights = by_channel_values(path, values)
        for touch, weight in zip(path.touches, weights, strict=True):
            if weight:
                yield Credit(path.counted, model, touch, weight)


def attributed_iacv(facts: Facts, found: Iterable[Credit]) -> Iterator[Part]:
    """IACV by the channels and campaigns that get credit, by close date."""
    for credit in found:
        dimensions = [TOTAL, ("channel", UNATTRIBUTED)]
        if credit.touch is not None:
            key = credit.touch.campaign_key
            dimensions = [
                TOTAL,
                ("channel", facts.campaigns[key].channel),
                ("campaign", salesforce_id("Campaign", key)),
            ]
        yield Part(
            credit.counted.deal.close_date,
            tuple(dimensions),
            credit.weight * credit.counted.iacv,
        )
