"""Random draws that give the same value on every machine and Python version.

Every entity of the world has its own stream, keyed by (seed, entity, purpose), so
that changing one parameter does not reshuffle the rest. Only the 53 random bits of
`random.Random.random` are used, whose sequence Python guarantees; everything else is
integer and `decimal` arithmetic, which is exact or correctly rounded everywhere
(the C library's `exp` and `log` are not).
"""

from __future__ import annotations

import hashlib
from decimal import Context, Decimal
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_BITS = 53
_RANGE = 1 << _BITS
_CONTEXT = Context(prec=18)
_NORMAL_TERMS = 12


class Draws:
    """One stream of draws.

    Args:
        seed: The world's master seed.
        *purpose: What the stream is for, for example `("organization:12", "deal")`.
    """

    __slots__ = ("_random",)

    def __init__(self, seed: int, *purpose: object) -> None:
        text = "|".join(str(part) for part in (seed, *purpose))
        digest = hashlib.sha256(text.encode("utf-8")).digest()
        self._random = Random(int.from_bytes(digest, "big")).random  # noqa: S311

    def bits(self) -> int:
        """A whole number in [0, 2**53)."""
        return int(self._random() * _RANGE)

    def below(self, limit: int) -> int:
        """A whole number in [0, limit)."""
        return (self.bits() * limit) >> _BITS

    def between(self, low: int, high: int) -> int:
        """A whole number in [low, high], both ends included."""
        return low + self.below(high - low + 1)

    def chance(self, probability: Decimal) -> bool:
        """True with this probability."""
        return self.bits() < int(probability * _RANGE)

    def share(self) -> Decimal:
        """A number in [0, 1) with six digits."""
        return Decimal(self.below(1_000_000)).scaleb(-6)

    def factor(self, low: str, high: str) -> Decimal:
        """A number in [low, high) with four digits, for scaling an amount."""
        start, end = int(Decimal(low) * 10_000), int(Decimal(high) * 10_000)
        return Decimal(start + self.below(end - start)).scaleb(-4)

    def pick(self, items: Sequence[T]) -> T:
        """One item, each equally likely."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[Decimal]) -> T:
        """One item, likely in proportion to its weight."""
        point = self.share() * sum(weights, Decimal(0))
        for item, weight in zip(items, weights, strict=True):
            point -= weight
            if point < 0:
                return item
        return items[-1]

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """Up to `count` different items in random order."""
        rest = list(items)
        return [rest.pop(self.below(len(rest))) for _ in range(min(count, len(rest)))]

    def normal(self) -> Decimal:
        """A standard normal number (the sum of twelve uniform ones)."""
        total = sum(self.bits() for _ in range(_NORMAL_TERMS))
        centred = total - _NORMAL_TERMS // 2 * _RANGE
        return _CONTEXT.divide(Decimal(centred), Decimal(_RANGE))

    def lognormal(self, median: Decimal, sigma: Decimal) -> Decimal:
        """A log-normal number with this median and log standard deviation."""
        power = _CONTEXT.exp(_CONTEXT.multiply(sigma, self.normal()))
        return _CONTEXT.multiply(median, power)

    def exponential(self, mean: Decimal) -> Decimal:
        """An exponential waiting time with this mean."""
        rest = _CONTEXT.divide(Decimal(_RANGE - self.bits()), Decimal(_RANGE))
        return _CONTEXT.multiply(mean, -_CONTEXT.ln(rest))

    def negative_binomial(self, mean: Decimal, k: int) -> int:
        """A count with this mean and dispersion `k` (failures before k successes)."""
        stop = Decimal(k) / (Decimal(k) + mean)
        threshold = int(stop * _RANGE)
        count = 0
        for _ in range(k):
            while self.bits() >= threshold:
                count += 1
        return count

    def beta(self, a: int, b: int) -> Decimal:
        """A Beta(a, b) number for whole a and b: the a-th of a+b-1 uniform ones."""
        return sorted(self.share() for _ in range(a + b - 1))[a - 1]

    def rounded(self, value: Decimal) -> int:
        """The value as a whole number that is right on average."""
        whole = int(value)
        return whole + int(self.chance(value - whole))
