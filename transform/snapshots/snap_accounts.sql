{% snapshot snap_accounts %}
{{ config(unique_key='account_id', strategy='timestamp', updated_at='changed_at') }}
select
    account_id,
    master_account_id,
    parent_account_id,
    owner_id,
    account_name,
    account_type,
    industry,
    segment,
    billing_country,
    currency,
    employees,
    is_deleted,
    coalesce(modified_at, loaded_at) as changed_at
from {{ ref('stg_salesforce__accounts') }}
where coalesce(modified_at, loaded_at) is not null
{% endsnapshot %}
