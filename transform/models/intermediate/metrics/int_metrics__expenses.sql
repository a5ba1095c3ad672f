-- What the accounts spend to sell, against what is sold.
with books as (
    select
        {{ month_start('month_start') }} as month_start,
        sm_expense,
        marketing_expense,
        program_spend
    from {{ ref('stg_csv__finance_monthly') }}
    where not is_deleted
),

opportunities as (
    select
        {{ month_start('close_date') }} as month_start,
        iacv
    from {{ ref('int_opportunities__enriched') }}
    where is_won
),

customers as (
    select {{ month_start('acquired_date') }} as month_start
    from {{ ref('int_customers__acquired') }}
),

qualified_leads as (
    select {{ month_start('mql_date') }} as month_start
    from {{ ref('int_leads__funnel') }}
    where mql_date is not null
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'sales_efficiency' as metric_code,
        month_start,
        iacv as numerator,
        0 as denominator
    from opportunities

    union all

    select
        'sales_efficiency' as metric_code,
        month_start,
        0 as numerator,
        sm_expense as denominator
    from books

    union all

    select
        'cac_per_iacv' as metric_code,
        month_start,
        sm_expense as numerator,
        0 as denominator
    from books

    union all

    select
        'cac_per_iacv' as metric_code,
        month_start,
        0 as numerator,
        iacv as denominator
    from opportunities

    {%- for metric_code, expense in {'cac_program': 'program_spend', 'cac_blended': 'sm_expense'}.items() %}

    union all

    select
        '{{ metric_code }}' as metric_code,
        month_start,
        {{ expense }} as numerator,
        0 as denominator
    from books

    union all

    select
        '{{ metric_code }}' as metric_code,
        month_start,
        0 as numerator,
        1 as denominator
    from customers
    {%- endfor %}

    union all

    select
        'cost_per_mql' as metric_code,
        month_start,
        marketing_expense as numerator,
        0 as denominator
    from books

    union all

    select
        'cost_per_mql' as metric_code,
        month_start,
        0 as numerator,
        1 as denominator
    from qualified_leads
),

{{ roll_up('measures', ['total'], periods='periods') }},

booked as (
    select
        month_start,
        sum(iacv) as iacv
    from opportunities
    group by 1
),

half_years as (
    select
        books.month_start,
        sum(coalesce(booked.iacv, 0)) over (
            order by books.month_start rows between 2 preceding and current row
        ) as iacv,
        sum(books.sm_expense) over half_year as sm_expense,
        count(*) over half_year as months
    from books
    left join booked
        on books.month_start = booked.month_start
    window half_year as (order by books.month_start rows between 5 preceding and current row)
),

readings as (
    select
        'magic_number_bookings' as metric_code,
        'month' as period_type,
        month_start as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        iacv as numerator,
        sm_expense as denominator,
        cast(null as text) as quality_note
    from half_years
    where months = 6
),

{{ stock_rows('readings') }},

-- What one of IACV costs cannot be told of a period that lost more than it won.
final as (
    {{ figures_of('rolled_up', value='case when denominator > 0 then value end') }}

    union all

    {{ figures_of('stocks') }}
)

select * from final
