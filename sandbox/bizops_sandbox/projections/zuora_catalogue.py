"""What the tenant sells and how it books: products, rate plans, accounting."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.world.moments import add_months, day_start

if TYPE_CHECKING:
    from bizops_sandbox.projections.zuora_state import TenantState
    from bizops_sandbox.world.parameters import Parameters, Product

SERVICES = "TRN"
LEGACY = "LEGACY"
SEAT = "Seat"
WIRE_TRANSFER = "Wire Transfer"
_SETUP = timedelta(hours=6)
_TIER_NAMES = {1: "Starter", 2: "Premium", 3: "Ultimate"}
_FAR_FUTURE = date(2099, 12, 31)
_ACCOUNTING_CODES = (
    ("Accounts Receivable", "Assets", "AccountsReceivable", "1200"),
    ("Bank", "Assets", "Cash", "1000"),
    ("Deferred Revenue", "Liabilities", "DeferredRevenue", "2400"),
    ("Subscription Revenue", "Revenue", "SalesRevenue", "4000"),
    ("Services Revenue", "Revenue", "SalesRevenue", "4100"),
)
REVENUE_RELATIONS = {
    "AccountReceivableAccountingCode.Id": zuora_id(
        "AccountingCode", "Accounts Receivable"
    ),
    "DeferredRevenueAccountingCode.Id": zuora_id("AccountingCode", "Deferred Revenue"),
    "RecognizedRevenueAccountingCode.Id": zuora_id(
        "AccountingCode", "Subscription Revenue"
    ),
}


def plan_name(product: str) -> str:
    """The name of the rate plan a product is sold by."""
    if product == SERVICES:
        return "TRN - Training and Services"
    if product == LEGACY:
        return "Founders Bundle (grandfathered)"
    return f"{product} - Self-Managed - 1 Year"


def sku(product: str) -> str:
    """The product's article number."""
    return f"SKU-{product}-12"


def charge_terms(product: str) -> dict[str, Any]:
    """What catalogue and subscription charges of a product have in common."""
    is_one_time = product == SERVICES
    name = "Training and Services" if is_one_time else "Annual Seat Fee"
    return {
        "AccountingCode": "Deferred Revenue",
        "BillCycleType": "SubscriptionStartDay",
        "BillingPeriod": None if is_one_time else "Annual",
        "BillingPeriodAlignment": None if is_one_time else "AlignToCharge",
        "BillingTiming": None if is_one_time else "In Advance",
        "ChargeModel": "Flat Fee Pricing" if is_one_time else "Per Unit Pricing",
        "ChargeType": "OneTime" if is_one_time else "Recurring",
        "EndDateCondition": "OneTime" if is_one_time else "SubscriptionEnd",
        "ListPriceBase": "Per Billing Period",
        "Name": name,
        "OverageCalculationOption": "EndOfSmoothingPeriod",
        "OverageUnusedUnitsCreditOption": "NoCredit",
        "PriceChangeOption": "NoChange",
        "PriceIncreasePercentage": Decimal(0),
        "RevenueRecognitionRuleName": (
            "Recognize upon invoicing" if is_one_time else "Recognize daily over time"
        ),
        "TriggerEvent": "ServiceActivation",
        "UOM": None if is_one_time else SEAT,
        "UpToPeriodsType": "Billing Periods",
    }


def set_up(state: TenantState, params: Parameters, moment: datetime) -> None:
    """Everything the tenant has before the first order, as far as `moment`."""
    opened_at = day_start(params.start_date) + _SETUP
    for number, (name, category, kind, account) in enumerate(_ACCOUNTING_CODES):
        state.create(
            "AccountingCode",
            name,
            opened_at + timedelta(seconds=number),
            {
                "Category": category,
                "GLAccountName": name,
                "GLAccountNumber": account,
                "Name": name,
                "Status": "Active",
                "Type": kind,
            },
        )
    for number, name in enumerate((WIRE_TRANSFER, "Check", "Cash")):
        _add_payment_method(state, name, opened_at + timedelta(minutes=1 + number))
    _open_periods(state, params, moment)
    for product in params.products:
        launched_at = max(day_start(product.launch_date) + _SETUP, opened_at)
        if launched_at <= moment:
            _launch(state, product, launched_at + timedelta(minutes=10))
    _launch_services(state, opened_at + timedelta(minutes=20))
    _launch_legacy(state, opened_at + timedelta(minutes=30))


def _add_payment_method(state: TenantState, name: str, at: datetime) -> None:
    values = {
        "Active": True,
        "IsCompany": False,
        "Name": name,
        "NumConsecutiveFailures": 0,
        "PaymentMethodStatus": "Active",
        "TotalNumberOfErrorPayments": 0,
        "TotalNumberOfProcessedPayments": 0,
        "Type": name.replace(" ", ""),
        "UseDefaultRetryRule": True,
    }
    state.create("PaymentMethod", name, at, values)


def _open_periods(state: TenantState, params: Parameters, moment: datetime) -> None:
    """An accounting period a month, opened on its first day."""
    first, shift = params.start_date, params.fiscal_year_start_month - 1
    for number in range(params.months):
        month = add_months(first, number)
        opened_at = day_start(month) + _SETUP
        if opened_at > moment:
            return
        fiscal = add_months(month, -shift)
        # A fiscal year is named after the year it ends in.
        year = fiscal.year + (1 if shift else 0)
        values = {
            "EndDate": add_months(month, 1) - timedelta(days=1),
            "FiscalQuarter": (fiscal.month - 1) // 3 + 1,
            "FiscalYear": year,
            "Name": f"{month:%b %Y}",
            "StartDate": month,
            "Status": "Open",
        }
        state.create("AccountingPeriod", month.isoformat(), opened_at, values)


def _launch(state: TenantState, product: Product, at: datetime) -> None:
    tier = _TIER_NAMES.get(product.tier, f"Tier {product.tier}")
    _add_product(
        state,
        product.code,
        at,
        name=f"{product.code} {tier}",
        category="Base Products",
        start=product.launch_date,
    )
    charge = _add_catalogue_charge(state, product.code, at, Decimal(1))
    _add_catalogue_tier(state, product.code, at, charge, product.price_per_seat)


def _launch_legacy(state: TenantState, at: datetime) -> None:
    """A product of old times under a name that tells nobody what it is."""
    _add_product(
        state,
        LEGACY,
        at,
        name="Founders Bundle",
        category="Miscellaneous Products",
        start=at.date(),
    )
    charge = _add_catalogue_charge(state, LEGACY, at, Decimal(1))
    _add_catalogue_tier(state, LEGACY, at, charge, Decimal(60))


def _launch_services(state: TenantState, at: datetime) -> None:
    _add_product(
        state,
        SERVICES,
        at,
        name="TRN Training and Services",
        category="Miscellaneous Products",
        start=at.date(),
    )
    charge = _add_catalogue_charge(state, SERVICES, at, None)
    _add_catalogue_tier(state, SERVICES, at, charge, Decimal(0))


def _add_product(
    state: TenantState,
    code: str,
    at: datetime,
    *,
    name: str,
    category: str,
    start: date,
) -> None:
    span = {"EffectiveStartDate": start, "EffectiveEndDate": _FAR_FUTURE}
    product = {
        "AllowFeatureChanges": False,
        "Category": category,
        "Name": name,
        "SKU": sku(code),
        **span,
    }
    state.create("Product", code, at, product)
    product_id = zuora_id("Product", code)
    plan = {
        "Name": plan_name(code),
        "ProductId": product_id,
        "Product.Id": product_id,
        **span,
    }
    state.create("ProductRatePlan", code, at, plan)


def catalogue_relations(code: str) -> dict[str, str]:
    """The relations of a charge to what was sold."""
    return {
        "Product.Id": zuora_id("Product", code),
        "ProductRatePlan.Id": zuora_id("ProductRatePlan", code),
    }


def _add_catalogue_charge(
    state: TenantState, code: str, at: datetime, quantity: Decimal | None
) -> str:
    values = {
        **charge_terms(code),
        **catalogue_relations(code),
        **REVENUE_RELATIONS,
        "DefaultQuantity": quantity,
        "DeferredRevenueAccount": "Deferred Revenue",
        "LegacyRevenueReporting": False,
        "ProductRatePlanId": zuora_id("ProductRatePlan", code),
        "RecognizedRevenueAccount": "Subscription Revenue",
        "TaxMode": "TaxExclusive",
        "Taxable": False,
        "UseTenantDefaultForPriceChange": True,
    }
    return str(state.create("ProductRatePlanCharge", code, at, values)["Id"])


def _add_catalogue_tier(
    state: TenantState, code: str, at: datetime, charge_id: str, price: Decimal
) -> None:
    values = {
        **catalogue_relations(code),
        "ProductRatePlanCharge.Id": charge_id,
        "Currency": "USD",
        "IsOveragePrice": False,
        "Price": price,
        "PriceFormat": "Flat Fee" if code == SERVICES else "Per Unit",
        "StartingUnit": Decimal(0),
        "Tier": 1,
    }
    state.create("ProductRatePlanChargeTier", code, at, values)
