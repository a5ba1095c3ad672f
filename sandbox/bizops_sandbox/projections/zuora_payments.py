"""Money that comes and goes: payments, refunds, and credits for what is not paid."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.zuora_billing import (
    account_keys,
    settle_account,
    wire_transfer_id,
)
from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.projections.zuora_state import SYSTEM_USER, touch
from bizops_sandbox.world.moments import month_start

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.projections.zuora_state import Record, TenantState
    from bizops_sandbox.world.events import (
        CreditIssued,
        PaymentReceived,
        PaymentRefunded,
    )


def receive_payment(state: TenantState, event: PaymentReceived) -> None:
    """The customer pays; the payment is applied to its invoice."""
    invoice = state.get("Invoice", event.invoice_key)
    amount = state.native(invoice["Account.Id"], event.amount)
    values = {
        **account_keys(invoice),
        **_exchange(invoice, event.at),
        "PaymentMethod.Id": wire_transfer_id(),
        "AccountingCode": "Bank",
        "Amount": amount,
        "AmountHomeCurrency": event.amount,
        "AppliedAmount": amount,
        "AppliedCreditBalanceAmount": Decimal(0),
        "Currency": invoice["TransactionCurrency"],
        "EffectiveDate": event.at.date(),
        "GatewayState": "NotSubmitted",
        "IsStandalone": False,
        "PaymentNumber": f"P-{state.next_number('payment'):08d}",
        "RefundAmount": Decimal(0),
        "Source": "Manually",
        "Status": "Processed",
        "TransferredToAccounting": "No",
        "Type": "External",
        "UnappliedAmount": Decimal(0),
    }
    payment = state.create("Payment", event.payment_key, event.at, values)
    _apply_payment(state, event, payment=payment, invoice=invoice)
    paid = invoice["PaymentAmount"] + amount
    _change_invoice(state, invoice, event.at, {"PaymentAmount": paid})


def _apply_payment(
    state: TenantState, event: PaymentReceived, *, payment: Record, invoice: Record
) -> None:
    day = event.at.date()
    if state.has_invoice_settlement:
        values: dict[str, Any] = {
            "Account.Id": invoice["Account.Id"],
            "Invoice.Id": invoice["Id"],
            "Payment.Id": payment["Id"],
            "Amount": payment["Amount"],
            "ApplicationDate": day,
            "EffectiveDate": day,
        }
        state.create("PaymentApplication", event.payment_key, event.at, values)
        return
    values = {
        **account_keys(invoice),
        **_exchange(invoice, event.at),
        **_ledger(event.at),
        "CashAccountingCode.Id": zuora_id("AccountingCode", "Bank"),
        "Invoice.Id": invoice["Id"],
        "InvoiceId": invoice["Id"],
        "Payment.Id": payment["Id"],
        "PaymentId": payment["Id"],
        "PaymentMethod.Id": payment["PaymentMethod.Id"],
        "Amount": payment["Amount"],
        "AmountHomeCurrency": event.amount,
        "RefundAmount": Decimal(0),
    }
    state.create("InvoicePayment", event.payment_key, event.at, values)


def issue_credit(state: TenantState, event: CreditIssued) -> None:
    """An invoice, or its rest, is cancelled."""
    invoice = state.get("Invoice", event.invoice_key)
    _credit(
        state,
        event.credit_key,
        event.at,
        invoice=invoice,
        amount=state.native(invoice["Account.Id"], event.amount),
        reason="Order given back",
    )


def refund_payment(state: TenantState, event: PaymentRefunded) -> None:
    """Money goes back.

    The refund opens the invoice again, which is then credited, so that nothing is
    owed by anybody.
    """
    payment = state.get("Payment", event.payment_key)
    amount = state.native(payment["Account.Id"], event.amount)
    values = {
        "PaymentMethod.Id": payment["PaymentMethod.Id"],
        "AccountingCode": "Bank",
        "Amount": amount,
        "GatewayState": "NotSubmitted",
        "MethodType": "WireTransfer",
        "ReasonCode": "Standard Refund",
        "RefundDate": event.at.date(),
        "RefundNumber": f"R-{state.next_number('refund'):08d}",
        "RefundTransactionTime": event.at,
        "SourceType": "Payment",
        "Status": "Processed",
        "TransferredToAccounting": "No",
        "Type": "External",
    }
    refund = state.create("Refund", event.refund_key, event.at, values)
    touch(
        payment,
        event.at,
        {"RefundAmount": payment["RefundAmount"] + amount},
    )
    invoice = _apply_refund(state, event, refund=refund, payment=payment)
    returned = invoice["RefundAmount"] + amount
    _change_invoice(state, invoice, event.at, {"RefundAmount": returned})
    _credit(
        state,
        f"{event.refund_key}|credit",
        event.at,
        invoice=invoice,
        amount=amount,
        reason="Refund",
    )


def _apply_refund(
    state: TenantState, event: PaymentRefunded, *, refund: Record, payment: Record
) -> Record:
    """Tie the refund to its payment; returns the invoice that was paid."""
    kind = "PaymentApplication" if state.has_invoice_settlement else "InvoicePayment"
    part = state.get(kind, event.payment_key)
    if state.has_invoice_settlement:
        day = event.at.date()
        values: dict[str, Any] = {
            "Account.Id": part["Account.Id"],
            "Payment.Id": payment["Id"],
            "Refund.Id": refund["Id"],
            "Amount": refund["Amount"],
            "ApplicationDate": day,
            "EffectiveDate": day,
        }
        state.create("RefundApplication", event.refund_key, event.at, values)
    else:
        touch(part, event.at, {"RefundAmount": part["RefundAmount"] + refund["Amount"]})
        values = {
            "Invoice.Id": part["Invoice.Id"],
            "InvoicePayment.Id": part["Id"],
            "Refund.Id": refund["Id"],
            "RefundAmount": refund["Amount"],
        }
        state.create("RefundInvoicePayment", event.refund_key, event.at, values)
    return state.by_id("Invoice", part["Invoice.Id"])


def _credit(
    state: TenantState,
    key: str,
    at: datetime,
    *,
    invoice: Record,
    amount: Decimal,
    reason: str,
) -> None:
    if state.has_invoice_settlement:
        _write_memo(state, key, at, invoice=invoice, amount=amount, reason=reason)
        credited = invoice["CreditMemoAmount"] + amount
        _change_invoice(state, invoice, at, {"CreditMemoAmount": credited})
        return
    _adjust_items(state, key, at, invoice=invoice, amount=amount, reason=reason)
    adjusted = invoice["AdjustmentAmount"] - amount
    _change_invoice(state, invoice, at, {"AdjustmentAmount": adjusted})


def _adjust_items(
    state: TenantState,
    key: str,
    at: datetime,
    *,
    invoice: Record,
    amount: Decimal,
    reason: str,
) -> None:
    """One adjustment an item, until the amount is reached."""
    rest = amount
    for number, item in enumerate(state.items_of[invoice["Id"]], start=1):
        part = min(rest, item["ChargeAmount"])
        if part <= 0:
            continue
        rest -= part
        values = {
            **account_keys(invoice),
            **_ledger(at),
            "Invoice.Id": invoice["Id"],
            "InvoiceItem.Id": item["Id"],
            "AccountingCode": item["AccountingCode"],
            "AdjustmentDate": at.date(),
            "AdjustmentNumber": f"IIA-{state.next_number('adjustment'):08d}",
            "Amount": part,
            "Comment": reason,
            "ReasonCode": "Write-off",
            "ServiceEndDate": item["ServiceEndDate"],
            "ServiceStartDate": item["ServiceStartDate"],
            "SourceId": item["Id"],
            "SourceType": "InvoiceDetail",
            "Status": "Processed",
            "TransferredToAccounting": "No",
            "Type": "Credit",
        }
        state.create("InvoiceItemAdjustment", f"{key}|{number}", at, values)


def _write_memo(
    state: TenantState,
    key: str,
    at: datetime,
    *,
    invoice: Record,
    amount: Decimal,
    reason: str,
) -> None:
    """A credit memo, its item, and its application to the invoice."""
    zero, day = Decimal(0), at.date()
    common = {
        **account_keys(invoice),
        "Amount": amount,
        "AmountWithoutTax": amount,
        "AppliedAmount": amount,
        "Invoice.Id": invoice["Id"],
        "RefundAmount": zero,
        "TaxAmount": zero,
        "UnappliedAmount": zero,
    }
    memo = {
        **common,
        "Balance": zero,
        "Comments": reason,
        "Currency": invoice["TransactionCurrency"],
        "ExchangeRate": invoice["ExchangeRate"],
        "MemoDate": day,
        "MemoNumber": f"CM{state.next_number('credit memo'):08d}",
        "PostedOn": at,
        "ReasonCode": "Write-off",
        "Source": "AdhocFromInvoice",
        "SourceId": invoice["Id"],
        "SourceType": "Invoice",
        "Status": "Posted",
        "TargetDate": day,
    }
    memo_id = state.create("CreditMemo", key, at, memo)["Id"]
    item = {
        **common,
        "CreditMemo.Id": memo_id,
        "ChargeDate": at,
        "ChargeName": "Annual Seat Fee",
        "Description": reason,
        "SourceItemType": "InvoiceDetail",
    }
    state.create("CreditMemoItem", key, at, item)
    _apply_memo(state, key, at, memo_id=memo_id, invoice=invoice, amount=amount)


def _apply_memo(
    state: TenantState,
    key: str,
    at: datetime,
    *,
    memo_id: str,
    invoice: Record,
    amount: Decimal,
) -> None:
    values = {
        "Account.Id": invoice["Account.Id"],
        "CreditMemo.Id": memo_id,
        "Invoice.Id": invoice["Id"],
        "Amount": amount,
        "ApplicationDate": at.date(),
        "EffectiveDate": at.date(),
    }
    state.create("CreditMemoApplication", key, at, values)


def _exchange(invoice: Record, at: datetime) -> dict[str, Any]:
    return {
        "ExchangeRate": invoice["ExchangeRate"],
        "ExchangeRateDate": at.date(),
        "HomeCurrency": "USD",
        "TransactionCurrency": invoice["TransactionCurrency"],
    }


def _ledger(at: datetime) -> dict[str, str]:
    return {
        "AccountReceivableAccountingCode.Id": zuora_id(
            "AccountingCode", "Accounts Receivable"
        ),
        "AccountingPeriod.Id": zuora_id(
            "AccountingPeriod", month_start(at.date()).isoformat()
        ),
    }


def _change_invoice(
    state: TenantState, invoice: Record, at: datetime, values: dict[str, Any]
) -> None:
    """New amounts make a new balance, of the invoice and of its account."""
    before = invoice["Balance"]
    touch(invoice, at, values, by=SYSTEM_USER)
    invoice["Balance"] = (
        invoice["Amount"]
        - invoice["PaymentAmount"]
        + invoice["RefundAmount"]
        + invoice["AdjustmentAmount"]
        - (invoice["CreditMemoAmount"] or 0)
    )
    account_key = state.key_of(invoice["Account.Id"])
    settle_account(state, account_key, at, change=invoice["Balance"] - before)
