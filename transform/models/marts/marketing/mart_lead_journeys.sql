with leads as (
    select * from {{ ref('fct_leads') }}
),

funnel as (
    select * from {{ ref('int_leads__funnel') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

touches as (
    select
        person_key,
        count(*) as touches,
        sum(cost) as touch_cost,
        max(touched_date) as last_touched_date
    from {{ ref('int_costs__touches') }}
    group by person_key
),

uses as (
    select
        person_key,
        count(*) as collateral_uses
    from {{ ref('int_content__uses') }}
    group by person_key
),

credits as (
    select
        costs.person_key,
        weights.model_code,
        weights.weight * orders.iacv as iacv
    from {{ ref('int_attribution__weights') }} as weights
    inner join {{ ref('int_opportunities__enriched') }} as orders
        on weights.opportunity_id = orders.opportunity_id
    inner join {{ ref('int_costs__touches') }} as costs
        on weights.campaign_member_id = costs.campaign_member_id
),

credited as (
    select
        person_key,
        {{ iacv_by_model() | indent(4) }}
    from credits
    group by person_key
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

customers as (
    select * from {{ ref('int_people__owners') }}
),

expected as (
    select * from {{ ref('int_leads__expected') }}
),

assumptions as (
    select * from {{ ref('int_value__assumptions') }}
),

final as (
    select
        leads.lead_id,
        leads.person_id,
        leads.organization_id,
        leads.campaign_id,
        campaigns.campaign_name,
        leads.channel,
        leads.lead_source,
        case
            when leads.is_won then 'won'
            when leads.accepted_date is not null then 'sql'
            when leads.mql_date is not null then 'mql'
            else 'lead'
        end as furthest_step,
        coalesce(touches.touches, 0) as touches,
        coalesce(uses.collateral_uses, 0) as collateral_uses,
        coalesce(touches.touch_cost, 0) as touch_cost,
        {%- for model in attribution_models() %}
        coalesce(credited.iacv_{{ model }}, 0) as iacv_{{ model }},
        {%- endfor %}
        expected.conversion_chance,
        expected.expected_iacv,
        expected.expected_iacv * assumptions.gross_margin * assumptions.lifetime_years as expected_ltv,
        {{ divided('coalesce(touches.touch_cost, 0)', 'expected.expected_customers') }} as expected_cac,
        {{ divided(
            'expected.expected_iacv * assumptions.gross_margin * assumptions.lifetime_years', 'touches.touch_cost'
        ) }} as expected_ltv_to_cac,
        {{ dbt.datediff('leads.cohort_date', 'leads.mql_date', 'day') }} as days_to_mql,
        {{ dbt.datediff('leads.cohort_date', 'leads.accepted_date', 'day') }} as days_to_sql,
        {{ dbt.datediff('leads.cohort_date', 'coalesce(customers.acquired_date, as_of.as_of_date)', 'day') }}
            as journey_days,
        customers.acquired_date is not null as is_customer,
        leads.created_date,
        leads.cohort_date,
        leads.first_touched_date,
        touches.last_touched_date,
        leads.mql_date,
        leads.accepted_date,
        customers.acquired_date
    from leads
    inner join funnel
        on leads.lead_id = {{ dbt.hash("'lead:' || funnel.person_key") }}
    inner join expected
        on funnel.person_key = expected.person_key
    cross join as_of
    cross join assumptions
    left join campaigns
        on leads.campaign_id = campaigns.campaign_id
    left join touches
        on funnel.person_key = touches.person_key
    left join uses
        on funnel.person_key = uses.person_key
    left join credited
        on funnel.person_key = credited.person_key
    left join customers
        on funnel.person_key = customers.person_key
)

select * from final
