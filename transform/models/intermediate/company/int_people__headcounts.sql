-- Members by department at the end of each month that has ended, and what happened in it.
with members as (
    select
        *,
        coalesce(department, {{ unknown_member() }}) as member_department
    from {{ ref('stg_csv__team_members') }}
    where
        not is_deleted
        and start_date is not null
),

told as (
    select * from {{ ref('stg_csv__headcount_monthly') }}
    where not is_deleted
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

first_months as (
    select {{ month_start('min(start_date)') }} as month_start from members
),

months as (
    select
        periods.month_start,
        periods.period_end as month_end
    from {{ ref('int_calendar__periods') }} as periods
    cross join as_of
    cross join first_months
    where
        periods.period_type = 'month'
        and periods.period_end <= as_of.as_of_date
        and periods.month_start >= first_months.month_start
),

counted as (
    select
        months.month_start,
        months.month_end,
        members.member_department as department,
        count(*) as headcount
    from months
    inner join members
        on months.month_end >= members.start_date
        and months.month_end < coalesce(members.end_date, date '9999-12-31')
    group by 1, 2, 3
),

-- Without a list of members, heads as somebody counted them.
final as (
    select
        month_start,
        month_end,
        department,
        headcount
    from counted

    union all

    select
        {{ month_start('told.month_start') }} as month_start,
        {{ add_days(add_months(month_start('told.month_start'), 1), -1) }} as month_end,
        told.department,
        sum(told.headcount) as headcount
    from told
    cross join as_of
    cross join first_months
    where
        {{ add_days(add_months(month_start('told.month_start'), 1), -1) }} <= as_of.as_of_date
        and (first_months.month_start is null or told.month_start < first_months.month_start)
    group by 1, 2, 3
)

select * from final
