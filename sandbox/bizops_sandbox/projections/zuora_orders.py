"""What the log's events about subscriptions make of a tenant's lineages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.zuora_accounts import billing_account
from bizops_sandbox.projections.zuora_catalogue import SERVICES
from bizops_sandbox.projections.zuora_ids import subscription_number
from bizops_sandbox.projections.zuora_subscriptions import Lineage, Segment
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
    months = _months(event.term_start, event.term_end)
    lineage = state.lineages.get(event.lineage_key)
    if lineage is None:
        lineage = Lineage(
            key=event.lineage_key,
            number=subscription_number(len(state.lineages) + 1),
            account_key=billing_account(state, event),
            term_start=event.term_start,
            term_end=event.term_end,
            initial_months=months,
            current_months=months,
        )
        state.lineages[event.lineage_key] = lineage
        kind = ""
    else:
        lineage.term_start, lineage.term_end = event.term_start, event.term_end
        lineage.current_months = months
        kind = "Renewal"
    state.lineage_of[event.subscription_key] = event.lineage_key
    lineage.segments.append(
        Segment(
            event.subscription_key,
            event.product,
            event.seats,
            event.unit_price,
            event.term_start,
            event.term_end,
        )
    )
    if event.one_time:
        day = event.term_start
        lineage.one_times.append(
            Segment(
                event.subscription_key,
                SERVICES,
                1,
                event.one_time,
                day,
                day + timedelta(days=1),
            )
        )
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


def amend_charge(state: TenantState, event: ChargeAmended) -> None:
    """More seats, or another product."""
    lineage = state.lineages[state.lineage_of[event.subscription_key]]
    lineage.amend(
        event.subscription_key,
        event.effective_on,
        product=event.product,
        seats=event.seats,
        unit_price=event.unit_price,
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
