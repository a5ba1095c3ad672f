with journeys as (
    select * from {{ ref('int_journeys__started') }}
),

orders as (
    select * from {{ ref('int_opportunities__enriched') }}
    where
        is_won
        and iacv > 0
),

shares as (
    select * from {{ ref('int_journeys__iacv_shares') }}
),

typical as (
    select value as median_days
    from {{ ref('int_metrics__conversion_times') }}
    where
        metric_code = 'conversion_time'
        and period_type = 'all'
        and dimension_type = 'total'
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

-- Half of the orders come within the median time: twice what came by then is the estimate.
matured as (
    select
        journeys.journey_key,
        {{ month_start('journeys.touched_date') }} as month_start,
        journeys.channel,
        journeys.campaign_id as campaign,
        coalesce(sum(orders.iacv), 0) as iacv
    from journeys
    inner join typical
        on journeys.age_days >= typical.median_days
    left join orders
        on journeys.customer_account_id = orders.customer_account_id
        and {{ dbt.datediff('journeys.touched_date', 'orders.close_date', 'day') }} between 0 and typical.median_days
    group by journeys.journey_key, journeys.touched_date, journeys.channel, journeys.campaign_id
),

usual as (
    select
        journeys.journey_key,
        max(shares.share) as share
    from journeys
    inner join shares
        on journeys.age_days >= shares.days
    group by journeys.journey_key
),

-- What has come so far, by the share that usually comes until a journey is so old.
developed as (
    select
        journeys.journey_key,
        {{ month_start('journeys.touched_date') }} as month_start,
        journeys.channel,
        journeys.campaign_id as campaign,
        sum(orders.iacv) / max(usual.share) as iacv
    from journeys
    inner join usual
        on journeys.journey_key = usual.journey_key
    inner join orders
        on journeys.customer_account_id = orders.customer_account_id
        and {{ dbt.datediff('journeys.touched_date', 'orders.close_date', 'day') }}
        between 0 and least(journeys.age_days, {{ var('conversion_horizon_days') }})
    group by journeys.journey_key, journeys.touched_date, journeys.channel, journeys.campaign_id
),

measures as (
    select
        'iacv_at_median' as metric_code,
        month_start,
        channel,
        campaign,
        iacv as numerator,
        cast(null as numeric) as denominator
    from matured

    union all

    select
        'estimated_iacv_2x' as metric_code,
        month_start,
        channel,
        campaign,
        2 * iacv as numerator,
        cast(null as numeric) as denominator
    from matured

    union all

    select
        'estimated_iacv_developed' as metric_code,
        month_start,
        channel,
        campaign,
        iacv as numerator,
        cast(null as numeric) as denominator
    from developed
),

{{ roll_up('measures', ['total', 'channel', 'campaign'], periods='periods') }},

weighted_median as (
    select min(days) as days
    from shares
    where share >= 0.5 - 1e-9
),

final as (
    {{ figures_of('rolled_up') }}

    union all

    select
        'conversion_time_weighted' as metric_code,
        'all' as period_type,
        date '1970-01-01' as period_start,
        'total' as dimension_type,
        'all' as dimension_id,
        days as numerator,
        1 as denominator,
        days as value
    from weighted_median
    where days is not null
)

select * from final
