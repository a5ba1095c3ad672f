{% snapshot snap_ad_sets %}
{{ config(unique_key='ad_set_id', strategy='timestamp', updated_at='changed_at') }}
select
    ad_set_id,
    ad_account_id,
    facebook_campaign_id,
    ad_set_name,
    ad_set_status,
    effective_status,
    optimization_goal,
    daily_budget_minor,
    lifetime_budget_minor,
    started_at,
    stopped_at,
    is_deleted,
    coalesce(modified_at, loaded_at) as changed_at
from {{ ref('stg_facebook__ad_sets') }}
where coalesce(modified_at, loaded_at) is not null
{% endsnapshot %}
