"""What the log's events about subscriptions make of a tenant's lineages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.zuora_accounts import billing_account
from bizops_sandbox.projections.zuora_catalogue import LEGACY, SERVICES
from bizops_sandbox.projections.zuora_ids import subscription_number, zuora_id
from bizops_sandbox.projections.zuora_noise import ZuoraNoise, is_unmapped
from bizops_sandbox.projections.zuora_subscriptions import Lineage
from bizops_sandbox.projections.zuora_versions import Change, write_version

if TYPE_CHECKING:
    from datetime import date

    from bizops_sandbox.projections.zuora_state import TenantState
    from bizops_sandbox.world.events import (
        ChargeAmended,
        SubscriptionCancelled,
        SubscriptionStarted,
    )


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def start_subscription(state: TenantState, event: SubscriptionStarted) -> None:
    """A first order, or the renewal of a lineage."""
    lineage = state.lineages.get(event.lineage_key)
    if lineage is None:
        lineage, kind = _open_lineage(state, event), ""
    else:
        lineage.term_start, lineage.term_end = event.term_start, event.term_end
        lineage.current_months = _months(event.term_start, event.term_end)
        kind = "Renewal"
    state.lineage_of[event.subscription_key] = event.lineage_key
    _order(lineage, event)
    write_version(
        state,
        lineage,
        Change(
            key=event.subscription_key,
            kind=kind,
            at=event.at,
            effective_on=event.term_start,
            opportunity_key=event.opportunity_key,
        ),
    )


def _open_lineage(state: TenantState, event: SubscriptionStarted) -> Lineage:
    """A new subscription number; the first few are sold under an unknown name."""
    months = _months(event.term_start, event.term_end)
    account_key = billing_account(state, event)
    serial = len(state.lineages) + 1
    lineage = Lineage(
        key=event.lineage_key,
        number=subscription_number(serial),
        account_key=account_key,
        term_start=event.term_start,
        term_end=event.term_end,
        initial_months=months,
        current_months=months,
        plan_rate=state.params.plan_rate(state.get("Account", account_key)["Currency"]),
    )
    if is_unmapped(serial, state.params.noise.unmapped_product):
        lineage.sold_as = LEGACY
        version_id = zuora_id("Subscription", event.subscription_key)
        row = ZuoraNoise("unmapped_product", "Subscription", version_id, event.at)
        state.ledger.append(row)
    state.lineages[event.lineage_key] = lineage
    return lineage


def _order(lineage: Lineage, event: SubscriptionStarted) -> None:
    """What was ordered: seats for a term, and perhaps services once."""
    key, day = event.subscription_key, event.term_start
    lineage.segments.append(
        lineage.segment(
            key,
            product=event.product,
            seats=event.seats,
            usd_price=event.unit_price,
            span=(day, event.term_end),
        )
    )
    if event.one_time:
        lineage.one_times.append(
            lineage.segment(
                key,
                product=SERVICES,
                seats=1,
                usd_price=event.one_time,
                span=(day, day + timedelta(days=1)),
            )
        )


def amend_charge(state: TenantState, event: ChargeAmended) -> None:
    """More seats, or another product."""
    lineage = state.lineages[state.lineage_of[event.subscription_key]]
    lineage.amend(
        event.subscription_key,
        event.effective_on,
        product=event.product,
        seats=event.seats,
        usd_price=event.unit_price,
    )
    is_upgrade = event.reason == "tier_upgrade"
    write_version(
        state,
        lineage,
        Change(
            key=f"{event.subscription_key}.v{lineage.version + 1}",
            kind="NewProduct" if is_upgrade else "UpdateProduct",
            at=event.at,
            effective_on=event.effective_on,
            opportunity_key=event.opportunity_key,
            reason=event.reason,
        ),
    )


def cancel_subscription(state: TenantState, event: SubscriptionCancelled) -> None:
    """The order is given back."""
    lineage = state.lineages[state.lineage_of[event.subscription_key]]
    lineage.cancel(event.subscription_key, event.effective_on)
    write_version(
        state,
        lineage,
        Change(
            key=f"{event.subscription_key}.v{lineage.version + 1}",
            kind="Cancellation",
            at=event.at,
            effective_on=event.effective_on,
            reason=event.reason,
        ),
    )
