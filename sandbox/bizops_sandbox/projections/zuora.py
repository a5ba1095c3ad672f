"""The Zuora tenant of the sample company, as of any day of its log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.projections import zuora_accounts as accounts
from bizops_sandbox.projections import zuora_billing as billing
from bizops_sandbox.projections import zuora_orders as orders
from bizops_sandbox.projections import zuora_payments as payments
from bizops_sandbox.projections.zuora_catalogue import set_up
from bizops_sandbox.projections.zuora_fields import OBJECT_FIELDS, SETTLEMENT_FIELDS
from bizops_sandbox.projections.zuora_noise import RETENTION_DAYS, ZuoraNoise
from bizops_sandbox.projections.zuora_state import VISIBLE_AT, TenantState
from bizops_sandbox.projections.zuora_tenant import (
    DELETED_AT,
    ObjectTable,
    ZuoraTenant,
)
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end
from bizops_sandbox.world.parameters import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date, datetime

    from bizops_sandbox.projections.zuora_state import Record
    from bizops_sandbox.projections.zuora_tenant import Row
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

# Events that leave no trace in Zuora (campaigns, leads, usage) are absent.
_HANDLERS: Mapping[type[Event], Callable[..., None]] = {
    log.OrganizationKnown: accounts.know_organization,
    log.PersonKnown: accounts.know_person,
    log.AccountCreated: accounts.create_account,
    log.ContactCreated: accounts.create_contact,
    log.OpportunityCreated: accounts.create_opportunity,
    log.OpportunityClosed: accounts.close_opportunity,
    log.SubscriptionStarted: orders.start_subscription,
    log.ChargeAmended: orders.amend_charge,
    log.SubscriptionCancelled: orders.cancel_subscription,
    log.InvoicePosted: billing.post_invoice,
    log.PaymentReceived: payments.receive_payment,
    log.CreditIssued: payments.issue_credit,
    log.PaymentRefunded: payments.refund_payment,
}


def project_zuora(
    events: Iterable[Event],
    params: Parameters,
    as_of: date,
    *,
    has_invoice_settlement: bool = False,
) -> ZuoraTenant:
    """The tenant at the end of a day: what its APIs would answer then.

    Folding the log up to an earlier day gives the earlier state: every change moves
    the record's UpdatedDate; the items of a late bill run appear days after the moment
    they are stamped with; deleted records stay for 30 days, marked, and are then gone.

    Args:
        events: The log, in time order.
        params: The parameters that made it.
        as_of: The day, in the window of the log.
        has_invoice_settlement: Whether credits are credit memos and payments are
            applied by PaymentApplication, as in tenants with Invoice Settlement,
            instead of InvoiceItemAdjustment and InvoicePayment.

    Raises:
        ParameterError: `as_of` is outside the window.
    """
    state = _fold(events, params, as_of, has_invoice_settlement=has_invoice_settlement)
    moment = day_end(as_of)
    _sum_up_mrr(state, as_of)
    fields = dict(OBJECT_FIELDS)
    if has_invoice_settlement:
        fields |= SETTLEMENT_FIELDS
    return ZuoraTenant(
        tenant_id=str(params.seed),
        as_of=moment,
        objects={
            name: _table(empty, state, moment) for name, empty in sorted(fields.items())
        },
    )


def zuora_noise(
    events: Iterable[Event], params: Parameters, as_of: date
) -> list[ZuoraNoise]:
    """All noise of the tenant up to the end of a day, in time order.

    Raises:
        ParameterError: `as_of` is outside the window.
    """
    state = _fold(events, params, as_of, has_invoice_settlement=False)
    moment = day_end(as_of)
    rows = [row for row in state.ledger if row.at <= moment]
    return sorted(rows, key=lambda row: (row.at, row.code, row.source_id))


def _fold(
    events: Iterable[Event],
    params: Parameters,
    as_of: date,
    *,
    has_invoice_settlement: bool,
) -> TenantState:
    if not params.start_date <= as_of <= params.as_of:
        raise ParameterError(
            f"as_of: {as_of} is not between {params.start_date} and {params.as_of},"
            " the days of the sample company"
        )
    moment = day_end(as_of)
    state = TenantState(params, has_invoice_settlement=has_invoice_settlement)
    set_up(state, params, moment)
    for event in events_until(events, moment):
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(state, event)
    return state


def _sum_up_mrr(state: TenantState, day: date) -> None:
    """An account's Mrr is computed when it is asked for: no save, no stamp."""
    total: dict[str, Decimal] = {}
    for lineage in state.lineages.values():
        for charge in lineage.current_charges:
            if charge["EffectiveStartDate"] <= day < charge["EffectiveEndDate"]:
                key = lineage.account_key
                total[key] = total.get(key, Decimal(0)) + charge["MRR"]
    for key, account in state.tables["Account"].items():
        account["Mrr"] = total.get(key, Decimal(0))


def _table(empty: ObjectTable, state: TenantState, moment: datetime) -> ObjectTable:
    """The object with the rows that are to be seen."""
    records = state.tables.get(empty.name, {}).values()
    rows = sorted(_visible(records, moment), key=lambda row: str(row["Id"]))
    if len({row["Id"] for row in rows}) != len(rows):
        raise ValueError(f"two {empty.name} records got the same id")
    return replace(empty, rows=tuple(rows))


def _visible(records: Iterable[Record], moment: datetime) -> Iterator[Row]:
    """Rows committed by this moment, less those deleted more than 30 days ago."""
    for record in records:
        row = dict(record)
        if row.pop(VISIBLE_AT) > moment:
            continue
        deleted_at = row[DELETED_AT]
        if deleted_at is not None and deleted_at > moment:
            row[DELETED_AT] = None
        elif deleted_at is not None:
            if moment - deleted_at > timedelta(days=RETENTION_DAYS):
                continue
            row["UpdatedDate"] = deleted_at
        yield row
