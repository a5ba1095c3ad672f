"""Values drawn at random, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

Draw = Callable[[Random], Any]

STAGES = (
    "Prospecting",
    "Qualification",
    "Needs Analysis",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
)
TYPES = ("New Business", "Existing Business", None)
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", None)
_CITIES = ("Berlin", "Zürich", "Boston", "São Paulo", "東京", None)
_STREETS = ("Main Street", "Hauptstraße", "Rue de l'Église", 'Lane "B"')
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"
_WORDS = (
    *("renewal", "platform", "café", "süd", "north", "energy", "finance", "pilot"),
    *("health,", "team's", '"quoted"', "Åre"),
    *("global", "cloud", "data", "acme", "corp", "rapid", "gamma", "delta", "omega"),
)
_AWKWARD_WORDS = ("back\\slash", "tab\there", "two\nlines", "\\N", "c:\\new")
_AWKWARD_SHARE = 0.05
_FIRST_MOMENT = datetime(2019, 3, 1, tzinfo=UTC)
_MOMENTS_SPAN_S = 200_000_000


def nothing(_random: Random) -> None:
    """Draw nothing: the key is counted, not drawn."""


def phrase(*, words: int, null_share: float = 0.0) -> Draw:
    """Draw a text of some words; some have quotes, a few what COPY must escape."""

    def draw(random: Random) -> str | None:
        if random.random() < null_share:
            return None
        drawn = random.choices(_WORDS, k=words)
        if random.random() < _AWKWARD_SHARE:
            drawn[-1] = random.choice(_AWKWARD_WORDS)
        return " ".join(drawn)

    return draw


def reference(prefix: str, *, count: int) -> Draw:
    """Draw one of `count` identifiers of 18 characters."""

    def draw(random: Random) -> str:
        chosen = Random(f"{prefix}{random.randrange(count)}")  # noqa: S311
        return prefix + "".join(chosen.choices(_LETTERS, k=15))

    return draw


def choice(values: tuple[str | None, ...]) -> Draw:
    """Draw one of the values."""
    return lambda random: random.choice(values)


def amount(*, null_share: float) -> Draw:
    """Draw an amount of money with two decimals."""

    def draw(random: Random) -> Decimal | None:
        if random.random() < null_share:
            return None
        return Decimal(random.randrange(10_000, 500_000_000)).scaleb(-2)

    return draw


def percent() -> Draw:
    """Draw a multiple of five with one decimal."""
    return lambda random: Decimal(random.randrange(0, 1001, 50)).scaleb(-1)


def whole(least: int, most: int) -> Draw:
    """Draw a whole number, both ends included."""
    return lambda random: random.randint(least, most)


def truth(*, share: float) -> Draw:
    """Draw a boolean that is true with the given share."""
    return lambda random: random.random() < share


def moment() -> Draw:
    """Draw a point in time, in whole seconds."""
    return lambda random: (
        _FIRST_MOMENT + timedelta(seconds=random.randrange(_MOMENTS_SPAN_S))
    )


def address() -> Draw:
    """Draw a postal address, an object of four texts."""
    return lambda random: {
        "street": f"{random.randrange(1, 999)} {random.choice(_STREETS)}",
        "city": random.choice(_CITIES),
        "postal_code": f"{random.randrange(100_000):05d}",
        "country": random.choice(("DE", "CH", "US", "BR", "JP")),
    }


def words(*, most: int) -> Draw:
    """Draw a list of up to `most` different words."""
    return lambda random: random.sample(_WORDS[:9], random.randint(0, most))
