-- Every version of a subscription that counts, with the id all of its versions share.
with subscriptions as (
    select * from {{ ref('stg_zuora__subscriptions') }}
    where not is_deleted
),

final as (
    select
        *,
        coalesce(original_subscription_id, subscription_id) as lineage_id,
        coalesce(lower(subscription_status), '') = 'draft' as is_draft,
        coalesce({{ is_cancelled_status('subscription_status') }}, false) as is_cancelled
    from subscriptions
)

select * from final
