"""Fields and relations of accounts, the catalogue and subscriptions in Zuora."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACCOUNT = """
AccountNumber AdditionalEmailAddresses AllowInvoiceEdit:boolean AutoPay:boolean
Balance:decimal Batch:picklist BcdSettingOption:picklist BillCycleDay:integer BillToId
CommunicationProfileId CreditBalance:decimal CrmId Currency:picklist
CustomerServiceRepName DefaultPaymentMethodId InvoiceDeliveryPrefsEmail:boolean
InvoiceDeliveryPrefsPrint:boolean InvoiceTemplateId LastInvoiceDate:date Mrr:decimal
Name Notes:longtext ParentId PaymentGateway:picklist PaymentTerm:picklist
PurchaseOrderNumber SalesRepName SequenceSetId SoldToId Status:picklist TaxCompanyCode
TaxExemptCertificateId TaxExemptCertificateType TaxExemptDescription
TaxExemptEffectiveDate:date TaxExemptEntityUseCode TaxExemptExpirationDate:date
TaxExemptIssuingJurisdiction TaxExemptStatus:picklist TotalDebitMemoBalance:decimal
TotalInvoiceBalance:decimal UnappliedBalance:decimal
UnappliedCreditMemoAmount:decimal VATId PasswordExpires!:datetime Region__c:picklist
"""
_CONTACT = """
AccountId Address1 Address2 City Country County Description Fax FirstName HomePhone
LastName MobilePhone NickName OtherPhone OtherPhoneType:picklist PersonalEmail
PostalCode State TaxRegion WorkEmail WorkPhone
"""
_CONTACT_SNAPSHOT = """
~ Address1 Address2 City ContactId Country FirstName LastName PostalCode State
WorkEmail
"""
_PAYMENT_METHOD = """
AccountId AchAbaCode AchAccountName AchAccountNumberMask AchAccountType:picklist
AchAddress1 AchAddress2 AchBankName AchCity AchCountry AchPostalCode AchState
Active:boolean BankBranchCode BankCheckDigit BankCity BankCode
BankIdentificationNumber BankName BankPostalCode BankStreetName BankStreetNumber
BankTransferAccountName BankTransferAccountNumberMask BankTransferAccountType:picklist
BankTransferType:picklist BusinessIdentificationCode City CompanyName Country
CreditCardAddress1 CreditCardAddress2 CreditCardCity CreditCardCountry
CreditCardExpirationMonth:integer CreditCardExpirationYear:integer
CreditCardHolderName CreditCardMaskNumber CreditCardPostalCode CreditCardState
CreditCardType:picklist DeviceSessionId Email ExistingMandate:picklist FirstName IBAN
IdentityNumber IPAddress IsCompany:boolean LastFailedSaleTransactionDate:datetime
LastName LastTransactionDateTime:datetime LastTransactionStatus
MandateCreationDate:date MandateID MandateReason MandateReceived:picklist
MandateStatus MandateUpdateDate:date MaxConsecutivePaymentFailures:integer
MethodReferenceId MethodSpecificData:longtext Name NumConsecutiveFailures:integer
PaymentMethodStatus:picklist PaymentRetryWindow:integer PaypalBaid PaypalEmail
PaypalPreapprovalKey PaypalType:picklist Phone PostalCode SecondTokenId State
StreetName StreetNumber SubType TokenId TotalNumberOfErrorPayments:integer
TotalNumberOfProcessedPayments:integer Type:picklist UseDefaultRetryRule:boolean
UserReferenceId CreditCardNumber!- CreditCardSecurityCode!-
"""
_PRODUCT = """
AllowFeatureChanges:boolean Category:picklist Description EffectiveEndDate:date
EffectiveStartDate:date Name SKU
"""
_PRODUCT_RATE_PLAN = """
Description EffectiveEndDate:date EffectiveStartDate:date ExternalIdSourceSystem Name
ProductId PromotionCode__c ActiveCurrencies!
"""
_CHARGE_TERMS = """
AccountingCode ApplyDiscountTo:picklist BillCycleDay:integer BillCycleType:picklist
BillingPeriod:picklist BillingPeriodAlignment:picklist BillingTiming:picklist
ChargeModel:picklist ChargeType:picklist Description DiscountLevel:picklist
EndDateCondition:picklist ExcludeItemBillingFromRevenueAccounting:boolean
ExcludeItemBookingFromRevenueAccounting:boolean ListPriceBase:picklist Name
OverageCalculationOption:picklist OverageUnusedUnitsCreditOption:picklist
PriceChangeOption:picklist PriceIncreasePercentage:decimal RatingGroup:picklist
RevRecCode RevRecTriggerCondition:picklist RevenueRecognitionRuleName
SpecificBillingPeriod:integer SpecificListPriceBase:integer TriggerEvent:picklist UOM
UpToPeriods:integer UpToPeriodsType:picklist WeeklyBillCycleDay:picklist
"""
_PRODUCT_RATE_PLAN_CHARGE = f"""
{_CHARGE_TERMS}
DefaultQuantity:decimal DeferredRevenueAccount DiscountClassId IncludedUnits:decimal
IsStackedDiscount:boolean LegacyRevenueReporting:boolean MaxQuantity:decimal
MinQuantity:decimal NumberOfPeriod:integer PriceUpsellQuantityStacked:boolean
ProductRatePlanId RecognizedRevenueAccount SmoothingModel:picklist TaxCode
TaxMode:picklist Taxable:boolean UsageRecordRatingOption:picklist
UseDiscountSpecificAccountingCode:boolean UseTenantDefaultForPriceChange:boolean
"""
_PRODUCT_RATE_PLAN_CHARGE_TIER = """
Currency:picklist DiscountAmount:decimal DiscountPercentage:decimal EndingUnit:decimal
IsOveragePrice:boolean Price:decimal PriceFormat:picklist StartingUnit:decimal
Tier:integer
"""
_SUBSCRIPTION = """
AutoRenew:boolean CancelReason CancelledDate:date ContractAcceptanceDate:date
ContractEffectiveDate:date CreatorAccountId CreatorInvoiceOwnerId CurrentTerm:integer
CurrentTermPeriodType:picklist ExternallyManagedBy InitialTerm:integer
InitialTermPeriodType:picklist InvoiceOwnerId IsInvoiceSeparate:boolean
IsLatestVersion:boolean LastBookingDate:date Name Notes:longtext
OriginalCreatedDate:datetime OriginalId PaymentTerm:picklist PreviousSubscriptionId
RenewalSetting:picklist RenewalTerm:integer RenewalTermPeriodType:picklist
Revision ServiceActivationDate:date Status:picklist SubscriptionEndDate:date
SubscriptionStartDate:date TermEndDate:date TermStartDate:date TermType:picklist
Version:integer AncestorAccountId! CpqBundleJsonId__QT OpportunityCloseDate__QT:date
OpportunityName__QT QuoteBusinessType__QT:picklist QuoteNumber__QT
QuoteType__QT:picklist OpportunityId__c
"""
_RATE_PLAN = """
AmendmentType ExternallyManagedPlanId InvoiceOwnerId Name OriginalRatePlanId
SubscriptionOwnerId
"""
_RATE_PLAN_CHARGE = f"""
{_CHARGE_TERMS}
AmendedByOrderOn:date BookingExchangeRate:decimal BookingExchangeRateDate:date
BookingProviderExchangeRateDate:date ChargeNumber ChargedThroughDate:date
CreditOption:picklist DMRC:decimal DMRCCurrencyRounding:decimal
DMRCHomeCurrency:decimal DTCV:decimal DTCVCurrencyRounding:decimal
DTCVHomeCurrency:decimal DrawdownRate:decimal DrawdownUom EffectiveEndDate:date
EffectiveStartDate:date ExchangeRate:decimal ExchangeRateDate:date
HomeCurrency:picklist InvoiceOwnerId IsLastSegment:boolean IsPrepaid:boolean
IsProcessed:boolean IsRollover:boolean MRR:decimal MRRCurrencyRounding:decimal
MRRHomeCurrency:decimal NumberOfPeriods:integer OriginalId OriginalOrderDate:date
PaymentTermSnapshot PrepaidOperationType:picklist PrepaidQuantity:decimal
PrepaidTotalQuantity:decimal PrepaidUom ProcessedThroughDate:date
ProviderExchangeRateDate:date Quantity:decimal RolloverApply:picklist
RolloverPeriods:integer Segment:integer SpecificEndDate:date SubscriptionOwnerId
TCV:decimal TCVCurrencyRounding:decimal TCVHomeCurrency:decimal
TransactionCurrency:picklist TriggerDate:date ValidityPeriodType:picklist
Version:integer RolloverBalance!:decimal
"""
_RATE_PLAN_CHARGE_TIER = """
DiscountAmount:decimal DiscountPercentage:decimal EndingUnit:decimal
IsOveragePrice:boolean Price:decimal PriceFormat:picklist StartingUnit:decimal
Tier:integer
"""
_AMENDMENT = """
AutoRenew:boolean BookingDate:date Code ContractEffectiveDate:date CurrentTerm:integer
CurrentTermPeriodType:picklist CustomerAcceptanceDate:date Description
EffectiveDate:date EffectivePolicy:picklist Name NewRatePlanId RemovedRatePlanId
RenewalSetting:picklist RenewalTerm:integer RenewalTermPeriodType:picklist
ResumeDate:date ServiceActivationDate:date SpecificUpdateDate:date Status:picklist
SubType SubscriptionId SuspendDate:date TermStartDate:date TermType:picklist
Type:picklist
"""
_ORDER = """
Category:picklist CreatedByMigration:boolean Description ErrorCode ErrorMessage
OrderDate:date OrderNumber Response ScheduledDate:date ScheduledDatePolicy:picklist
State:picklist Status:picklist
"""
_ORDER_ACTION = """
ContractEffectiveDate:date Sequence:integer ServiceActivationDate:date
SubscriptionVersion:integer Type:picklist
"""
_USAGE = """
AccountNumber ChargeNumber Description EndDateTime:datetime Quantity:decimal
RbeStatus:picklist SourceName StartDateTime:datetime SubmissionDateTime:datetime UOM
"""
_ON_ACCOUNT = """
Account BillToContact>Contact DefaultPaymentMethod>PaymentMethod
ParentAccount>Account SoldToContact>Contact
"""
_CATALOGUE = "Product ProductRatePlan"
_REVENUE_CODES = """
AccountReceivableAccountingCode>AccountingCode
DeferredRevenueAccountingCode>AccountingCode
RecognizedRevenueAccountingCode>AccountingCode
"""

# Each object: its fields besides Id and the audit fields, and its relations.
OBJECTS: Mapping[str, tuple[str, str]] = {
    "Account": (
        _ACCOUNT,
        "Account BillToContact>Contact DefaultPaymentMethod>PaymentMethod "
        "ParentAccount>Account SoldToContact>Contact Subscription>Subscription*",
    ),
    "Amendment": (_AMENDMENT, "Subscription"),
    "Contact": (_CONTACT, "Account"),
    "ContactSnapshot": (_CONTACT_SNAPSHOT, ""),
    "Order": (_ORDER, _ON_ACCOUNT),
    "OrderAction": (_ORDER_ACTION, "Order Subscription Account"),
    "PaymentMethod": (_PAYMENT_METHOD, "Account"),
    "Product": (_PRODUCT, ""),
    "ProductRatePlan": (_PRODUCT_RATE_PLAN, "Product"),
    "ProductRatePlanCharge": (
        _PRODUCT_RATE_PLAN_CHARGE,
        f"{_CATALOGUE} {_REVENUE_CODES}",
    ),
    "ProductRatePlanChargeTier": (
        _PRODUCT_RATE_PLAN_CHARGE_TIER,
        f"{_CATALOGUE} ProductRatePlanCharge",
    ),
    "RatePlan": (
        _RATE_PLAN,
        f"{_ON_ACCOUNT} {_CATALOGUE} Amendment Subscription "
        "SubscriptionVersionAmendment>Amendment RatePlanCharge>RatePlanCharge*",
    ),
    "RatePlanCharge": (
        _RATE_PLAN_CHARGE,
        f"{_ON_ACCOUNT} {_CATALOGUE} {_REVENUE_CODES} Amendment "
        "BillToContactSnapshot>ContactSnapshot ProductRatePlanCharge RatePlan "
        "SoldToContactSnapshot>ContactSnapshot Subscription",
    ),
    "RatePlanChargeTier": (
        _RATE_PLAN_CHARGE_TIER,
        "Account RatePlan RatePlanCharge Subscription",
    ),
    "Subscription": (
        _SUBSCRIPTION,
        f"{_ON_ACCOUNT} SubscriptionVersionAmendment>Amendment "
        "SubscriptionStatusHistory>SubscriptionStatusHistory",
    ),
    "Usage": (_USAGE, "Account RatePlanCharge Subscription"),
}
