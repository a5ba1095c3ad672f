{%- set scores = {
    'first_touch': 'case when is_first then 1.0 else 0.0 end',
    'last_touch': 'case when is_last then 1.0 else 0.0 end',
    'linear': '1.0',
    'position':
        'case when path_length <= 2 then 1.0 when is_first or is_last then 0.4 else 0.2 / (path_length - 2) end',
    'w_shaped': 'case when milestones > 0 then 0.3 * milestones else 0.1 / others end',
    'time_decay': 'power(2.0, -days_before_close / ' ~ var('attribution_half_life_days') ~ '.0)',
    'last_non_direct': 'case when is_last_non_direct then 1.0 else 0.0 end',
    'full_path':
        'case when milestones + closings > 0 then 0.225 * (milestones + closings) else 0.1 / others_before_close end',
} -%}

-- Who gets how much of each order, by the rule models; the weights of an order sum to 1.
with orders as (
    select * from {{ ref('int_opportunities__enriched') }}
    where
        is_won
        and iacv > 0
),

paths as (
    select * from {{ ref('int_attribution__paths') }}
),

models as (
    {%- for model in scores %}
    select '{{ model }}' as model_code
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

milestones as (
    select
        *,
        case when is_first then 1 else 0 end
        + case when is_lead_creation then 1 else 0 end
        + case when is_opportunity_creation then 1 else 0 end as milestones,
        case when is_last then 1 else 0 end as closings
    from paths
),

shares as (
    select
        *,
        count(case when milestones = 0 then 1 end) over (partition by opportunity_id) as others,
        count(case when milestones + closings = 0 then 1 end)
            over (partition by opportunity_id) as others_before_close
    from milestones
),

scored as (
    select
        shares.opportunity_id,
        shares.campaign_member_id,
        shares.campaign_id,
        shares.channel,
        models.model_code,
        case models.model_code
            {%- for model, score in scores.items() %}
            when '{{ model }}' then {{ score }}
            {%- endfor %}
        end as score
    from shares
    cross join models
),

weighted as (
    select
        *,
        score / sum(score) over (partition by opportunity_id, model_code) as weight
    from scored
),

final as (
    select
        opportunity_id,
        campaign_member_id,
        campaign_id,
        channel,
        model_code,
        weight
    from weighted
    where weight > 0

    union all

    -- What no touch led to, as far as is known, still is somebody's order.
    select
        orders.opportunity_id,
        cast(null as text) as campaign_member_id,
        cast(null as text) as campaign_id,
        'unattributed' as channel,
        models.model_code,
        1.0 as weight
    from orders
    cross join models
    left join paths
        on orders.opportunity_id = paths.opportunity_id
    where paths.opportunity_id is null
)

select * from final
