"""Attribution by data: what a channel is worth by Markov chains and Shapley values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from math import factorial
from typing import TYPE_CHECKING

from bizops_sandbox.truth.costs import first_wins
from bizops_sandbox.truth.exact import shortened
from bizops_sandbox.truth.touch_costs import owners
from bizops_sandbox.truth.touches import LOOKBACK_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bizops_sandbox.truth.facts import Facts
    from bizops_sandbox.truth.opportunities import CountedDeal
    from bizops_sandbox.truth.persons import Persons
    from bizops_sandbox.truth.touches import Touch

MOST_CHANNELS = 12
_START, _WON, _LOST = "(start)", "(won)", "(lost)"
_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class ChannelPath:
    """The channels that touched a customer (or person of none); whether it bought."""

    channels: tuple[str, ...]
    is_won: bool


def channel_paths(
    facts: Facts,
    persons: Persons,
    touches: Sequence[Touch],
    deals: Sequence[CountedDeal],
) -> list[ChannelPath]:
    """One path of each that has touches: until the first win, a year back; or all."""
    owned, won = owners(facts, persons, deals), first_wins(deals)
    by_unit: dict[str, list[Touch]] = {}
    for touch in touches:
        if not touch.is_repeat:
            unit = owned.get(touch.person.key, touch.person.key)
            by_unit.setdefault(unit, []).append(touch)
    paths = []
    for unit, own in by_unit.items():
        won_on = won.get(unit)
        channels = tuple(
            facts.campaigns[touch.campaign_key].channel
            for touch in own
            if won_on is None or 0 <= (won_on - touch.touched_on).days <= LOOKBACK_DAYS
        )
        if channels:
            paths.append(ChannelPath(channels, won_on is not None))
    return paths


def _transitions(paths: Iterable[ChannelPath]) -> dict[str, Counter[str]]:
    """How often each state was followed by which; a repeated channel is one step."""
    counts: dict[str, Counter[str]] = {}
    for path in paths:
        states = [_START, *path.channels, _WON if path.is_won else _LOST]
        for state, following in pairwise(states):
            if state != following:
                counts.setdefault(state, Counter())[following] += 1
    return counts


def _win_chance(counts: Mapping[str, Counter[str]], removed: str = "") -> Fraction:
    """The chance to get from the start to a win, when whoever meets `removed` is lost.

    Solved exactly: x = b + A x over the states, by elimination.
    """
    states = [state for state in counts if state != removed]
    place = {state: number for number, state in enumerate(states)}
    rows: list[list[Fraction]] = []
    for state in states:
        total = counts[state].total()
        row = [_ZERO] * (len(states) + 1)
        row[place[state]] = _ONE
        for following, count in counts[state].items():
            share = Fraction(count, total)
            if following == _WON:
                row[-1] += share
            elif following in place:
                row[place[following]] -= share
        rows.append(row)
    _eliminate(rows)
    return rows[place[_START]][-1] if _START in place else _ZERO


def _eliminate(rows: list[list[Fraction]]) -> None:
    """Bring equations into solved form, in place; each state can be left, so it is."""
    for pivot in range(len(rows)):
        swap = next(n for n in range(pivot, len(rows)) if rows[n][pivot])
        rows[pivot], rows[swap] = rows[swap], rows[pivot]
        scale = rows[pivot][pivot]
        rows[pivot] = [value / scale for value in rows[pivot]]
        for number, row in enumerate(rows):
            if number != pivot and (factor := row[pivot]):
                rows[number] = [
                    value - factor * other
                    for value, other in zip(row, rows[pivot], strict=True)
                ]


def channels_of(paths: Iterable[ChannelPath]) -> list[str]:
    """All channels of the paths, sorted."""
    return sorted({channel for path in paths for channel in path.channels})


def removal_effects(paths: Sequence[ChannelPath]) -> dict[str, Fraction]:
    """By channel: the share of wins that are lost when all who meet it are lost."""
    counts = _transitions(paths)
    chance = _win_chance(counts)
    return {
        channel: shortened(_ONE - _win_chance(counts, channel) / chance)
        if chance
        else _ZERO
        for channel in channels_of(paths)
    }


def _rates(
    paths: Sequence[ChannelPath],
) -> tuple[Counter[frozenset[str]], Counter[frozenset[str]]]:
    """By set of channels: how many paths met exactly these; how many of them won."""
    seen: Counter[frozenset[str]] = Counter()
    won: Counter[frozenset[str]] = Counter()
    for path in paths:
        met = frozenset(path.channels)
        seen[met] += 1
        won[met] += int(path.is_won)
    return seen, won


def coalition_values(
    paths: Sequence[ChannelPath],
) -> dict[frozenset[str], Fraction]:
    """The conversion rate of paths that met exactly a set of channels.

    A set that no path met has the rate of the paths that met some of it.
    """
    seen, won = _rates(paths)
    channels = channels_of(paths)
    values: dict[frozenset[str], Fraction] = {}
    for size in range(len(channels) + 1):
        for chosen in combinations(channels, size):
            coalition = frozenset(chosen)
            inside = (
                [coalition] if seen[coalition] else [s for s in seen if s <= coalition]
            )
            count = sum(seen[met] for met in inside)
            wins = sum(won[met] for met in inside)
            values[coalition] = Fraction(wins, count) if count else _ZERO
    return values


def shapley_values(paths: Sequence[ChannelPath]) -> dict[str, Fraction]:
    """By channel: what it adds to the conversion rate, averaged over all orders.

    Raises:
        ValueError: with more than 12 channels, whose sets are too many.
    """
    channels = channels_of(paths)
    if len(channels) > MOST_CHANNELS:
        raise ValueError(f"{len(channels)} channels are too many for exact values")
    values = coalition_values(paths)
    count = len(channels)
    found = dict.fromkeys(channels, _ZERO)
    for coalition, value in values.items():
        size = len(coalition)
        for channel in channels:
            if channel not in coalition:
                ways = factorial(size) * factorial(count - size - 1)
                gained = values[coalition | {channel}] - value
                found[channel] += Fraction(ways, factorial(count)) * gained
    return {channel: shortened(value) for channel, value in found.items()}


def shares(values: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Values as shares of their sum; a negative one counts as none."""
    kept = {channel: max(value, _ZERO) for channel, value in values.items()}
    total = sum(kept.values(), _ZERO)
    return {c: value / total if total else _ZERO for c, value in kept.items()}


PATH_MODELS = {"markov": removal_effects, "shapley": shapley_values}
