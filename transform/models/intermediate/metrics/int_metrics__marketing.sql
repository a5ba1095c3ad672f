with spend as (
    select * from {{ ref('int_campaigns__spend_by_day') }}
),

leads as (
    select * from {{ ref('int_leads__first_touches') }}
),

customers as (
    select * from {{ ref('int_customers__acquired') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

spend_by_month as (
    select
        {{ month_start('spend_date') }} as month_start,
        channel,
        campaign_id,
        sum(spend) as spend
    from spend
    group by 1, 2, 3
),

metric_codes as (
    select 'cost_per_lead' as metric_code
    union all
    select 'cost_per_lead_blended' as metric_code
    union all
    select 'cac' as metric_code
),

costs as (
    select
        metric_codes.metric_code,
        spend_by_month.month_start,
        spend_by_month.channel,
        spend_by_month.campaign_id as campaign,
        spend_by_month.spend as numerator,
        0 as denominator
    from spend_by_month
    cross join metric_codes
),

counts as (
    select
        'cost_per_lead' as metric_code,
        {{ month_start('cohort_date') }} as month_start,
        channel,
        campaign_id as campaign,
        0 as numerator,
        1 as denominator
    from leads
    where first_touch_id is not null

    union all

    select
        'cost_per_lead_blended' as metric_code,
        {{ month_start('cohort_date') }} as month_start,
        channel,
        campaign_id as campaign,
        0 as numerator,
        1 as denominator
    from leads

    union all

    select
        'cac' as metric_code,
        {{ month_start('acquired_date') }} as month_start,
        channel,
        campaign_id as campaign,
        0 as numerator,
        1 as denominator
    from customers
),

measures as (
    select * from costs
    union all
    select * from counts
),

{{ roll_up('measures', ['total', 'channel', 'campaign'], periods='periods') }},

final as (
    select *
    from rolled_up
    where
        metric_code <> 'cost_per_lead_blended'
        or dimension_type = 'total'
)

select * from final
