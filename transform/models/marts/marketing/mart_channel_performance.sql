with measures as (
    select * from {{ ref('int_performance__monthly') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

channels as (
    select * from {{ ref('dim_channels') }}
),

conversion_times as (
    select * from {{ ref('int_metrics__conversion_times') }}
    where
        metric_code = 'conversion_time'
        and dimension_type = 'channel'
),

by_period as (
    select
        measures.channel,
        periods.period_type,
        periods.period_start,
        {{ performance_columns() | indent(4) }}
    from measures
    inner join periods
        on measures.month_start = periods.month_start
    group by measures.channel, periods.period_type, periods.period_start
),

final as (
    select
        by_period.channel,
        channels.channel_name,
        channels.channel_group,
        by_period.period_type,
        {%- for measure in performance_measures() %}
        by_period.{{ measure }},
        {%- endfor %}
        {%- for model in attribution_models() %}
        by_period.iacv_{{ model }},
        {%- endfor %}
        {{ performance_ratios() | indent(4) }},
        cast(conversion_times.denominator as bigint) as journeys,
        cast(conversion_times.numerator as bigint) as journeys_won,
        cast(conversion_times.value as numeric) as conversion_days,
        by_period.period_start
    from by_period
    inner join channels
        on by_period.channel = channels.channel
    left join conversion_times
        on by_period.channel = conversion_times.dimension_id
        and by_period.period_type = conversion_times.period_type
        and by_period.period_start = conversion_times.period_start
)

select * from final
