with weights as (
    select * from {{ ref('int_attribution__weights') }}
),

orders as (
    select * from {{ ref('int_opportunities__enriched') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'iacv_' || weights.model_code as metric_code,
        {{ month_start('orders.close_date') }} as month_start,
        weights.channel,
        weights.campaign_id as campaign,
        weights.weight * orders.iacv as numerator,
        cast(null as numeric) as denominator
    from weights
    inner join orders
        on weights.opportunity_id = orders.opportunity_id
),

{{ roll_up('measures', ['total', 'channel', 'campaign'], periods='periods') }}

select * from rolled_up
