with measures as (
    select * from {{ ref('int_performance__monthly') }}
    where campaign_key is not null
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

assumptions as (
    select * from {{ ref('int_value__assumptions') }}
),

conversions as (
    select * from {{ ref('int_performance__conversions') }}
    where dimension_type = 'campaign'
),

by_period as (
    select
        {{ dbt.hash('measures.campaign_key') }} as campaign_id,
        periods.period_type,
        periods.period_start,
        {{ performance_columns() | indent(4) }}
    from measures
    inner join periods
        on measures.month_start = periods.month_start
    group by measures.campaign_key, periods.period_type, periods.period_start
),

final as (
    select
        by_period.campaign_id,
        campaigns.campaign_name,
        campaigns.channel,
        by_period.period_type,
        {{ performance_told() | indent(4) }},
        by_period.period_start
    from by_period
    inner join campaigns
        on by_period.campaign_id = campaigns.campaign_id
    cross join assumptions
    left join conversions
        on campaigns.sfdc_campaign_id = conversions.dimension_id
        and by_period.period_type = conversions.period_type
        and by_period.period_start = conversions.period_start
)

select * from final
