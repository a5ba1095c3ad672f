with days as (
    select
        calendar.day as date_day,
        {{ fiscal_month_offset('calendar.day') }} as fiscal_month_offset
    from
        {{ series(
            "date '" ~ var('calendar_start_date') ~ "'", "date '" ~ var('calendar_end_date') ~ "'", 'day'
        ) }} as calendar
),

starts as (
    select
        date_day,
        fiscal_month_offset,
        {{ month_start('date_day') }} as month_start,
        {{ week_start('date_day') }} as week_start
    from days
),

final as (
    select
        date_day,
        {{ day_name('date_day') }} as day_name,
        cast(extract(isodow from date_day) as integer) as day_of_week,
        cast(extract(year from date_day) as integer) as calendar_year,
        cast(extract(quarter from date_day) as integer) as calendar_quarter,
        cast(extract(month from date_day) as integer) as calendar_month,
        cast(extract(year from {{ add_months('month_start', '11 - fiscal_month_offset') }}) as integer) as fiscal_year,
        fiscal_month_offset / 3 + 1 as fiscal_quarter,
        extract(isodow from date_day) >= 6 as is_weekend,
        date_day = {{ add_days(add_months('month_start', 1), -1) }} as is_last_day_of_month,
        week_start,
        month_start,
        {{ add_months('month_start', '-(fiscal_month_offset % 3)') }} as fiscal_quarter_start,
        {{ add_months('month_start', '-fiscal_month_offset') }} as fiscal_year_start
    from starts
)

select * from final
