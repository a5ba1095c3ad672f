-- What each subscription is worth a year from one day to another, in the reporting currency.
with charges as (
    select * from {{ ref('stg_zuora__rate_plan_charges') }}
    where
        not is_deleted
        and lower(charge_type) = 'recurring'
        and start_date is not null
),

rate_plans as (
    select * from {{ ref('stg_zuora__rate_plans') }}
),

subscriptions as (
    select * from {{ ref('int_subscriptions__latest') }}
),

patterns as (
    select
        source,
        pattern,
        product_code,
        priority
    from {{ ref('product_code_patterns') }}
    where source = 'zuora_rate_plan'
    {{ own_product_patterns('zuora_rate_plan') }}
),

products as (
    select * from {{ ref('product_codes') }}
),

matched as (
    select
        rate_plans.rate_plan_id,
        patterns.product_code,
        row_number() over (
            partition by rate_plans.rate_plan_id
            order by patterns.priority, patterns.pattern
        ) as match_rank
    from rate_plans
    inner join patterns
        on {{ matches_pattern('rate_plans.rate_plan_name', 'patterns.pattern') }}
),

priced as (
    select
        charges.rate_plan_charge_id,
        charges.charge_number,
        subscriptions.lineage_id,
        subscriptions.subscription_id,
        subscriptions.account_id,
        subscriptions.organization_key,
        subscriptions.segment,
        coalesce(matched.product_code, 'UNMAPPED') as product_code,
        rate_plans.rate_plan_name,
        coalesce(charges.currency, subscriptions.currency) as currency,
        charges.quantity,
        charges.mrr,
        charges.exchange_rate,
        charges.start_date,
        charges.end_date
    from charges
    inner join subscriptions
        on charges.subscription_id = subscriptions.subscription_id
    left join rate_plans
        on charges.rate_plan_id = rate_plans.rate_plan_id
    left join matched
        on charges.rate_plan_id = matched.rate_plan_id
        and matched.match_rank = 1
),

final as (
    select
        priced.rate_plan_charge_id,
        priced.charge_number,
        priced.lineage_id,
        priced.subscription_id,
        priced.account_id,
        priced.organization_key,
        priced.segment,
        priced.product_code,
        products.tier_rank,
        priced.rate_plan_name,
        priced.currency,
        priced.quantity,
        priced.mrr,
        priced.exchange_rate,
        round({{ in_reporting_currency('12 * priced.mrr', 'priced.currency', 'priced.exchange_rate') }}, 6) as arr,
        priced.start_date,
        priced.end_date
    from priced
    left join products
        on priced.product_code = products.product_code
)

select * from final
