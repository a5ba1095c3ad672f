-- What campaigns cost by the best source, and what leads and customers cost by that.
with spend as (
    select * from {{ ref('int_spend__daily') }}
    where reporting_spend <> 0
),

leads as (
    select * from {{ ref('int_leads__first_touches') }}
    where first_touch_id is not null
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
        campaign_id as campaign,
        sum(reporting_spend) as spend
    from spend
    group by 1, 2, 3
),

measures as (
    {%- for metric_code, denominator in {
        'spend': 'cast(null as integer)', 'cost_per_lead_actual': '0', 'cac_actual': '0'
    }.items() %}
    select
        '{{ metric_code }}' as metric_code,
        month_start,
        channel,
        campaign,
        spend as numerator,
        {{ denominator }} as denominator
    from spend_by_month

    union all
    {% endfor %}
    select
        'cost_per_lead_actual' as metric_code,
        {{ month_start('cohort_date') }} as month_start,
        channel,
        campaign_id as campaign,
        0 as numerator,
        1 as denominator
    from leads

    union all

    select
        'cac_actual' as metric_code,
        {{ month_start('acquired_date') }} as month_start,
        channel,
        campaign_id as campaign,
        0 as numerator,
        1 as denominator
    from customers
),

{{ roll_up('measures', ['total', 'channel', 'campaign'], periods='periods') }}

select * from rolled_up
