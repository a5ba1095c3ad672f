-- What campaigns and channels cost and brought, by month, one row a measure. Leads count in the
-- month of their first touch, and so does how far they came; customers and IACV in the month they
-- were won.
with spend as (
    select * from {{ ref('int_spend__daily') }}
),

touches as (
    select * from {{ ref('int_touchpoints__deduplicated') }}
    where not is_repeated
),

leads as (
    select * from {{ ref('int_leads__funnel') }}
),

customers as (
    select * from {{ ref('int_customers__acquired') }}
),

first_orders as (
    select * from {{ ref('int_customers__first_orders') }}
),

weights as (
    select * from {{ ref('int_attribution__weights') }}
),

orders as (
    select * from {{ ref('int_opportunities__enriched') }}
),

uses as (
    select * from {{ ref('int_content__uses') }}
),

known as (
    select * from {{ ref('int_campaigns__known') }}
),

measures as (
    select
        campaign_key,
        channel,
        'spend' as measure,
        {{ month_start('spend_date') }} as month_start,
        reporting_spend as amount
    from spend

    union all

    select
        'sfdc.campaign:' || campaign_id as campaign_key,
        channel,
        'touches' as measure,
        {{ month_start('touched_date') }} as month_start,
        1 as amount
    from touches

    {%- for measure, condition in {
        'leads': 'true', 'mql': 'mql_date is not null', 'sql': 'accepted_date is not null', 'won_leads': 'is_won'
    }.items() %}

    union all

    select
        'sfdc.campaign:' || campaign_id as campaign_key,
        channel,
        '{{ measure }}' as measure,
        {{ month_start('cohort_date') }} as month_start,
        1 as amount
    from leads
    where {{ condition }}
    {%- endfor %}

    union all

    select
        'sfdc.campaign:' || campaign_id as campaign_key,
        channel,
        'customers' as measure,
        {{ month_start('acquired_date') }} as month_start,
        1 as amount
    from customers

    union all

    select
        'sfdc.campaign:' || customers.campaign_id as campaign_key,
        customers.channel,
        'first_order_iacv' as measure,
        {{ month_start('customers.acquired_date') }} as month_start,
        first_orders.iacv as amount
    from customers
    inner join first_orders
        on customers.customer_account_id = first_orders.customer_account_id

    union all

    select
        'sfdc.campaign:' || weights.campaign_id as campaign_key,
        weights.channel,
        'iacv_' || weights.model_code as measure,
        {{ month_start('orders.close_date') }} as month_start,
        weights.weight * orders.iacv as amount
    from weights
    inner join orders
        on weights.opportunity_id = orders.opportunity_id

    union all

    select
        'sfdc.campaign:' || uses.campaign_id as campaign_key,
        coalesce(known.channel, 'unattributed') as channel,
        'collateral_uses' as measure,
        {{ month_start('uses.used_date') }} as month_start,
        1 as amount
    from uses
    left join known
        on uses.campaign_id = known.campaign_id
),

final as (
    select
        campaign_key,
        channel,
        measure,
        month_start,
        sum(amount) as amount
    from measures
    group by campaign_key, channel, measure, month_start
)

select * from final
