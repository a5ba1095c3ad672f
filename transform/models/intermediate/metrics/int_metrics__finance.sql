-- What the accounts say of themselves.
with books as (
    select
        {{ month_start('month_start') }} as month_start,
        revenue,
        cogs,
        sm_expense,
        marketing_expense,
        program_spend,
        ebitda,
        operating_cash_flow,
        cash_end
    from {{ ref('stg_csv__finance_monthly') }}
    where not is_deleted
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'revenue' as metric_code,
        month_start,
        revenue as numerator,
        cast(null as numeric) as denominator
    from books

    union all

    select
        'ebitda' as metric_code,
        month_start,
        ebitda as numerator,
        cast(null as numeric) as denominator
    from books

    union all

    select
        'gross_margin' as metric_code,
        month_start,
        revenue - cogs as numerator,
        revenue as denominator
    from books

    union all

    select
        'program_spend_ratio' as metric_code,
        month_start,
        program_spend as numerator,
        marketing_expense as denominator
    from books
),

{{ roll_up('measures', ['total'], periods='periods') }},

burning as (
    select
        month_start,
        cash_end,
        -avg(operating_cash_flow) over last_three as burn,
        count(*) over last_three as months
    from books
    window last_three as (order by month_start rows between 2 preceding and current row)
),

quarters as (
    select
        periods.period_start,
        sum(books.revenue) as revenue,
        sum(books.sm_expense) as sm_expense,
        sum(books.ebitda) as ebitda
    from books
    inner join periods
        on books.month_start = periods.month_start
        and periods.period_type = 'fiscal_quarter'
    group by 1
    having count(*) = 3
),

readings as (
    select
        'runway_months' as metric_code,
        'month' as period_type,
        month_start as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        cash_end as numerator,
        burn as denominator,
        case when burn <= 0 then 'cash_positive' end as quality_note
    from burning
    where months = 3

    union all

    select
        'magic_number' as metric_code,
        'fiscal_quarter' as period_type,
        quarters.period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        4 * (quarters.revenue - quarter_before.revenue) as numerator,
        quarter_before.sm_expense as denominator,
        cast(null as text) as quality_note
    from quarters
    inner join quarters as quarter_before
        on quarters.period_start = {{ add_months('quarter_before.period_start', 3) }}

    union all

    select
        'rule_of_40' as metric_code,
        'fiscal_quarter' as period_type,
        quarters.period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        coalesce(
            100 * (
                quarters.revenue / nullif(year_before.revenue, 0) - 1
                + quarters.ebitda / nullif(quarters.revenue, 0)
            ),
            0
        ) as numerator,
        1 as denominator,
        case when quarters.revenue = 0 or year_before.revenue = 0 then 'no_denominator' end as quality_note
    from quarters
    inner join quarters as year_before
        on quarters.period_start = {{ add_months('year_before.period_start', 12) }}
),

{{ stock_rows('readings') }},

final as (
    {{ figures_of('rolled_up', note='cast(null as text)') }}

    union all

    {{ figures_of('stocks', note='quality_note') }}
)

select * from final
