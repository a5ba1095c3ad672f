-- When each posted invoice was paid, and the order it bills first.
with invoices as (
    select
        *,
        {{ in_reporting_currency('amount', 'currency', 'exchange_rate') }} as reporting_amount
    from {{ ref('stg_zuora__invoices') }}
    where
        not is_deleted
        and lower(invoice_status) = 'posted'
        and amount > 0
),

applied as (
    select
        links.invoice_id,
        sum(links.amount) as amount,
        max(payments.payment_date) as last_payment_date
    from {{ ref('stg_zuora__invoice_payments') }} as links
    inner join {{ ref('stg_zuora__payments') }} as payments
        on links.payment_id = payments.payment_id
    where
        not links.is_deleted
        and not payments.is_deleted
        and lower(payments.payment_status) in ('processed', 'posted')
    group by links.invoice_id
),

versions as (
    select * from {{ ref('int_subscriptions__versions') }}
),

billed as (
    select
        items.invoice_id,
        min(versions.lineage_id) as lineage_id
    from {{ ref('stg_zuora__invoice_items') }} as items
    inner join versions
        on items.subscription_id = versions.subscription_id
    where not items.is_deleted
    group by items.invoice_id
),

in_order as (
    select
        invoices.invoice_id,
        billed.lineage_id,
        invoices.posted_at,
        lag(invoices.posted_at) over (
            partition by billed.lineage_id
            order by invoices.posted_at, {{ bytewise('invoices.invoice_id') }}
        ) as previous_posted_at
    from invoices
    inner join billed
        on invoices.invoice_id = billed.invoice_id
),

-- An order is billed by the first invoice after it; later years of a term have no order.
ordered as (
    select
        in_order.invoice_id,
        {{ reporting_date('max(versions.created_at)') }} as order_date
    from in_order
    inner join versions
        on in_order.lineage_id = versions.lineage_id
        and in_order.posted_at >= versions.created_at
        and (in_order.previous_posted_at is null or in_order.previous_posted_at < versions.created_at)
    where not versions.is_cancelled
    group by in_order.invoice_id
),

final as (
    select
        invoices.invoice_id,
        invoices.billing_account_id,
        invoices.currency,
        invoices.amount,
        invoices.reporting_amount,
        -- Credited or paid back as a whole: no cash was to come of it.
        -coalesce(invoices.adjustment_amount, 0) >= invoices.amount
        or coalesce(invoices.refund_amount, 0) >= invoices.amount as is_settled_without_cash,
        invoices.invoice_date,
        ordered.order_date,
        case when applied.amount >= invoices.amount then applied.last_payment_date end as paid_date
    from invoices
    left join applied
        on invoices.invoice_id = applied.invoice_id
    left join ordered
        on invoices.invoice_id = ordered.invoice_id
)

select * from final
