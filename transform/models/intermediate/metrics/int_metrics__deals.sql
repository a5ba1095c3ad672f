with opportunities as (
    select
        *,
        {{ month_start('close_date') }} as close_month
    from {{ ref('int_opportunities__enriched') }}
    where is_won
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'tcv' as metric_code,
        close_month as month_start,
        segment,
        channel,
        campaign_id as campaign,
        order_type,
        cast(null as text) as deal_band,
        coalesce(tcv, 0) as numerator,
        cast(null as numeric) as denominator
    from opportunities

    union all

    select
        'deals_won' as metric_code,
        close_month as month_start,
        cast(null as text) as segment,
        cast(null as text) as channel,
        cast(null as text) as campaign,
        cast(null as text) as order_type,
        case
            when iacv < 5000 then 'small'
            when iacv < 25000 then 'medium'
            when iacv < 100000 then 'big'
            else 'jumbo'
        end as deal_band,
        1 as numerator,
        cast(null as numeric) as denominator
    from opportunities
    where
        iacv > 0
        and order_type <> 'refund'
),

{{ roll_up(
    'measures', ['total', 'segment', 'channel', 'campaign', 'order_type', 'deal_band'], periods='periods'
) }}

select * from rolled_up
