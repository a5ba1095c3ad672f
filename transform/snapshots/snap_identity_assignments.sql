{% snapshot snap_identity_assignments %}
{{ config(unique_key='node_key', strategy='check', check_cols=['organization_id']) }}
select
    node_key,
    organization_id
from {{ ref('int_identity__organization_ids') }}
{% endsnapshot %}
