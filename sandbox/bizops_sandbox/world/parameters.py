"""The parameters of the sample company: defaults by scale, checked by a JSON Schema."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec

from bizops_sandbox.world.moments import add_months
from bizops_sandbox.world.parameter_groups import (
    Channel,
    Contract,
    Currency,
    Engineering,
    Expansion,
    Experiment,
    Finance,
    Funnel,
    Holdout,
    Noise,
    People,
    Product,
    ProductUse,
    Renewal,
    Sales,
    Segment,
    Touches,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "DEFAULT_SCALE",
    "SCALES",
    "Channel",
    "Contract",
    "Currency",
    "Engineering",
    "Expansion",
    "Experiment",
    "Finance",
    "Funnel",
    "Holdout",
    "Noise",
    "ParameterError",
    "Parameters",
    "People",
    "Product",
    "ProductUse",
    "Renewal",
    "Sales",
    "Segment",
    "Touches",
    "Usage",
    "load_parameters",
    "parameters_schema",
]

SCALES: Mapping[str, Mapping[str, Any]] = {
    "tiny": {
        "organizations": 5,
        "campaigns_per_channel_per_quarter": 1,
        "campaign_quarters": 4,
    },
    "small": {},
    "medium": {"organizations": 3000, "sales": {"reps": 30}},
    "large": {"organizations": 30000, "sales": {"reps": 300}},
}
DEFAULT_SCALE = "small"
_MIXES = ("terms", "product_mix")


class ParameterError(ValueError):
    """A parameter is unknown, missing or out of range; the message names it."""


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides the sample company."""

    scale: str
    seed: int
    start_date: date
    months: int
    organizations: int
    fiscal_year_start_month: int
    sources: tuple[str, ...]
    late_slices: int
    currencies: tuple[Currency, ...]
    holdouts: tuple[Holdout, ...]
    monthly_growth: Decimal
    segments: tuple[Segment, ...]
    products: tuple[Product, ...]
    product_mix: dict[str, Decimal]
    channels: tuple[Channel, ...]
    campaigns_per_channel_per_quarter: int
    campaign_quarters: int
    touches: Touches
    funnel: Funnel
    contract: Contract
    expansion: Expansion
    renewal: Renewal
    usage: Usage
    sales: Sales
    finance: Finance
    people: People
    engineering: Engineering
    product: ProductUse
    noise: Noise

    @property
    def as_of(self) -> date:
        """The last day of the window."""
        return add_months(self.start_date, self.months) - timedelta(days=1)

    @property
    def size_factor(self) -> Decimal:
        """How much larger than the 300 organisations the budgets are made for."""
        return Decimal(self.organizations) / 300

    @property
    def slices(self) -> tuple[date, ...]:
        """The last days of the `late_slices` incremental loads, the last is `as_of`."""
        days = (self.as_of - self.start_date).days
        return tuple(
            self.start_date + timedelta(days=days * number // self.late_slices)
            for number in range(1, self.late_slices + 1)
        )

    def plan_rate(self, currency: str) -> Decimal:
        """USD for one unit of a currency, the rate that recurring revenue is told in.

        Raises:
            KeyError: for a currency the company does not bill in.
        """
        rates = {item.code: item.plan_rate for item in self.currencies}
        return rates[currency]


@cache
def _resource(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _exact(text: str) -> Any:  # noqa: ANN401 (a JSON document)
    return json.loads(text, parse_float=Decimal)


def parameters_schema() -> Mapping[str, Any]:
    """The JSON Schema that every set of parameters obeys."""
    schema: Mapping[str, Any] = _exact(_resource("parameters.schema.json"))
    return schema


def _plain(value: object) -> float | str:
    return float(value) if isinstance(value, Decimal) else str(value)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the values of `over`; nested objects are merged key by key."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        # Shares belong together: a new mix replaces the old one whole.
        if isinstance(old, dict) and isinstance(value, dict) and key not in _MIXES:
            result[key] = _merged(old, value)
        else:
            result[key] = value
    return result


def _check_shares(name: str, shares: Iterable[Decimal]) -> None:
    total = sum(shares, Decimal(0))
    if total != 1:
        raise ParameterError(f"{name}: the shares sum to {total}, they must sum to 1")


def _check_names(name: str, names: list[str]) -> None:
    doubles = sorted({item for item in names if names.count(item) > 1})
    if doubles:
        raise ParameterError(f"{name}: named twice: {', '.join(doubles)}")


def _check_whole(params: Parameters) -> None:
    """The rules between keys that a JSON Schema cannot say."""
    _check_shares("segments", (item.share for item in params.segments))
    _check_shares("currencies", (item.share for item in params.currencies))
    _check_shares("product_mix", params.product_mix.values())
    _check_shares("contract.terms", params.contract.terms.values())
    _check_names("segments", [item.name for item in params.segments])
    _check_names("products", [item.code for item in params.products])
    _check_names("channels", [item.name for item in params.channels])
    _check_names("currencies", [item.code for item in params.currencies])
    _check_names("product.experiments", [e.name for e in params.product.experiments])
    codes = {item.code for item in params.products}
    if set(params.product_mix) != codes:
        raise ParameterError(f"product_mix: must name {', '.join(sorted(codes))}")
    if params.start_date.day != 1:
        raise ParameterError("start_date: must be the first day of a month")
    for segment in params.segments:
        if segment.people_min > segment.people_max:
            raise ParameterError(f"segments.{segment.name}: people_min > people_max")
    _check_money(params)
    renewal = params.renewal
    if renewal.growth_share + renewal.contraction_share > 1:
        raise ParameterError("renewal: growth_share + contraction_share exceed 1")


def _check_money(params: Parameters) -> None:
    home = [item for item in params.currencies if item.code == "USD"]
    if not home or home[0].plan_rate != 1 or home[0].volatility:
        raise ParameterError("currencies: USD must be there, plan_rate 1, volatility 0")


def _check_schema(document: Mapping[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(parameters_schema())
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    if error is not None:
        place = ".".join(str(part) for part in error.absolute_path) or "parameters"
        message = re.sub(r"Decimal\('([^']*)'\)", r"\1", error.message)
        raise ParameterError(f"{place}: {message}")


def load_parameters(
    *,
    scale: str = DEFAULT_SCALE,
    seed: int | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Parameters:
    """The parameters of a scale, with changes.

    Args:
        scale: tiny (5 organisations), small (300), medium (3,000), large (30,000).
        seed: The master seed; the default one when None.
        overrides: Values that replace the defaults, in the shape of
            `parameters.schema.json`; nested objects are merged key by key, but
            `product_mix` and `contract.terms` are replaced whole.

    Raises:
        ParameterError: An unknown scale or key, a value out of range, shares that
            do not sum to 1.
    """
    if scale not in SCALES:
        raise ParameterError(f"scale: {scale!r} is none of {', '.join(SCALES)}")
    document = _merged(_exact(_resource("default_parameters.json")), SCALES[scale])
    if overrides:
        # Through JSON, so that binary fractions become the decimals they show.
        document = _merged(document, _exact(json.dumps(overrides, default=_plain)))
    if seed is not None:
        document["seed"] = seed
    _check_schema(document)
    try:
        params = msgspec.convert({"scale": scale, **document}, Parameters, strict=False)
    except msgspec.ValidationError as error:
        raise ParameterError(str(error)) from error
    _check_whole(params)
    return params
