-- The IACV that each rule gives to channels and campaigns, and what that is to their spend.
with weights as (
    select * from {{ ref('int_attribution__weights') }}
),

orders as (
    select * from {{ ref('int_opportunities__enriched') }}
),

spend as (
    select * from {{ ref('int_spend__daily') }}
    where reporting_spend <> 0
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

credits as (
    select
        weights.model_code,
        {{ month_start('orders.close_date') }} as month_start,
        weights.channel,
        weights.campaign_id as campaign,
        sum(weights.weight * orders.iacv) as iacv
    from weights
    inner join orders
        on weights.opportunity_id = orders.opportunity_id
    group by 1, 2, 3, 4
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
    {%- for prefix, denominator in {'iacv': 'cast(null as integer)', 'roi': '0'}.items() %}
    select
        '{{ prefix }}_' || model_code as metric_code,
        month_start,
        channel,
        campaign,
        iacv as numerator,
        {{ denominator }} as denominator
    from credits

    union all
    {% endfor %}
    {%- for model in attribution_models() %}
    select
        'roi_{{ model }}' as metric_code,
        month_start,
        channel,
        campaign,
        0 as numerator,
        spend as denominator
    from spend_by_month
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

{{ roll_up('measures', ['total', 'channel', 'campaign'], periods='periods') }},

final as (
    select
        *,
        case when value is null then 'no_cost' end as quality_note
    from rolled_up
)

select * from final
