-- Every month a Salesforce date can fall in, so that no fact is ever without a period.
with months as (
    select
        days.day as month_start,
        {{ fiscal_month_offset('days.day') }} as fiscal_month_offset
    from {{ series("date '1700-01-01'", "date '4000-12-01'", 'month') }} as days
),

periods as (
    select
        month_start,
        'month' as period_type,
        month_start as period_start,
        {{ add_months('month_start', 1) }} as next_period_start
    from months

    union all

    select
        month_start,
        'fiscal_quarter' as period_type,
        {{ add_months('month_start', '-(fiscal_month_offset % 3)') }} as period_start,
        {{ add_months('month_start', '3 - fiscal_month_offset % 3') }} as next_period_start
    from months

    union all

    select
        month_start,
        'fiscal_year' as period_type,
        {{ add_months('month_start', '-fiscal_month_offset') }} as period_start,
        {{ add_months('month_start', '12 - fiscal_month_offset') }} as next_period_start
    from months

    union all

    select
        month_start,
        'all' as period_type,
        date '1970-01-01' as period_start,
        cast(null as date) as next_period_start
    from months
),

final as (
    select
        month_start,
        period_type,
        period_start,
        {{ add_days('next_period_start', -1) }} as period_end
    from periods
)

select * from final
