"""Writing a lineage's next version: subscription, rate plans, charges, amendment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.projections.zuora_catalogue import (
    REVENUE_RELATIONS,
    catalogue_relations,
    charge_terms,
    plan_name,
)
from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.projections.zuora_state import touch
from bizops_sandbox.world.moments import add_months

if TYPE_CHECKING:
    from datetime import date, datetime

    from bizops_sandbox.projections.zuora_state import Record, TenantState
    from bizops_sandbox.projections.zuora_subscriptions import (
        ChargeLine,
        Lineage,
        Segment,
    )

_NINE_PLACES = Decimal("1e-9")
_CENT = Decimal("0.01")
_QUOTE_TYPES = {
    "NewProduct": "Amend Subscription",
    "UpdateProduct": "Amend Subscription",
    "Renewal": "Renew Subscription",
    "Cancellation": "Cancel Subscription",
    "": "New Subscription",
}


@dataclass(frozen=True, slots=True)
class Change:
    """Why there is a new version.

    `kind` is the amendment's type, empty for the first version. `key` is the version's
    key in the log; `opportunity_key` that of the order, if there is one.
    """

    key: str
    kind: str
    at: datetime
    effective_on: date
    opportunity_key: str | None = None
    reason: str = ""


def monthly(annual: Decimal) -> Decimal:
    """A twelfth, as exact as Zuora keeps it."""
    return _plain((annual / 12).quantize(_NINE_PLACES, ROUND_HALF_UP))


def total_value(segment: Segment, annual: Decimal) -> Decimal:
    """What a year's value is worth from the segment's start to its end.

    Whole months count a twelfth each, the days of the last one their share of it.
    """
    months = 0
    while add_months(segment.start, months + 1) <= segment.end:
        months += 1
    reached = add_months(segment.start, months)
    month_days = (add_months(segment.start, months + 1) - reached).days
    share = Decimal((segment.end - reached).days) / month_days
    value = annual * (months + share) / 12
    return _plain(value.quantize(_CENT, ROUND_HALF_UP))


def write_version(state: TenantState, lineage: Lineage, change: Change) -> None:
    """The next version of a lineage, as its segments and terms now are."""
    previous, lineage.version = lineage.current, lineage.version + 1
    if previous is not None:
        touch(previous, change.at, {"Status": "Expired", "IsLatestVersion": False})
    amendment_id = None
    if previous is not None:
        amendment_id = _write_amendment(state, lineage, change, previous)
    lineage.current = _write_subscription(
        state, lineage, change, previous=previous, amendment_id=amendment_id
    )
    lineage.current_charges = []
    for line in lineage.lines():
        _write_line(state, lineage, change, line)
    _write_order(state, lineage, change)


def _write_amendment(
    state: TenantState, lineage: Lineage, change: Change, previous: Record
) -> str:
    values: dict[str, Any] = {
        "BookingDate": change.at.date(),
        "Code": f"A-AM{state.next_number('amendment'):08d}",
        "ContractEffectiveDate": change.effective_on,
        "CurrentTermPeriodType": "Month",
        "CustomerAcceptanceDate": change.effective_on,
        "Description": change.reason or None,
        "EffectiveDate": change.effective_on,
        "Name": f"{change.kind} of {lineage.number}",
        "RenewalTermPeriodType": "Month",
        "ServiceActivationDate": change.effective_on,
        "Status": "Completed",
        "SubscriptionId": previous["Id"],
        "Subscription.Id": previous["Id"],
        "Type": change.kind,
    }
    if change.kind == "Renewal":
        values |= {
            "AutoRenew": False,
            "CurrentTerm": lineage.current_months,
            "RenewalSetting": "RENEW_WITH_SPECIFIC_TERM",
            "RenewalTerm": lineage.current_months,
            "TermStartDate": lineage.term_start,
            "TermType": "TERMED",
        }
    return str(state.create("Amendment", change.key, change.at, values)["Id"])


def _quote(state: TenantState, change: Change) -> dict[str, Any]:
    """What the quoting tool writes into the subscription."""
    if change.opportunity_key is None:
        return {}
    deal = state.deals[change.opportunity_key]
    return {
        "OpportunityCloseDate__QT": deal.close_date,
        "OpportunityId__c": salesforce_id("Opportunity", change.opportunity_key),
        "OpportunityName__QT": deal.name,
        "QuoteBusinessType__QT": change.kind or "New",
        "QuoteNumber__QT": f"Q-{state.next_number('quote'):08d}",
        "QuoteType__QT": _QUOTE_TYPES.get(change.kind, "Amend Subscription"),
    }


def _terms(state: TenantState, lineage: Lineage) -> dict[str, Any]:
    """Who pays, and for how long."""
    account_id = state.get("Account", lineage.account_key)["Id"]
    first_start = min(segment.start for segment in lineage.segments)
    return {
        "AutoRenew": False,
        "ContractAcceptanceDate": first_start,
        "CreatorAccountId": account_id,
        "CreatorInvoiceOwnerId": account_id,
        "CurrentTerm": lineage.current_months,
        "CurrentTermPeriodType": "Month",
        "InitialTerm": lineage.initial_months,
        "InitialTermPeriodType": "Month",
        "InvoiceOwnerId": account_id,
        "IsInvoiceSeparate": False,
        "Name": lineage.number,
        "RenewalSetting": "RENEW_WITH_SPECIFIC_TERM",
        "RenewalTerm": lineage.current_months,
        "RenewalTermPeriodType": "Month",
        "ServiceActivationDate": first_start,
        "SubscriptionEndDate": lineage.term_end,
        "SubscriptionStartDate": first_start,
        "TermEndDate": lineage.term_end,
        "TermStartDate": lineage.term_start,
        "TermType": "TERMED",
    }


def _write_subscription(
    state: TenantState,
    lineage: Lineage,
    change: Change,
    *,
    previous: Record | None,
    amendment_id: str | None,
) -> Record:
    values: dict[str, Any] = {
        **state.account_relations(lineage.account_key),
        **_terms(state, lineage),
        "SubscriptionVersionAmendment.Id": amendment_id,
        "ContractEffectiveDate": change.at.date(),
        "IsLatestVersion": True,
        "LastBookingDate": change.at.date(),
        "OriginalCreatedDate": change.at,
        "OriginalId": zuora_id("Subscription", change.key),
        "Status": "Active",
        "Version": lineage.version,
    }
    if previous is not None:
        kept = ("ContractEffectiveDate", "OriginalCreatedDate", "OriginalId")
        quoted = [name for name in previous if name.endswith(("__QT", "__c"))]
        values |= {name: previous[name] for name in [*kept, *quoted]}
        values["PreviousSubscriptionId"] = previous["Id"]
    if lineage.cancelled_on is not None:
        values |= {
            "CancelReason": change.reason or None,
            "CancelledDate": lineage.cancelled_on,
            "Status": "Cancelled",
        }
    values |= _quote(state, change)
    return state.create("Subscription", change.key, change.at, values)


def _write_line(
    state: TenantState, lineage: Lineage, change: Change, line: ChargeLine
) -> None:
    assert lineage.current is not None  # noqa: S101
    key = f"{change.key}|{line.key}"
    plan_id = zuora_id("RatePlan", key)
    is_new = line.key not in lineage.plan_originals
    account_id = state.get("Account", lineage.account_key)["Id"]
    links = {
        **state.account_relations(lineage.account_key),
        **catalogue_relations(lineage.catalogue_code(line.product)),
        "Subscription.Id": lineage.current["Id"],
    }
    values = {
        **links,
        "SubscriptionVersionAmendment.Id": lineage.current[
            "SubscriptionVersionAmendment.Id"
        ],
        "AmendmentType": "NewProduct" if is_new and change.kind else None,
        "InvoiceOwnerId": account_id,
        "Name": plan_name(lineage.catalogue_code(line.product)),
        "OriginalRatePlanId": lineage.plan_originals.setdefault(line.key, plan_id),
        "SubscriptionOwnerId": account_id,
    }
    state.create("RatePlan", key, change.at, values)
    _write_segments(
        state, lineage, change, line=line, links={**links, "RatePlan.Id": plan_id}
    )


def _revision(lineage: Lineage, line: ChargeLine) -> int:
    """How often the charge was changed by an order, from 1."""
    number, before = lineage.revisions.get(line.key, (0, ()))
    if before != line.segments:
        number += 1
        lineage.revisions[line.key] = (number, line.segments)
    return number


def _write_segments(
    state: TenantState,
    lineage: Lineage,
    change: Change,
    *,
    line: ChargeLine,
    links: dict[str, Any],
) -> None:
    if line.key not in lineage.charge_numbers:
        lineage.charge_numbers[line.key] = f"C-{state.next_number('charge'):08d}"
    revision, before = _revision(lineage, line), _NOTHING
    for number, segment in enumerate(line.segments, start=1):
        key = f"{change.key}|{line.key}|{number}"
        charge_id = zuora_id("RatePlanCharge", key)
        worth = _worth(segment, is_one_time=line.is_one_time)
        values = {
            **charge_terms(line.product),
            **links,
            **REVENUE_RELATIONS,
            **_worth_values(worth, before),
            **_exchange(state, lineage, segment.start),
            "ProductRatePlanCharge.Id": zuora_id(
                "ProductRatePlanCharge", lineage.catalogue_code(line.product)
            ),
            "ChargeNumber": lineage.charge_numbers[line.key],
            "EffectiveEndDate": segment.end,
            "EffectiveStartDate": segment.start,
            "IsLastSegment": number == len(line.segments),
            "IsProcessed": False,
            "InvoiceOwnerId": links["Account.Id"],
            "OriginalId": lineage.originals.setdefault(
                f"{line.key}|{number}", charge_id
            ),
            "OriginalOrderDate": change.at.date(),
            "PaymentTermSnapshot": "Net 30",
            "Quantity": None if line.is_one_time else Decimal(segment.seats),
            "Segment": number,
            "SubscriptionOwnerId": links["Account.Id"],
            "Version": revision,
        }
        charge = state.create("RatePlanCharge", key, change.at, values)
        lineage.current_charges.append(charge)
        _write_tier(state, key, change.at, charge=charge, segment=segment)
        before = worth


@dataclass(frozen=True, slots=True)
class _Worth:
    """A segment's value a month and in all, in its currency and in USD."""

    mrr: Decimal
    mrr_usd: Decimal
    tcv: Decimal
    tcv_usd: Decimal


_NOTHING = _Worth(Decimal(0), Decimal(0), Decimal(0), Decimal(0))


def _worth(segment: Segment, *, is_one_time: bool) -> _Worth:
    if is_one_time:
        return _Worth(Decimal(0), Decimal(0), segment.annual, segment.annual_usd)
    return _Worth(
        monthly(segment.annual),
        monthly(segment.annual_usd),
        total_value(segment, segment.annual),
        total_value(segment, segment.annual_usd),
    )


def _worth_values(worth: _Worth, before: _Worth) -> dict[str, Any]:
    """The value fields; DMRC and DTCV are what the segment changes."""
    return {
        "DMRC": worth.mrr - before.mrr,
        "DMRCHomeCurrency": worth.mrr_usd - before.mrr_usd,
        "DTCV": worth.tcv,
        "DTCVHomeCurrency": worth.tcv_usd,
        "MRR": worth.mrr,
        "MRRHomeCurrency": worth.mrr_usd,
        "TCV": worth.tcv,
        "TCVHomeCurrency": worth.tcv_usd,
    }


def _exchange(state: TenantState, lineage: Lineage, day: date) -> dict[str, Any]:
    return {
        "ExchangeRate": lineage.plan_rate,
        "ExchangeRateDate": day,
        "HomeCurrency": "USD",
        "ProviderExchangeRateDate": day - timedelta(days=1),
        "TransactionCurrency": state.get("Account", lineage.account_key)["Currency"],
    }


def _write_tier(
    state: TenantState, key: str, at: datetime, *, charge: Record, segment: Segment
) -> None:
    is_one_time = charge["ChargeType"] == "OneTime"
    values = {
        "Account.Id": charge["Account.Id"],
        "RatePlan.Id": charge["RatePlan.Id"],
        "RatePlanCharge.Id": charge["Id"],
        "Subscription.Id": charge["Subscription.Id"],
        "IsOveragePrice": False,
        "Price": segment.unit_price,
        "PriceFormat": "Flat Fee" if is_one_time else "Per Unit",
        "StartingUnit": Decimal(0),
        "Tier": 1,
    }
    state.create("RatePlanChargeTier", key, at, values)


def _write_order(state: TenantState, lineage: Lineage, change: Change) -> None:
    assert lineage.current is not None  # noqa: S101
    relations = state.account_relations(lineage.account_key)
    order = state.create(
        "Order",
        change.key,
        change.at,
        {
            **relations,
            "Category": "NewSales",
            "CreatedByMigration": False,
            "OrderDate": change.at.date(),
            "OrderNumber": f"O-{state.next_number('order'):08d}",
            "State": "Complete",
            "Status": "Completed",
        },
    )
    action = {
        "Account.Id": relations["Account.Id"],
        "Order.Id": order["Id"],
        "Subscription.Id": lineage.current["Id"],
        "ContractEffectiveDate": change.effective_on,
        "Sequence": 0,
        "ServiceActivationDate": change.effective_on,
        "SubscriptionVersion": lineage.version,
        "Type": change.kind or "CreateSubscription",
    }
    state.create("OrderAction", change.key, change.at, action)


def _plain(value: Decimal) -> Decimal:
    """The number without zeros at its end, and without an exponent."""
    normal = value.normalize()
    return normal.quantize(Decimal(1)) if normal == normal.to_integral() else normal
