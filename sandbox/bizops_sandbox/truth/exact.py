"""Keeping exact numbers short: fractions that learnt values would blow up."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS = 10**18


def shortened(value: Fraction) -> Fraction:
    """The nearest number with 18 digits after the point, the even one of two."""
    return Fraction(round(value * _UNITS), _UNITS)


def as_weights(raw: Sequence[Fraction]) -> list[Fraction]:
    """Numbers as shares of their sum, of 18 digits each; the last gets what is left."""
    total = sum(raw, Fraction(0))
    weights = [shortened(value / total) for value in raw]
    weights[-1] = 1 - sum(weights[:-1], Fraction(0))
    return weights
