with subscriptions as (
    select * from {{ ref('int_subscriptions__latest') }}
),

final as (
    select
        lineage_id,
        subscription_id,
        subscription_name,
        {{ user_organization_key('organization_key') }} as organization_id,
        {{ user_organization_key("coalesce(billing_crm_account_id, 'billing:' || billing_account_id)") }}
            as billing_organization_id,
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
