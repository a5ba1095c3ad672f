"""Short ways to describe settings for ``--about`` and for the check of configs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

if TYPE_CHECKING:
    from collections.abc import Sequence


def text(
    name: str,
    description: str,
    *,
    secret: bool = False,
    default: str | None = None,
    allowed: Sequence[str] | None = None,
) -> th.Property[str]:
    """Describe a setting that is text, perhaps one of some words."""
    return th.Property(
        name,
        th.StringType,
        secret=secret,
        default=default,
        allowed_values=list(allowed) if allowed else None,
        description=description,
    )


def whole(
    name: str, default: int, description: str, *, low: int, high: int | None = None
) -> th.Property[int]:
    """Describe a setting that is a whole number within bounds."""
    return th.Property(
        name,
        th.IntegerType(minimum=low, maximum=high),
        default=default,
        description=description,
    )


def number(
    name: str, default: float, description: str, *, high: int, low: int = 0
) -> th.Property[float]:
    """Describe a setting that is a number within bounds."""
    return th.Property(
        name,
        th.NumberType(minimum=low, maximum=high),
        default=default,
        description=description,
    )


def switch(name: str, description: str, *, default: bool) -> th.Property[bool]:
    """Describe a setting that is on or off."""
    return th.Property(name, th.BooleanType, default=default, description=description)


def names(name: str, description: str) -> th.Property[list[str]]:
    """Describe a setting that is a list of texts, empty by default."""
    return th.Property(
        name, th.ArrayType(th.StringType), default=[], description=description
    )


def moment(name: str, description: str) -> th.Property[str]:
    """Describe a setting that is a date or a date-time."""
    return th.Property(name, th.DateTimeType, description=description)
