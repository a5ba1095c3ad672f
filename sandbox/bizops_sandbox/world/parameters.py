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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A size class of organisations and how they buy."""

    name: str
    share: Decimal
    seats_median: Decimal
    seats_sigma: Decimal
    win_probability: Decimal
    cycle_days_median: Decimal
    cycle_days_sigma: Decimal
    churn_a: int
    churn_b: int
    people_min: int
    people_max: int


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product; `price_per_seat` is in USD a year."""

    code: str
    tier: int
    price_per_seat: Decimal
    launch_date: date


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A marketing channel: what it costs and what it truly does."""

    name: str
    kind: str
    monthly_budget_usd: Decimal
    hazard_multiplier: Decimal
    is_program: bool
    cpm: Decimal | None = None
    ctr: Decimal | None = None
    lead_rate: Decimal | None = None
    leads_per_1000_usd: Decimal | None = None

    def leads_per_usd(self) -> Decimal:
        """Leads that one dollar brings on average."""
        if self.cpm is not None and self.ctr is not None and self.lead_rate is not None:
            return self.ctr * self.lead_rate * 1000 / self.cpm
        return (self.leads_per_1000_usd or Decimal(0)) / 1000


class Touches(msgspec.Struct, frozen=True, kw_only=True):
    """How often people respond to campaigns after their first response."""

    mean: Decimal
    k: int
    gap_days: Decimal
    response_rate: Decimal


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """How people and organisations come in and go on."""

    organic_share: Decimal
    outbound_share: Decimal
    parent_share: Decimal
    mql_rate: Decimal
    import_delay_share: Decimal
    opt_out_rate: Decimal
    second_attempt_rate: Decimal
    activities_mean: Decimal


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of orders; `terms` maps months to shares."""

    terms: dict[str, Decimal]
    discount_max: Decimal
    partner_share: Decimal
    refund_rate: Decimal
    early_renewal_rate: Decimal
    late_renewal_days: int
    one_time_rate: Decimal


class Expansion(msgspec.Struct, frozen=True, kw_only=True):
    """How customers grow within a term."""

    monthly_rate: Decimal
    seat_growth_max: Decimal
    tier_upgrade_share: Decimal
    win_probability: Decimal


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """How renewed orders change."""

    growth_share: Decimal
    contraction_share: Decimal


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """How instances report."""

    ping_opt_in: Decimal
    ping_interval_days: int
    missing_ping_rate: Decimal
    reset_rate: Decimal


class Sales(msgspec.Struct, frozen=True, kw_only=True):
    """How the sales team works, mistakes included."""

    reps: int
    stage_skip_rate: Decimal
    reopen_rate: Decimal
    push_rate: Decimal
    duplicate_rate: Decimal
    unqualified_rate: Decimal
    unrecorded_acceptance_rate: Decimal
    early_acceptance_rate: Decimal
    backdated_close_rate: Decimal


class Finance(msgspec.Struct, frozen=True, kw_only=True):
    """How customers pay."""

    payment_terms_days: int
    late_payment_mean_days: Decimal
    unpaid_rate: Decimal


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """How the records differ from the truth."""

    lead_dup: Decimal
    merge: Decimal
    free_mail: Decimal
    soft_delete: Decimal
    email_case: Decimal
    null_custom_iacv: Decimal
    stale_merge_reference: Decimal
    same_event_in_2_systems: Decimal
    purge: Decimal
    late: Decimal
    late_seconds_max: int


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides the sample company."""

    scale: str
    seed: int
    start_date: date
    months: int
    organizations: int
    fiscal_year_start_month: int
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
    noise: Noise

    @property
    def as_of(self) -> date:
        """The last day of the window."""
        return add_months(self.start_date, self.months) - timedelta(days=1)

    @property
    def size_factor(self) -> Decimal:
        """How much larger than the 300 organisations the budgets are made for."""
        return Decimal(self.organizations) / 300


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
    _check_shares("product_mix", params.product_mix.values())
    _check_shares("contract.terms", params.contract.terms.values())
    _check_names("segments", [item.name for item in params.segments])
    _check_names("products", [item.code for item in params.products])
    _check_names("channels", [item.name for item in params.channels])
    codes = {item.code for item in params.products}
    if set(params.product_mix) != codes:
        raise ParameterError(f"product_mix: must name {', '.join(sorted(codes))}")
    if params.start_date.day != 1:
        raise ParameterError("start_date: must be the first day of a month")
    for segment in params.segments:
        if segment.people_min > segment.people_max:
            raise ParameterError(f"segments.{segment.name}: people_min > people_max")
    renewal = params.renewal
    if renewal.growth_share + renewal.contraction_share > 1:
        raise ParameterError("renewal: growth_share + contraction_share exceed 1")


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
