"""Fictional names: of people, companies, places; domains end in .example or .test."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bizops_sandbox.world.draws import Draws

_WORDS: dict[str, list[str]] = json.loads(
    resources.files(__package__).joinpath("names.json").read_text(encoding="utf-8")
)
_FIRST_NAMES = _WORDS["first_names"]
_LAST_NAMES = _WORDS["last_names"]
_HEADS = _WORDS["company_heads"]
_TAILS = _WORDS["company_tails"]
_PREFIXES = ("", "New ", "North ", "South ", "East ", "West ", "Upper ", "Lower ")
_FORMS = (
    "{} Inc.",
    "{} GmbH",
    "{}, Ltd.",
    "{} & Söhne",
    "{} S.A.",
    "The {} Company",
    "{} AB",
    '{} "Labs"',
    "{} Group",
    "{}",
)
_STREETS = (
    "Harbour Road",
    "Mill Lane",
    "Rue de l'Étang",
    "Lindenstraße",
    "Station Street",
    "Calle Mayor",
    "Orchard Way",
    "Kungsgatan",
)
_PLACES = (
    ("United States", "Springfield", "IL", "62701"),
    ("United States", "Fairview", "CA", "94541"),
    ("United States", "Riverton", "NY", "10001"),
    ("United Kingdom", "Northwick", None, "NW1 0AA"),
    ("Germany", "Neustadt", None, "01844"),
    ("France", "Villeneuve", None, "59491"),
    ("Sweden", "Nyköping", None, "611 30"),
    ("Spain", "Villanueva", None, "08800"),
    ("Japan", "新町", None, "370-1301"),
    ("Canada", "Rivière-Bleue", "QC", "G0L 2B0"),
)
_TITLES = (
    "Software Engineer",
    "Engineering Manager",
    "VP Engineering",
    "CTO",
    "Head of Platform",
    "DevOps Lead",
    'Director, "Special Projects"',
    "Procurement Manager",
    "IT Manager",
    "Security Officer",
)
FREE_MAIL_DOMAINS = ("freemail.example", "webpost.example", "inbox.test")
_PLAIN_LETTERS = str.maketrans({"Ł": "L", "ł": "l", "Ø": "O", "ø": "o"})
# A whole number without a common divisor with the count of company names visits
# each of them once, in an order that looks random.
_STRIDE = 2741


@dataclass(frozen=True, slots=True)
class Company:
    """What a company is called and where it sits."""

    name: str
    domain: str
    country: str
    city: str
    state: str | None
    postal_code: str
    street: str
    phone: str


def slug(text: str) -> str:
    """The text in lower-case ASCII letters and digits."""
    parts = unicodedata.normalize("NFKD", text.translate(_PLAIN_LETTERS))
    return "".join(c for c in parts.lower() if c.isascii() and c.isalnum())


def company_at(index: int, draws: Draws) -> Company:
    """The company with this number: no two numbers share a name or a domain."""
    count = len(_HEADS) * len(_TAILS)
    turn, place = divmod(index, count)
    head, tail = divmod((place + 1) * _STRIDE % count, len(_TAILS))
    round_trip, prefix = divmod(turn, len(_PREFIXES))
    stem = _PREFIXES[prefix] + _HEADS[head] + _TAILS[tail]
    if round_trip:
        stem += f" {round_trip + 1}"
    country, city, state, postal_code = draws.pick(_PLACES)
    street = f"{draws.between(1, 199)} {draws.pick(_STREETS)}"
    if draws.below(5) == 0:
        street += f"\nFloor {draws.between(1, 12)}, Suite {draws.between(100, 999)}"
    return Company(
        name=draws.pick(_FORMS).format(stem),
        domain=f"{slug(stem)}.{'test' if draws.below(6) == 0 else 'example'}",
        country=country,
        city=city,
        state=state,
        postal_code=postal_code,
        street=street,
        phone=f"+1 555 01{draws.between(10, 99)} {draws.between(1000, 9999)}",
    )


def person_name(draws: Draws) -> tuple[str, str]:
    """A first and a last name."""
    return draws.pick(_FIRST_NAMES), draws.pick(_LAST_NAMES)


def job_title(draws: Draws) -> str:
    """A job title."""
    return draws.pick(_TITLES)


def as_typed(email: str, draws: Draws, *, is_sloppy: bool) -> str:
    """The address as somebody types it: with capitals or a blank when sloppy."""
    if not is_sloppy:
        return email
    local, _, domain = email.partition("@")
    forms = (
        f"{local.title()}@{domain}",
        email.upper(),
        f" {email}",
        f"{local}@{domain.capitalize()} ",
    )
    return draws.pick(forms)
