with links as (
    select * from {{ ref('stg_zuora__invoice_payments') }}
    where not is_deleted
),

payments as (
    select * from {{ ref('fct_payments') }}
),

invoices as (
    select * from {{ ref('fct_invoices') }}
),

final as (
    select
        links.invoice_payment_id,
        links.payment_id,
        links.invoice_id,
        links.amount,
        coalesce(links.refund_amount, 0) as refund_amount,
        {{ dbt.datediff('invoices.invoice_date', 'payments.payment_date', 'day') }} as days_after_invoice
    from links
    inner join payments
        on links.payment_id = payments.payment_id
    inner join invoices
        on links.invoice_id = invoices.invoice_id
)

select * from final
