with measures as (
    select * from {{ ref('int_performance__monthly') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

channels as (
    select * from {{ ref('dim_channels') }}
),

assumptions as (
    select * from {{ ref('int_value__assumptions') }}
),

conversions as (
    select * from {{ ref('int_performance__conversions') }}
    where dimension_type = 'channel'
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
        {{ performance_told() | indent(4) }},
        by_period.period_start
    from by_period
    inner join channels
        on by_period.channel = channels.channel
    cross join assumptions
    left join conversions
        on by_period.channel = conversions.dimension_id
        and by_period.period_type = conversions.period_type
        and by_period.period_start = conversions.period_start
)

select * from final
