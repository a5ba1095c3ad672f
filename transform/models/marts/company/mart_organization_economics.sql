-- What each customer, with all organizations below it, cost and is worth.
with organizations as (
    select
        organization_id,
        organization_name,
        segment,
        {%- if var('customer_level') == 'parent' %}
        coalesce(ultimate_parent_organization_id, organization_id) as customer_organization_id
        {%- else %}
        organization_id as customer_organization_id
        {%- endif %}
    from {{ ref('dim_organizations') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

assumptions as (
    select * from {{ ref('int_value__assumptions') }}
),

costs as (
    select
        {{ organization_key('customer_account_id') }} as organization_id,
        touches,
        direct_cost,
        spread_cost,
        growth_cost
    from {{ ref('int_costs__organizations') }}
),

leads as (
    select
        owners.customer_account_id,
        count(*) as leads,
        sum(expected.expected_iacv) as expected_iacv
    from {{ ref('int_leads__expected') }} as expected
    inner join {{ ref('int_people__owners') }} as owners
        on expected.person_key = owners.person_key
    group by owners.customer_account_id
),

uses as (
    select
        customer_account_id,
        count(*) as collateral_uses,
        count(distinct content_name) as contents_used
    from {{ ref('int_content__uses') }}
    group by customer_account_id
),

journeys as (
    select
        customer_account_id,
        touched_date,
        days
    from {{ ref('int_journeys__started') }}
),

marketed as (
    select
        {{ organization_key('owners.customer_account_id') }} as organization_id,
        coalesce(leads.leads, 0) as leads,
        coalesce(leads.expected_iacv, 0) as expected_iacv,
        coalesce(uses.collateral_uses, 0) as collateral_uses,
        coalesce(uses.contents_used, 0) as contents_used,
        journeys.touched_date as first_touched_date,
        journeys.days as conversion_days
    from {{ ref('int_costs__organizations') }} as owners
    left join leads
        on owners.customer_account_id = leads.customer_account_id
    left join uses
        on owners.customer_account_id = uses.customer_account_id
    left join journeys
        on owners.customer_account_id = journeys.customer_account_id
),

first_orders as (
    select
        {{ organization_key('customer_account_id') }} as organization_id,
        iacv,
        acquired_date
    from {{ ref('int_customers__first_orders') }}
),

orders as (
    select
        customer_organization_id as organization_id,
        count(case when iacv > 0 then 1 end) as orders,
        sum(iacv) as iacv
    from {{ ref('fct_opportunities') }}
    where is_won
    group by customer_organization_id
),

recurring as (
    select
        organizations.customer_organization_id as organization_id,
        sum(charges.arr) as arr
    from {{ ref('int_charges__recurring') }} as charges
    cross join as_of
    inner join organizations
        on {{ user_organization_key('charges.organization_key') }} = organizations.organization_id
    where {{ in_force('charges', 'as_of.as_of_date') }}
    group by organizations.customer_organization_id
),

latest_usage as (
    select
        *,
        row_number() over (partition by organization_id order by month_start desc) as recency
    from {{ ref('mart_customer_usage') }}
),

usage as (
    select
        organizations.customer_organization_id as organization_id,
        sum(latest_usage.active_users) as active_users,
        sum(latest_usage.licensed_users) as licensed_users,
        max(latest_usage.features_used) as features_used,
        max(latest_usage.month_start) as usage_month_start
    from latest_usage
    inner join organizations
        on latest_usage.organization_id = organizations.organization_id
    where latest_usage.recency = 1
    group by organizations.customer_organization_id
),

joined as (
    select
        customers.organization_id,
        customers.organization_name,
        customers.segment,
        coalesce(costs.touches, 0) as touches,
        coalesce(costs.direct_cost, 0) as direct_cac,
        coalesce(costs.spread_cost, 0) as spread_cost,
        coalesce(costs.direct_cost, 0) + coalesce(costs.spread_cost, 0) as loaded_cac,
        coalesce(costs.growth_cost, 0) as growth_cost,
        coalesce(marketed.leads, 0) as leads,
        coalesce(marketed.expected_iacv, 0) as expected_iacv,
        coalesce(marketed.collateral_uses, 0) as collateral_uses,
        coalesce(marketed.contents_used, 0) as contents_used,
        marketed.first_touched_date,
        marketed.conversion_days,
        coalesce(orders.orders, 0) as orders,
        first_orders.iacv as first_order_iacv,
        coalesce(orders.iacv, 0) as iacv,
        coalesce(recurring.arr, 0) as arr,
        first_orders.iacv * assumptions.gross_margin * assumptions.lifetime_years as ltv,
        usage.active_users,
        usage.licensed_users,
        usage.features_used,
        first_orders.acquired_date,
        usage.usage_month_start
    from organizations as customers
    cross join assumptions
    left join costs
        on customers.organization_id = costs.organization_id
    left join marketed
        on customers.organization_id = marketed.organization_id
    left join first_orders
        on customers.organization_id = first_orders.organization_id
    left join orders
        on customers.organization_id = orders.organization_id
    left join recurring
        on customers.organization_id = recurring.organization_id
    left join usage
        on customers.organization_id = usage.organization_id
    where
        costs.organization_id is not null
        or orders.organization_id is not null
        or recurring.organization_id is not null
        or usage.organization_id is not null
),

final as (
    select
        organization_id,
        organization_name,
        segment,
        cast(touches as integer) as touches,
        cast(leads as integer) as leads,
        cast(collateral_uses as integer) as collateral_uses,
        cast(contents_used as integer) as contents_used,
        conversion_days,
        acquired_date is not null as is_customer,
        cast(orders as integer) as orders,
        cast(features_used as integer) as features_used,
        direct_cac,
        spread_cost,
        loaded_cac,
        growth_cost,
        {{ divided('(direct_cac + growth_cost)', 'leads') }} as cost_per_lead,
        first_order_iacv,
        expected_iacv,
        iacv,
        arr,
        ltv,
        {{ divided('ltv', 'loaded_cac') }} as ltv_to_cac,
        {{ divided('ltv - loaded_cac', 'loaded_cac') }} as net_roi,
        active_users,
        licensed_users,
        first_touched_date,
        acquired_date,
        usage_month_start
    from joined
)

select * from final
