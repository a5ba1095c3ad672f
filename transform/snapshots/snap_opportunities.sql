{% snapshot snap_opportunities %}
{{ config(unique_key='opportunity_id', strategy='timestamp', updated_at='changed_at') }}
select
    opportunity_id,
    account_id,
    campaign_id,
    owner_id,
    merged_opportunity_id,
    opportunity_type,
    stage_name,
    forecast_category,
    currency,
    amount,
    probability,
    acv,
    incremental_acv,
    renewal_acv,
    tcv,
    term_months,
    is_closed,
    is_won,
    close_date,
    sales_accepted_date,
    is_deleted,
    coalesce(modified_at, loaded_at) as changed_at
from {{ ref('stg_salesforce__opportunities') }}
where coalesce(modified_at, loaded_at) is not null
{% endsnapshot %}
