-- What new customers are worth, and what that is to what they, or the campaigns that touched them
-- first, cost.
{#- What is divided by what; whether it is told by segment; what else than customers gives a row;
    the note of no denominator; whether the years that customers stay go into it. #}
{%- set ratios = {
    'ltv': ['worth', 'customers', true, none, none, true],
    'ltv_to_cac': ['worth', 'spend', false, 'has_spend', 'no_cost', true],
    'net_roi': ['(worth - spend)', 'spend', false, 'has_spend', 'no_cost', true],
    'payback_months': ['spend', 'monthly_margin', false, 'has_spend', none, false],
    'ltv_to_cac_actual': ['worth', 'actual_spend', false, 'has_actual_spend', 'no_cost', true],
    'ltv_to_loaded_cac': ['worth', 'loaded_cost', true, none, 'no_cost', true],
} %}
with customers as (
    select
        orders.customer_account_id,
        orders.segment,
        acquired.channel,
        acquired.campaign_id as campaign,
        {{ month_start('orders.acquired_date') }} as month_start,
        orders.iacv,
        costs.direct_cost + costs.spread_cost as loaded_cost
    from {{ ref('int_customers__first_orders') }} as orders
    inner join {{ ref('int_customers__acquired') }} as acquired
        on orders.customer_account_id = acquired.customer_account_id
    inner join {{ ref('int_costs__organizations') }} as costs
        on orders.customer_account_id = costs.customer_account_id
),

spend as (
    select * from {{ ref('int_campaigns__spend_by_day') }}
),

actual_spend as (
    select * from {{ ref('int_spend__daily') }}
    where reporting_spend <> 0
),

assumptions as (
    select * from {{ ref('int_value__assumptions') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

-- Each amount under a name of its own, to be put side by side again below.
measures as (
    {%- for name, amount in {
        'customers': '1', 'first_iacv': 'iacv', 'loaded_cost': 'loaded_cost'
    }.items() %}
    select
        '{{ name }}' as metric_code,
        month_start,
        segment,
        channel,
        campaign,
        {{ amount }} as numerator,
        cast(null as numeric) as denominator
    from customers

    union all
    {% endfor %}
    select
        'spend' as metric_code,
        {{ month_start('spend_date') }} as month_start,
        cast(null as text) as segment,
        channel,
        campaign_id as campaign,
        spend as numerator,
        cast(null as numeric) as denominator
    from spend

    union all

    select
        'actual_spend' as metric_code,
        {{ month_start('spend_date') }} as month_start,
        cast(null as text) as segment,
        channel,
        campaign_id as campaign,
        reporting_spend as numerator,
        cast(null as numeric) as denominator
    from actual_spend
),

{{ roll_up('measures', ['total', 'segment', 'channel', 'campaign'], periods='periods') }},

places as (
    select
        period_type,
        period_start,
        dimension_type,
        dimension_id,
        max(case when metric_code = 'customers' then numerator end) as customers,
        max(case when metric_code = 'first_iacv' then numerator end) as first_iacv,
        max(case when metric_code = 'loaded_cost' then numerator end) as loaded_cost,
        max(case when metric_code = 'spend' then numerator end) as spend,
        max(case when metric_code = 'actual_spend' then numerator end) as actual_spend
    from rolled_up
    group by 1, 2, 3, 4
),

amounts as (
    select
        places.period_type,
        places.period_start,
        places.dimension_type,
        places.dimension_id,
        {%- for name in ['customers', 'loaded_cost', 'spend', 'actual_spend'] %}
        coalesce(places.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        places.spend is not null as has_spend,
        places.actual_spend is not null as has_actual_spend,
        coalesce(places.first_iacv, 0) * assumptions.gross_margin * assumptions.lifetime_years as worth,
        coalesce(places.first_iacv, 0) * assumptions.gross_margin / 12 as monthly_margin,
        assumptions.lifetime_years = {{ var('max_lifetime_years') }} as is_bounded
    from places
    cross join assumptions
),

final as (
    {%- for metric_code, (numerator, denominator, is_by_segment, or_has, no_denominator, is_of_years)
        in ratios.items() %}
    {%- if not loop.first %}

    union all
    {% endif %}
    select
        '{{ metric_code }}' as metric_code,
        period_type,
        period_start,
        dimension_type,
        dimension_id,
        {{ numerator }} as numerator,
        {{ denominator }} as denominator,
        {{ divided(numerator, denominator) }} as value,
        case
            when {{ denominator }} = 0 then {{ "'" ~ no_denominator ~ "'" if no_denominator else 'null' }}
            when customers < {{ var('few_customers_below') }} then 'few_customers'
            {%- if is_of_years %}
            when is_bounded then 'bounded_lifetime'
            {%- endif %}
        end as quality_note
    from amounts
    where
        {{ numerator }} is not null
        and {{ denominator }} is not null
        and (customers > 0{{ ' or ' ~ or_has if or_has }})
        {%- if not is_by_segment %}
        and dimension_type <> 'segment'
        {%- endif %}
    {%- endfor %}
)

select * from final
