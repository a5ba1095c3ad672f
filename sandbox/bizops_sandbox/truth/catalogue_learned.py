"""The metrics of collateral, costs by touch, look-alikes, and the product's growth."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bizops_sandbox.truth import (
    adoption,
    arr_effects,
    bookings,
    collateral,
    smoothing,
    touch_costs,
)
from bizops_sandbox.truth.metric import Metric, medians, ratios, stocks, sums
from bizops_sandbox.truth.path_models import shares
from bizops_sandbox.truth.periods import ALL
from bizops_sandbox.truth.stocks import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bizops_sandbox.truth.cells import Part
    from bizops_sandbox.truth.known import Known

_CRM, _USAGE = ("salesforce",), ("gitlab",)
_CRM_MODELS = ("salesforce", "models")
_CONTENT, _CONTENT_CRM = ("marketo",), ("marketo", "salesforce")
_BILLING_CRM = ("zuora", "salesforce")
_RENEWALS = ("zuora", "salesforce", "models")
_WORTH = ("salesforce", "zuora", "csv", "models")
_FEATURES = ("gitlab", "zuora", "salesforce", "csv")


def _cac_parts(known: Known, kind: str) -> Iterator[Part]:
    return touch_costs.cac_parts(known.costs, known.orders, known.origins, kind)


def _unallocated(known: Known) -> Iterator[Reading]:
    costs = known.costs
    if costs.spend:
        yield Reading(ALL, costs.unallocated + costs.unspread, costs.spend)


def _channel_shares(known: Known, model: str) -> Iterator[Reading]:
    values = known.channel_values[model]
    for channel, share in shares(values).items():
        yield Reading(ALL, share, dimension=("channel", channel))


def _ltv_smoothed(known: Known) -> Iterator[Part]:
    margin = known.books.gross_margin()
    if margin is None:
        return iter(())
    return smoothing.ltv_smoothed(
        known.orders, margin, known.look_alikes, known.look_alike_of
    )


def _feature_arr(known: Known, *, is_split: bool) -> Iterator[Part]:
    return adoption.new_feature_arr(
        known.billing, known.product, known.launches, is_split=is_split
    )


def _reconciling_item(known: Known, item: str) -> Iterator[Part]:
    return bookings.item_parts(known.reconciled, item)


def _effect(known: Known, effect: str) -> Iterator[Part]:
    return arr_effects.effect_parts(known.billing, known.first, known.ranks, effect)


_COLLATERAL = (
    Metric("collateral_uses", _CONTENT, sums(lambda k: collateral.use_parts(k.uses))),
    Metric(
        "collateral_people",
        _CONTENT,
        stocks(
            lambda k: collateral.distinct(k.uses, lambda use: use.person_key),
            latest=None,
        ),
    ),
    Metric(
        "collateral_organizations",
        _CONTENT_CRM,
        stocks(
            lambda k: collateral.distinct(k.uses, lambda use: use.customer), latest=None
        ),
    ),
    Metric(
        "collateral_influence_rate",
        _CONTENT_CRM,
        ratios(lambda k: collateral.influence_rate(k.influences)),
    ),
    Metric(
        "collateral_win_rate_with",
        _CONTENT_CRM,
        ratios(lambda k: collateral.win_rate(k.influences, is_used=True)),
    ),
    Metric(
        "collateral_win_rate_without",
        _CONTENT_CRM,
        ratios(lambda k: collateral.win_rate(k.influences, is_used=False)),
    ),
    Metric(
        "collateral_unused_share",
        _CONTENT,
        stocks(
            lambda k: collateral.unused_share(collateral.content_uses(k.uses, k.as_of)),
            latest=None,
        ),
    ),
)
_COSTS = (
    Metric("direct_cac", _CRM, ratios(partial(_cac_parts, kind="direct"))),
    Metric("loaded_cac", _CRM, ratios(partial(_cac_parts, kind="loaded"))),
    Metric(
        "growth_cost",
        _CRM,
        sums(lambda k: touch_costs.growth_parts(k.costs, k.owners, k.touches)),
    ),
    Metric("unallocated_spend_share", _CRM, stocks(_unallocated, latest=None)),
    *(
        Metric(
            f"{model}_share",
            _CRM_MODELS,
            stocks(partial(_channel_shares, model=model), latest=None),
        )
        for model in ("markov", "shapley")
    ),
)
_SMOOTHED = (
    Metric(
        "renewal_rate_smoothed",
        _RENEWALS,
        stocks(lambda k: smoothing.renewal_rate_smoothed(k.look_alikes), latest=None),
    ),
    Metric("ltv_smoothed", _WORTH, ratios(_ltv_smoothed)),
    Metric(
        "estimated_iacv_bayes",
        _CRM_MODELS,
        sums(lambda k: smoothing.estimated_iacv_bayes(k.journeys, k.as_of)),
    ),
)
_GROWTH = (
    *(
        Metric(f"arr_{name}_effect", _BILLING_CRM, sums(partial(_effect, effect=name)))
        for name in arr_effects.EFFECTS
    ),
    *(
        Metric(
            f"bookings_to_arr_{item}",
            _BILLING_CRM,
            sums(partial(_reconciling_item, item=item)),
        )
        for item in bookings.ITEMS
    ),
    Metric("new_feature_arr", _FEATURES, sums(partial(_feature_arr, is_split=True))),
    Metric(
        "new_feature_arr_influenced",
        _FEATURES,
        sums(partial(_feature_arr, is_split=False)),
    ),
    Metric(
        "adoption_step_rate",
        _USAGE,
        ratios(lambda k: adoption.step_rate(k.ladder_steps)),
    ),
    Metric(
        "adoption_step_time",
        _USAGE,
        medians(lambda k: adoption.step_times(k.ladder_steps, k.as_of)),
    ),
    Metric(
        "adoption_largest_drop",
        _USAGE,
        stocks(
            lambda k: adoption.largest_drop_readings(
                adoption.ladder(k.ladder_steps, k.as_of)
            ),
            latest=None,
        ),
    ),
)
METRICS: tuple[Metric, ...] = (*_COLLATERAL, *_COSTS, *_SMOOTHED, *_GROWTH)
