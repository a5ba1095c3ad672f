-- The share of all first orders' IACV that has come by each day since the first touch, each
-- order weighted by the inverse of the Kaplan-Meier chance to be still in sight before its day.
with journeys as (
    select
        is_won,
        first_iacv,
        case when days = 0 then 0.5 else days end as duration_days
    from {{ ref('int_journeys__started') }}
    where days >= 0
),

by_day as (
    select
        duration_days,
        count(*) as leaving,
        count(case when is_won then 1 end) as orders,
        sum(case when is_won then first_iacv else 0 end) as iacv
    from journeys
    group by duration_days
),

at_risk as (
    select
        *,
        sum(leaving) over (order by duration_days desc) as at_risk
    from by_day
),

curve as (
    select
        *,
        max(
            case
                when at_risk >= {{ var('km_min_at_risk') }} and duration_days <= {{ var('conversion_horizon_days') }}
                    then duration_days
            end
        ) over () as curve_end,
        coalesce(
            sum(
                case
                    when leaving > orders and at_risk > leaving
                        then ln(cast(at_risk - leaving as double precision) / (at_risk - orders))
                    else 0
                end
            ) over (order by duration_days rows between unbounded preceding and 1 preceding),
            0
        ) as log_in_sight
    from at_risk
),

weighted as (
    select
        floor(duration_days) as days,
        iacv / exp(log_in_sight) as iacv
    from curve
    where
        orders > 0
        and duration_days <= curve_end
),

summed as (
    select
        days,
        sum(iacv) over (order by days) as iacv_so_far,
        sum(iacv) over () as iacv_of_all
    from weighted
),

final as (
    select
        cast(days as integer) as days,
        cast(iacv_so_far / iacv_of_all as numeric) as share
    from summed
)

select * from final
