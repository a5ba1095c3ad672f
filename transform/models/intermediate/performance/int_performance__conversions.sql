-- How long the journeys that a channel or campaign began take, and what they bring, by period: the
-- metrics of the same names, side by side.
with figures as (
    {{ figures_of(ref('int_metrics__conversion_times')) }}
    where metric_code = 'conversion_time'

    union all

    {{ figures_of(ref('int_metrics__journeys')) }}
    where metric_code in ('iacv_at_median', 'estimated_iacv_2x', 'estimated_iacv_developed')
),

final as (
    select
        period_type,
        period_start,
        dimension_type,
        dimension_id,
        cast(max(case when metric_code = 'conversion_time' then denominator end) as bigint) as journeys,
        cast(max(case when metric_code = 'conversion_time' then numerator end) as bigint) as journeys_won,
        cast(max(case when metric_code = 'conversion_time' then value end) as numeric) as conversion_days,
        max(case when metric_code = 'iacv_at_median' then value end) as iacv_at_median,
        max(case when metric_code = 'estimated_iacv_2x' then value end) as estimated_iacv_2x,
        max(case when metric_code = 'estimated_iacv_developed' then value end) as estimated_iacv_developed
    from figures
    where dimension_type in ('channel', 'campaign')
    group by period_type, period_start, dimension_type, dimension_id
)

select * from final
