"""What a customer orders: product, seats, price, term."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from bizops_sandbox.world.draws import Draws
    from bizops_sandbox.world.parameters import Parameters, Product, Segment

_CENT = Decimal("0.01")
_ONE_TIME = (Decimal(1500), Decimal(3000), Decimal(5000), Decimal(8000))


@dataclass(frozen=True, slots=True)
class Order:
    """An order; `unit_price` is USD for one seat and year."""

    product: Product
    seats: int
    unit_price: Decimal
    term_months: int
    one_time: Decimal | None
    is_partner: bool

    @property
    def acv(self) -> Decimal:
        """The annual value."""
        return self.seats * self.unit_price

    @property
    def tcv(self) -> Decimal:
        """The value of the whole term, one-time charges included."""
        recurring = self.acv * self.term_months / 12
        return (recurring + (self.one_time or 0)).quantize(_CENT, ROUND_HALF_UP)


def launched(params: Parameters, day: date) -> list[Product]:
    """The products on sale that day, lowest tier first; never none."""
    products = sorted(params.products, key=lambda product: product.tier)
    on_sale = [product for product in products if product.launch_date <= day]
    return on_sale or products[:1]


def discounted(product: Product, params: Parameters, draws: Draws) -> Decimal:
    """The price of one seat and year after a discount."""
    discount = draws.share() * params.contract.discount_max
    price = product.price_per_seat * (1 - discount)
    return price.quantize(_CENT, ROUND_HALF_UP)


def _term_months(params: Parameters, draws: Draws) -> int:
    terms = sorted(params.contract.terms.items())
    return int(draws.weighted([t for t, _ in terms], [share for _, share in terms]))


def first_order(params: Parameters, segment: Segment, day: date, draws: Draws) -> Order:
    """What a new customer of this segment orders."""
    products = launched(params, day)
    mix = [params.product_mix[product.code] for product in products]
    product = draws.weighted(products, mix)
    seats = max(int(draws.lognormal(segment.seats_median, segment.seats_sigma)), 3)
    has_services = draws.chance(params.contract.one_time_rate)
    return Order(
        product=product,
        seats=seats,
        unit_price=discounted(product, params, draws),
        term_months=_term_months(params, draws),
        one_time=draws.pick(_ONE_TIME) if has_services else None,
        is_partner=draws.chance(params.contract.partner_share),
    )


def renewed_order(order: Order, params: Parameters, draws: Draws) -> Order:
    """What a customer renews: more, less or as many seats."""
    renewal = params.renewal
    kind = draws.weighted(
        ("growth", "contraction", "flat"),
        (
            renewal.growth_share,
            renewal.contraction_share,
            1 - renewal.growth_share - renewal.contraction_share,
        ),
    )
    factor = Decimal(1)
    if kind == "growth":
        factor = draws.factor("1.05", "1.6")
    elif kind == "contraction":
        factor = draws.factor("0.5", "0.95")
    return Order(
        product=order.product,
        seats=max(int(order.seats * factor), 1),
        unit_price=order.unit_price,
        term_months=_term_months(params, draws),
        one_time=None,
        is_partner=order.is_partner,
    )


def expanded_order(
    order: Order, params: Parameters, day: date, draws: Draws
) -> tuple[Order, str]:
    """What a customer has after an add-on, and why: `add_on` or `tier_upgrade`."""
    higher = [p for p in launched(params, day) if p.tier > order.product.tier]
    if higher and draws.chance(params.expansion.tier_upgrade_share):
        product, seats = higher[0], order.seats
        price, reason = discounted(product, params, draws), "tier_upgrade"
    else:
        growth = draws.share() * params.expansion.seat_growth_max
        product, price, reason = order.product, order.unit_price, "add_on"
        seats = order.seats + max(int(order.seats * growth), 1)
    changed = Order(
        product=product,
        seats=seats,
        unit_price=price,
        term_months=order.term_months,
        one_time=None,
        is_partner=order.is_partner,
    )
    return changed, reason
