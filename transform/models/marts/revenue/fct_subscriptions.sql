with subscriptions as (
    select * from {{ ref('int_subscriptions__latest') }}
),

final as (
    select
        lineage_id,
        subscription_id,
        subscription_name,
        {{ organization_key('account_id') }} as organization_id,
        {{ organization_key('billing_crm_account_id') }} as billing_organization_id,
        opportunity_id,
        subscription_status,
        currency,
        is_cancelled,
        term_start_date,
        term_end_date,
        cancelled_date
    from subscriptions
)

select * from final
