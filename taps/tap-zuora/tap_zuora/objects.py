"""What is known of Zuora's objects beyond what describe tells. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Streams of tenants with Invoice Settlement only.
SETTLEMENT_STREAMS = (
    "CreditMemo",
    "CreditMemoItem",
    "DebitMemo",
    "DebitMemoItem",
    "PaymentApplication",
    "PaymentApplicationItem",
    "RefundApplication",
)
#: Streams that are on unless a catalog says otherwise, where describe lists them.
DEFAULT_STREAMS = (
    "Account",
    "Contact",
    "Subscription",
    "RatePlan",
    "RatePlanCharge",
    "RatePlanChargeTier",
    "Amendment",
    "Product",
    "ProductRatePlan",
    "ProductRatePlanCharge",
    "ProductRatePlanChargeTier",
    "Invoice",
    "InvoiceItem",
    "InvoiceItemAdjustment",
    "InvoicePayment",
    "Payment",
    "Refund",
    "RefundInvoicePayment",
    "CreditBalanceAdjustment",
    *SETTLEMENT_STREAMS,
    "TaxationItem",
)
#: Streams worth naming that are off by default; so is every other object.
OPTIONAL_STREAMS = (
    "Order",
    "OrderAction",
    "OrderItem",
    "Usage",
    "PaymentMethod",
    "AccountingCode",
    "JournalEntry",
)
#: Objects whose queries refuse a ``deleted`` section (AQuA's documentation).
WITHOUT_DELETION = frozenset(
    {
        "AccountingCode",
        "AccountingPeriod",
        "BookingTransaction",
        "CalloutHistory",
        "ContactSnapshot",
        "DiscountAppliedMetrics",
        "EmailHistory",
        "HpmCaptchaValidationResult",
        "PaymentGatewayReconciliationEventLog",
        "PaymentMethodTransactionLog",
        "PaymentReconciliationJob",
        "PaymentReconciliationLog",
        "PaymentTransactionLog",
        "ProcessedUsage",
        "RefundTransactionLog",
        "SmartPreventionAudit",
        "UpdaterBatch",
        "UpdaterDetail",
    }
)
#: Billing runs commit rows hours to days after the moment they are stamped with.
LATE_LOOKBACK_DAYS: Mapping[str, int] = {
    "InvoiceItem": 14,
    "InvoiceItemAdjustment": 14,
    "TaxationItem": 14,
    "CreditTaxationItem": 14,
    "DebitMemoItem": 14,
    "PaymentApplicationItem": 14,
    "RefundApplicationItem": 14,
    "CreditMemoItem": 90,
}
#: Replication keys in the order they are preferred.
REPLICATION_KEYS = ("UpdatedDate", "TransactionDate", "UpdatedOn")
#: Fields that tell how to reach a person, deselected unless a catalog says otherwise.
PERSONAL_FIELDS: Mapping[str, frozenset[str]] = {
    "Contact": frozenset(
        {
            "Address1",
            "Address2",
            "Fax",
            "HomePhone",
            "MobilePhone",
            "OtherPhone",
            "PersonalEmail",
            "WorkEmail",
            "WorkPhone",
        }
    )
}
