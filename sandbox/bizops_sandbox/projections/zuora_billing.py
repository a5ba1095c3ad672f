"""Invoices, payments, credits and refunds: what the log makes of them in Zuora."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.zuora_catalogue import (
    REVENUE_RELATIONS,
    SERVICES,
    WIRE_TRANSFER,
    catalogue_relations,
    sku,
)
from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.projections.zuora_noise import (
    ZuoraNoise,
    bill_run_commit,
    duplicate_invoice_times,
)
from bizops_sandbox.projections.zuora_state import (
    SYSTEM_USER,
    VISIBLE_AT,
    touch,
)
from bizops_sandbox.projections.zuora_tenant import DELETED_AT
from bizops_sandbox.world.moments import add_months, month_start
from bizops_sandbox.world.money import billed

if TYPE_CHECKING:
    from datetime import date, datetime

    from bizops_sandbox.projections.zuora_state import Record, TenantState
    from bizops_sandbox.projections.zuora_subscriptions import Lineage, Segment
    from bizops_sandbox.world.events import InvoicePosted

_ONE_DAY = timedelta(days=1)
_DUPLICATE = "duplicate"


def _run_of(state: TenantState, day: date) -> str:
    """The number of the day's bill run."""
    if day not in state.runs:
        state.runs[day] = f"BR-{state.next_number('bill run'):08d}"
    return state.runs[day]


def post_invoice(state: TenantState, event: InvoicePosted) -> None:
    """A bill run's invoice; its items are committed when the run ends."""
    lineage = state.lineages[state.lineage_of[event.subscription_key]]
    run = _run_of(state, event.invoice_date)
    invoice = _write_invoice(state, event, lineage=lineage, run=run)
    is_late = state.is_noisy(run, "bill_run_late", state.params.noise.bill_run_late)
    committed_at = bill_run_commit(run, event.at, is_late=is_late)
    planned = _plan_items(state, event, lineage=lineage)
    for number, item in enumerate(planned, start=1):
        _write_item(
            state,
            f"{event.invoice_key}|{number}",
            event.at,
            invoice=invoice,
            values=item,
            visible_at=committed_at,
        )
    _mark_billed(lineage, event, until=planned[0]["ServiceEndDate"] + _ONE_DAY)
    settle_account(
        state,
        lineage.account_key,
        event.at,
        change=invoice["Amount"],
        last_invoice_date=event.invoice_date,
    )
    if is_late:
        row = ZuoraNoise("bill_run_late", "Invoice", invoice["Id"], event.at)
        state.ledger.append(row)
    _draft_again(state, event, invoice=invoice, items=planned)


def _write_invoice(
    state: TenantState, event: InvoicePosted, *, lineage: Lineage, run: str
) -> Record:
    amount = billed(event.amount, lineage.plan_rate)
    zero = Decimal(0)
    values: dict[str, Any] = {
        **state.account_relations(lineage.account_key),
        "AdjustmentAmount": zero,
        "Amount": amount,
        "AmountHomeCurrency": event.amount,
        "AmountWithoutTax": amount,
        "AmountWithoutTaxHomeCurrency": event.amount,
        "AutoPay": False,
        "Balance": amount,
        "CreditBalanceAdjustmentAmount": zero,
        "DueDate": event.due_date,
        "ExchangeRate": lineage.plan_rate,
        "ExchangeRateDate": event.invoice_date,
        "HomeCurrency": "USD",
        "IncludesOneTime": True,
        "IncludesRecurring": True,
        "IncludesUsage": True,
        "InvoiceDate": event.invoice_date,
        "InvoiceNumber": f"INV{state.next_number('invoice'):08d}",
        "PaymentAmount": zero,
        "PaymentTerm": "Net 30",
        "PostedBy": SYSTEM_USER,
        "PostedDate": event.at,
        "ProviderExchangeRateDate": event.invoice_date - _ONE_DAY,
        "RefundAmount": zero,
        "Reversed": False,
        "Source": "BillRun",
        "SourceId": run,
        "SourceType": "Subscription",
        "Status": "Posted",
        "TargetDate": event.invoice_date,
        "TaxAmount": zero,
        "TaxExemptAmount": zero,
        "TransactionCurrency": state.get("Account", lineage.account_key)["Currency"],
        "TransferredToAccounting": "No",
    }
    if state.has_invoice_settlement:
        values["CreditMemoAmount"] = zero
    return state.create("Invoice", event.invoice_key, event.at, values, by=SYSTEM_USER)


def _plan_items(
    state: TenantState, event: InvoicePosted, *, lineage: Lineage
) -> list[dict[str, Any]]:
    """The items' values: a year in advance, the rest of a year, one-time charges."""
    key = event.subscription_key
    own = [s for s in lineage.segments if s.subscription_key == key]
    segment = lineage.segment_on(key, event.invoice_date)
    one_time = next((s for s in lineage.one_times if s.subscription_key == key), None)
    rest, rest_usd = billed(event.amount, lineage.plan_rate), event.amount
    items = []
    is_first = state.billed_years[key] == 0
    if is_first and one_time is not None:
        rest, rest_usd = rest - one_time.annual, rest_usd - one_time.annual_usd
        items.append(
            _item_values(
                lineage, one_time, amount=one_time.annual, usd=one_time.annual_usd
            )
        )
    term = _year_span(own, state.billed_years[key])
    # Only whole years are billed at the full price of that day.
    if is_first or rest_usd == segment.annual_usd:
        state.billed_years[key] += 1
    else:
        term = (segment.start, _year_span(own, state.billed_years[key] - 1)[1])
    recurring = _item_values(lineage, segment, amount=rest, usd=rest_usd)
    recurring |= {"ServiceStartDate": term[0], "ServiceEndDate": term[1] - _ONE_DAY}
    return [recurring, *items]


def _year_span(own: list[Segment], year: int) -> tuple[date, date]:
    """Start and end (exclusive) of a year of the term."""
    start = own[0].start
    return add_months(start, 12 * year), add_months(start, 12 * (year + 1))


def _item_values(
    lineage: Lineage, segment: Segment, *, amount: Decimal, usd: Decimal
) -> dict[str, Any]:
    assert lineage.current is not None  # noqa: S101
    is_one_time = segment.product == SERVICES
    charge = _charge_of(lineage, segment)
    code = lineage.catalogue_code(segment.product)
    return {
        **catalogue_relations(code),
        **REVENUE_RELATIONS,
        "ProductRatePlanCharge.Id": zuora_id("ProductRatePlanCharge", code),
        "RatePlan.Id": charge["RatePlan.Id"],
        "RatePlanCharge.Id": charge["Id"],
        "Subscription.Id": lineage.current["Id"],
        "SubscriptionId": lineage.current["Id"],
        "AccountingCode": "Services Revenue" if is_one_time else "Subscription Revenue",
        "ChargeAmount": amount,
        "ChargeAmountHomeCurrency": usd,
        "ChargeName": charge["Name"],
        "Quantity": Decimal(segment.seats),
        "SKU": sku(code),
        "ServiceEndDate": segment.end - _ONE_DAY,
        "ServiceStartDate": segment.start,
        "UOM": charge["UOM"],
        "UnitPrice": segment.unit_price,
    }


def _charge_of(lineage: Lineage, segment: Segment) -> Record:
    """The current version's charge row of a segment."""
    product_id = zuora_id("Product", lineage.catalogue_code(segment.product))
    for charge in lineage.current_charges:
        if (
            charge["Product.Id"] == product_id
            and charge["EffectiveStartDate"] == segment.start
        ):
            return charge
    return lineage.current_charges[0]


def _write_item(
    state: TenantState,
    key: str,
    at: datetime,
    *,
    invoice: Record,
    values: dict[str, Any],
    visible_at: datetime,
) -> Record:
    relations = {name: invoice[name] for name in _ACCOUNT_KEYS}
    period = zuora_id("AccountingPeriod", month_start(at.date()).isoformat())
    item = state.create(
        "InvoiceItem",
        key,
        at,
        {
            **relations,
            **values,
            "AccountingPeriod.Id": period,
            "Invoice.Id": invoice["Id"],
            "ChargeDate": at,
            "ExchangeRate": invoice["ExchangeRate"],
            "ExchangeRateDate": at.date(),
            "HomeCurrency": "USD",
            "ProcessingType": 0,
            "TaxAmount": Decimal(0),
            "TaxExemptAmount": Decimal(0),
            "TransactionCurrency": invoice["TransactionCurrency"],
        },
        by=SYSTEM_USER,
    )
    item[VISIBLE_AT] = visible_at
    state.items_of[invoice["Id"]].append(item)
    return item


_ACCOUNT_KEYS = (
    "Account.Id",
    "BillToContact.Id",
    "ParentAccount.Id",
    "SoldToContact.Id",
)


def account_keys(record: Record) -> dict[str, Any]:
    """The relations of a record to who is billed."""
    return {name: record[name] for name in _ACCOUNT_KEYS}


def _mark_billed(lineage: Lineage, event: InvoicePosted, *, until: date) -> None:
    """The billed charges remember how far they are billed."""
    for charge in lineage.current_charges:
        start, end = charge["EffectiveStartDate"], charge["EffectiveEndDate"]
        if start < until and (end > event.invoice_date or charge["MRR"] == 0):
            through = min(end, until)
            touch(
                charge,
                event.at,
                {
                    "ChargedThroughDate": through,
                    "ProcessedThroughDate": through,
                    "IsProcessed": through == end,
                },
                by=SYSTEM_USER,
            )


def _draft_again(
    state: TenantState,
    event: InvoicePosted,
    *,
    invoice: Record,
    items: list[dict[str, Any]],
) -> None:
    """Sometimes a second run drafts the same invoice, and somebody deletes it."""
    share = state.params.noise.duplicate_invoice
    if not state.is_noisy(event.invoice_key, "duplicate_invoice", share):
        return
    created_at, deleted_at = duplicate_invoice_times(event.invoice_key, event.at)
    key = f"{event.invoice_key}|{_DUPLICATE}"
    kept = {
        name: value
        for name, value in invoice.items()
        if name not in {"Id", VISIBLE_AT, DELETED_AT}
        and not name.startswith(("Created", "Updated"))
    }
    draft = state.create(
        "Invoice",
        key,
        created_at,
        {
            **kept,
            "InvoiceNumber": f"INV{state.next_number('invoice'):08d}",
            "PostedBy": None,
            "PostedDate": None,
            "SourceId": _run_of(state, created_at.date()),
            "Status": "Draft",
        },
        by=SYSTEM_USER,
    )
    draft[DELETED_AT] = deleted_at
    state.ledger.append(
        ZuoraNoise(
            "duplicate_invoice", "Invoice", draft["Id"], created_at, invoice["Id"]
        )
    )
    for number, values in enumerate(items, start=1):
        item = _write_item(
            state,
            f"{key}|{number}",
            created_at,
            invoice=draft,
            values=values,
            visible_at=created_at,
        )
        item[DELETED_AT] = deleted_at


def settle_account(
    state: TenantState,
    key: str,
    at: datetime,
    *,
    change: Decimal,
    last_invoice_date: date | None = None,
) -> None:
    """The account's balance moves by `change`, by an invoice or a payment."""
    account = state.get("Account", key)
    balance = account["Balance"] + change
    values: dict[str, Any] = {"Balance": balance, "TotalInvoiceBalance": balance}
    if last_invoice_date is not None:
        values["LastInvoiceDate"] = last_invoice_date
    touch(account, at, values, by=SYSTEM_USER)


def wire_transfer_id() -> str:
    """The payment method of every payment."""
    return zuora_id("PaymentMethod", WIRE_TRANSFER)
