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
        coalesce(
            sum(case when charges.tier_rank is not null then charges.quantity end), sum(charges.quantity), 0
        ) as seats_after,
        max(charges.tier_rank) as tier_rank_after,
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
        coalesce(lag(seats_after) over months_in_order, 0) as seats_before,
        lag(tier_rank_after) over months_in_order as tier_rank_before,
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

-- Seats first, at the price before; the rest is the tier's when the highest tier is another one,
-- else the price's. What begins or ends is seats alone.
split as (
    select
        *,
        arr_after - arr_before as arr_delta,
        case
            when seats_before = 0 or seats_after = 0 then arr_after - arr_before
            else (seats_after - seats_before) * arr_before / seats_before
        end as seat_effect,
        coalesce(tier_rank_before, 0) <> coalesce(tier_rank_after, 0) as is_other_tier
    from compared
),

tiers as (
    select
        tier_rank,
        min(product_code) as product_code
    from {{ ref('product_codes') }}
    where tier_rank is not null
    group by tier_rank
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
        arr_delta,
        seats_before,
        seats_after,
        seat_effect,
        case when is_other_tier then 0 else arr_delta - seat_effect end as price_effect,
        case when is_other_tier then arr_delta - seat_effect else 0 end as tier_effect,
        tiers_before.product_code as product_from,
        tiers_after.product_code as product_to,
        month_start
    from split
    left join tiers as tiers_before
        on split.tier_rank_before = tiers_before.tier_rank
    left join tiers as tiers_after
        on split.tier_rank_after = tiers_after.tier_rank
    where
        arr_after > 0
        or arr_before > 0
)

select * from final
