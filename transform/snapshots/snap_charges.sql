{% snapshot snap_charges %}
{{ config(unique_key='rate_plan_charge_id', strategy='timestamp', updated_at='changed_at') }}
select
    rate_plan_charge_id,
    subscription_id,
    charge_number,
    charge_type,
    currency,
    quantity,
    mrr,
    tcv,
    is_last_segment,
    start_date,
    end_date,
    is_deleted,
    coalesce(modified_at, loaded_at) as changed_at
from {{ ref('stg_zuora__rate_plan_charges') }}
where coalesce(modified_at, loaded_at) is not null
{% endsnapshot %}
