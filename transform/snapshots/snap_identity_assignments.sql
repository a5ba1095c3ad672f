{% snapshot snap_identity_assignments %}
{{ config(unique_key='node_key', strategy='check', check_cols=['organization_id']) }}
select
    node_key,
    {{ dbt.hash('anchor_key') }} as organization_id
from {{ ref('int_identity__clusters') }}
where
    node_kind = 'organization'
    and is_active
{% endsnapshot %}
