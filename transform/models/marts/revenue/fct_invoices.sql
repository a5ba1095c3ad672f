with invoices as (
    select * from {{ ref('int_invoices__cash') }}
),

final as (
    select
        invoice_id,
        billing_account_id,
        currency,
        amount,
        reporting_amount,
        is_settled_without_cash,
        {{ dbt.datediff('invoice_date', 'paid_date', 'day') }} as days_to_cash,
        invoice_date,
        order_date,
        paid_date
    from invoices
)

select * from final
