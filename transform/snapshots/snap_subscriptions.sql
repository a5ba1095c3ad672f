{% snapshot snap_subscriptions %}
{{ config(unique_key='subscription_id', strategy='timestamp', updated_at='changed_at') }}
select
    subscription_id,
    original_subscription_id,
    previous_subscription_id,
    billing_account_id,
    opportunity_id,
    subscription_name,
    subscription_status,
    term_type,
    version_number,
    is_auto_renewed,
    is_latest,
    term_start_date,
    term_end_date,
    cancelled_date,
    is_deleted,
    coalesce(modified_at, loaded_at) as changed_at
from {{ ref('stg_zuora__subscriptions') }}
where coalesce(modified_at, loaded_at) is not null
{% endsnapshot %}
