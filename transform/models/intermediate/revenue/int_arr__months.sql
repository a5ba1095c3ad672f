-- The ARR of each organization on the last day of each month that has ended, and what moved it.
with charges as (
    select * from {{ ref('int_charges__recurring') }}
    where arr is not null
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

bounds as (
    select
        {{ month_start('min(charges.start_date)') }} as first_month,
        {{ add_months(month_start(add_days('max(as_of.as_of_date)', 1)), -1) }} as last_month
    from charges
    cross join as_of
),

months as (
    select
        periods.period_start as month_start,
        periods.period_end as month_end
    from {{ ref('int_calendar__periods') }} as periods
    inner join bounds
        on periods.period_start between bounds.first_month and bounds.last_month
    where periods.period_type = 'month'
),

organizations as (
    select
        organization_key,
        account_id,
        segment,
        {{ month_start('min(start_date)') }} as first_month
    from charges
    group by organization_key, account_id, segment
),

monthly as (
    select
        organizations.organization_key,
        organizations.account_id,
        organizations.segment,
        coalesce(sum(charges.arr), 0) as arr_after,
        months.month_start
    from organizations
    inner join months
        on organizations.first_month <= months.month_start
    left join charges
        on organizations.organization_key = charges.organization_key
        and {{ in_force('charges', 'months.month_end') }}
    group by
        organizations.organization_key,
        organizations.account_id,
        organizations.segment,
        months.month_start
),

compared as (
    select
        *,
        coalesce(lag(arr_after) over months_in_order, 0) as arr_before,
        coalesce(
            max(arr_after) over (
                partition by organization_key order by month_start
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) > 0 as was_customer
    from monthly
    window months_in_order as (partition by organization_key order by month_start)
),

final as (
    select
        organization_key,
        account_id,
        segment,
        case
            when arr_after = arr_before then 'none'
            when arr_before = 0 and was_customer then 'reactivation'
            when arr_before = 0 then 'new'
            when arr_after = 0 then 'churn'
            when arr_after > arr_before then 'expansion'
            else 'contraction'
        end as movement,
        arr_before,
        arr_after,
        arr_after - arr_before as arr_delta,
        month_start
    from compared
    where
        arr_after > 0
        or arr_before > 0
)

select * from final
