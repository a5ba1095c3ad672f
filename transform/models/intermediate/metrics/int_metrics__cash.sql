with invoices as (
    select * from {{ ref('int_invoices__cash') }}
    where
        not is_settled_without_cash
        and paid_date is not null
        and reporting_amount is not null
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'days_to_cash_weighted' as metric_code,
        {{ month_start('paid_date') }} as month_start,
        reporting_amount * {{ dbt.datediff('invoice_date', 'paid_date', 'day') }} as numerator,
        reporting_amount as denominator
    from invoices

    union all

    select
        'order_to_cash_weighted' as metric_code,
        {{ month_start('paid_date') }} as month_start,
        reporting_amount * {{ dbt.datediff('order_date', 'paid_date', 'day') }} as numerator,
        reporting_amount as denominator
    from invoices
    where order_date is not null
),

{{ roll_up('measures', ['total'], periods='periods') }}

select * from rolled_up
