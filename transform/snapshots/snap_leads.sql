{% snapshot snap_leads %}
{{ config(unique_key='lead_id', strategy='timestamp', updated_at='changed_at') }}
select
    lead_id,
    master_lead_id,
    converted_account_id,
    converted_contact_id,
    converted_opportunity_id,
    owner_id,
    country,
    lead_source,
    lead_status,
    is_converted,
    converted_date,
    mql_date,
    is_deleted,
    coalesce(modified_at, loaded_at) as changed_at
from {{ ref('stg_salesforce__leads') }}
where coalesce(modified_at, loaded_at) is not null
{% endsnapshot %}
