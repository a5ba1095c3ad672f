"""Fields and relations of invoices, payments, credits and accounting in Zuora."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_INVOICE = """
AdjustmentAmount:decimal Amount:decimal AmountCurrencyRounding:decimal
AmountHomeCurrency:decimal AmountWithoutTax:decimal
AmountWithoutTaxCurrencyRounding:decimal AmountWithoutTaxHomeCurrency:decimal
AutoPay:boolean Balance:decimal Comments:longtext
CreditBalanceAdjustmentAmount:decimal CreditMemoAmount:decimal DueDate:date
ExchangeRate:decimal ExchangeRateDate:date HomeCurrency:picklist
IncludesOneTime:boolean IncludesRecurring:boolean IncludesUsage:boolean
InvoiceDate:date InvoiceNumber LastEmailSentDate:datetime PaymentAmount:decimal
PaymentTerm:picklist PostedBy PostedDate:datetime ProviderExchangeRateDate:date
RefundAmount:decimal Reversed:boolean SequenceSetId Source:picklist SourceId
SourceType:picklist Status:picklist TargetDate:date TaxAmount:decimal
TaxExemptAmount:decimal TaxMessage TaxStatus:picklist TemplateId
TransactionCurrency:picklist TransferredToAccounting:picklist Body!:longtext
"""
_INVOICE_ITEM = """
AccountingCode AppliedToInvoiceItemId Balance:decimal BookingReference
ChargeAmount:decimal ChargeAmountCurrencyRounding:decimal
ChargeAmountHomeCurrency:decimal ChargeDate:datetime ChargeName ExchangeRate:decimal
ExchangeRateDate:date ExcludeItemBillingFromRevenueAccounting:boolean
HomeCurrency:picklist ProcessingType:integer ProviderExchangeRateDate:date
Quantity:decimal RevRecStartDate:date ServiceEndDate:date ServiceStartDate:date SKU
SourceItemType:picklist SubscriptionId TaxAmount:decimal TaxCode
TaxExemptAmount:decimal TaxMode:picklist TransactionCurrency:picklist
UnitPrice:decimal UOM
"""
_INVOICE_ITEM_ADJUSTMENT = """
AccountingCode AdjustmentDate:date AdjustmentNumber Amount:decimal CancelledById
CancelledDate:datetime Comment ReasonCode:picklist ReferenceId ServiceEndDate:date
ServiceStartDate:date SourceId SourceType:picklist Status:picklist
TransferredToAccounting:picklist Type:picklist
"""
_INVOICE_PAYMENT = """
Amount:decimal AmountCurrencyRounding:decimal AmountHomeCurrency:decimal
ExchangeRate:decimal ExchangeRateDate:date HomeCurrency:picklist InvoiceId PaymentId
ProviderExchangeRateDate:date RefundAmount:decimal TransactionCurrency:picklist
"""
_PAYMENT = """
AccountingCode Amount:decimal AmountCurrencyRounding:decimal
AmountHomeCurrency:decimal AppliedAmount:decimal
AppliedCreditBalanceAmount:decimal AuthTransactionId BankIdentificationNumber
CancelledOn:datetime Comment Currency:picklist EffectiveDate:date
ExchangeRate:decimal ExchangeRateDate:date Gateway GatewayOrderId
GatewayReconciliationReason GatewayReconciliationStatus GatewayResponse
GatewayResponseCode GatewayState:picklist HomeCurrency:picklist IsStandalone:boolean
MarkedForSubmissionOn:datetime PaymentNumber PayoutId ProviderExchangeRateDate:date
ReferenceId ReferencedPaymentId RefundAmount:decimal SecondPaymentReferenceId
SettledOn:datetime SoftDescriptor SoftDescriptorPhone Source:picklist SourceName
Status:picklist SubmittedOn:datetime TransactionCurrency:picklist
TransferredToAccounting:picklist Type:picklist UnappliedAmount:decimal
"""
_REFUND = """
AccountingCode Amount:decimal CancelledOn:datetime Comment Gateway
GatewayReconciliationReason GatewayReconciliationStatus GatewayResponse
GatewayResponseCode GatewayState:picklist MarkedForSubmissionOn:datetime
MethodType:picklist PayoutId ReasonCode:picklist ReferenceId RefundDate:date
RefundNumber RefundTransactionTime:datetime SecondRefundReferenceId SoftDescriptor
SoftDescriptorPhone SourceType:picklist Status:picklist SubmittedOn:datetime
TransferredToAccounting:picklist Type:picklist
"""
_CREDIT_BALANCE_ADJUSTMENT = """
AccountingCode AdjustmentDate:date Amount:decimal AmountCurrencyRounding:decimal
AmountHomeCurrency:decimal CancelledOn:datetime Comment ExchangeRate:decimal
ExchangeRateDate:date HomeCurrency:picklist Number ProviderExchangeRateDate:date
ReasonCode:picklist ReferenceId SourceTransactionId SourceTransactionNumber
SourceTransactionType:picklist Status:picklist TransactionCurrency:picklist
TransferredToAccounting:picklist Type:picklist
"""
_TAXATION_ITEM = """
AccountingCode Balance:decimal CreditAmount:decimal CustomerCode ExchangeRate:decimal
ExchangeRateDate:date ExemptAmount:decimal ExemptAmountCurrencyRounding:decimal
ExemptAmountHomeCurrency:decimal ExemptCertificate HomeCurrency:picklist Jurisdiction
LocationCode Name PaymentAmount:decimal ProviderExchangeRateDate:date
SellerRegistration TaxAmount:decimal TaxAmountCurrencyRounding:decimal
TaxAmountHomeCurrency:decimal TaxCode TaxCodeDescription TaxDate:date TaxDescription
TaxMode:picklist TaxRate:decimal TaxRateDescription TaxRateType:picklist TaxRuleId
TransactionCurrency:picklist
"""
_ACCOUNTING_CODE = """
Category:picklist GLAccountName GLAccountNumber Name Notes:longtext Status:picklist
Type:picklist
"""
_ACCOUNTING_PERIOD = """
EndDate:date FiscalQuarter:integer FiscalYear:integer Name Notes:longtext
StartDate:date Status:picklist
"""
_JOURNAL_ENTRY = """
AggregateCurrency:boolean HomeCurrency:picklist JournalEntryDate:date Notes:longtext
Number Segments Status:picklist TimePeriodEnd:date TimePeriodStart:date
TransactionCount:integer TransactionType:picklist TransferredToAccounting:picklist
"""
_JOURNAL_RUN = """
AggregateCurrency:boolean ExecutedOn:datetime JournalEntryDate:date Number
OrganizationLabels Status:picklist TargetEndDate:date TargetStartDate:date
TotalJournalEntryCount:integer
"""
_PAYMENT_TRANSACTION_LOG = """
~ AVSResponseCode BatchId CVVResponseCode Gateway GatewayReasonCode
GatewayReasonCodeDescription GatewayState:picklist GatewayTransactionType:picklist
PaymentId RequestString:longtext ResponseString:longtext TransactionDate:datetime
TransactionId
"""
_EXPORT = """
ConvertToCurrencies Encrypted:boolean FileId Format:picklist Name Query:ZOQL
Size:number Status:picklist StatusReason Zip:boolean
"""
_BILLING_PREVIEW_RUN = "~ Id! AssumeRenewal! RunNumber! TargetDate!:date"
_ON_ACCOUNT = """
Account BillToContact>Contact DefaultPaymentMethod>PaymentMethod
ParentAccount>Account SoldToContact>Contact
"""
_BOOKED = "AccountingPeriod JournalEntry JournalRun"
_LEDGER = f"AccountReceivableAccountingCode>AccountingCode {_BOOKED}"
_CHARGED = """
Amendment Product ProductRatePlan ProductRatePlanCharge RatePlan RatePlanCharge
Subscription
"""

# Each object: its fields besides Id and the audit fields, and its relations.
OBJECTS: Mapping[str, tuple[str, str]] = {
    "AccountingCode": (_ACCOUNTING_CODE, ""),
    "AccountingPeriod": (_ACCOUNTING_PERIOD, ""),
    "BillingPreviewRun": (_BILLING_PREVIEW_RUN, ""),
    "CreditBalanceAdjustment": (
        _CREDIT_BALANCE_ADJUSTMENT,
        f"{_ON_ACCOUNT} {_LEDGER} Invoice "
        "CustomerCashOnAccountAccountingCode>AccountingCode",
    ),
    "Export": (_EXPORT, ""),
    "Invoice": (_INVOICE, f"{_ON_ACCOUNT} InvoiceItem>InvoiceItem*"),
    "InvoiceItem": (
        _INVOICE_ITEM,
        f"{_ON_ACCOUNT} {_LEDGER} {_CHARGED} Invoice "
        "DeferredRevenueAccountingCode>AccountingCode "
        "RecognizedRevenueAccountingCode>AccountingCode",
    ),
    "InvoiceItemAdjustment": (
        _INVOICE_ITEM_ADJUSTMENT,
        f"{_ON_ACCOUNT} {_LEDGER} Invoice InvoiceItem",
    ),
    "InvoicePayment": (
        _INVOICE_PAYMENT,
        f"{_ON_ACCOUNT} {_LEDGER} CashAccountingCode>AccountingCode Invoice Payment "
        "PaymentMethod",
    ),
    "JournalEntry": (_JOURNAL_ENTRY, "AccountingPeriod JournalRun"),
    "JournalRun": (_JOURNAL_RUN, ""),
    "Payment": (_PAYMENT, f"{_ON_ACCOUNT} PaymentMethod"),
    "PaymentTransactionLog": (_PAYMENT_TRANSACTION_LOG, "Payment"),
    "Refund": (_REFUND, "PaymentMethod"),
    "RefundInvoicePayment": ("RefundAmount:decimal", "Invoice InvoicePayment Refund"),
    "TaxationItem": (
        _TAXATION_ITEM,
        f"{_ON_ACCOUNT} {_LEDGER} {_CHARGED} Invoice InvoiceItem "
        "SalesTaxPayableAccountingCode>AccountingCode",
    ),
}

_MEMO = """
Amount:decimal AmountWithoutTax:decimal AppliedAmount:decimal Balance:decimal
CancelledOn:datetime Comments:longtext Currency:picklist ExchangeRate:decimal
MemoDate:date MemoNumber PostedOn:datetime ReasonCode:picklist RefundAmount:decimal
Source:picklist SourceId SourceType:picklist Status:picklist TargetDate:date
TaxAmount:decimal UnappliedAmount:decimal
"""
_MEMO_ITEM = """
Amount:decimal AmountWithoutTax:decimal AppliedAmount:decimal ChargeDate:datetime
ChargeName ChargeNumber Description Quantity:decimal RefundAmount:decimal
ServiceEndDate:date ServiceStartDate:date SKU SourceItemType:picklist
SubscriptionId TaxAmount:decimal UnappliedAmount:decimal UnitPrice:decimal UOM
"""
_APPLICATION = "Amount:decimal ApplicationDate:date EffectiveDate:date"

# Only in tenants with Invoice Settlement.
SETTLEMENT_OBJECTS: Mapping[str, tuple[str, str]] = {
    "CreditMemo": (_MEMO, f"{_ON_ACCOUNT} Invoice"),
    "CreditMemoApplication": (_APPLICATION, "Account CreditMemo Invoice"),
    "CreditMemoItem": (_MEMO_ITEM, f"{_ON_ACCOUNT} CreditMemo Invoice InvoiceItem"),
    "CreditTaxationItem": (_TAXATION_ITEM, "Account CreditMemo CreditMemoItem"),
    "DebitMemo": (_MEMO, f"{_ON_ACCOUNT} Invoice"),
    "DebitMemoItem": (_MEMO_ITEM, f"{_ON_ACCOUNT} DebitMemo Invoice InvoiceItem"),
    "PaymentApplication": (_APPLICATION, "Account Invoice Payment"),
    "PaymentApplicationItem": (_APPLICATION, "Invoice InvoiceItem Payment"),
    "RefundApplication": (_APPLICATION, "Account CreditMemo Payment Refund"),
    "RefundApplicationItem": (_APPLICATION, "CreditMemo Refund"),
}
