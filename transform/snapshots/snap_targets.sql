{% snapshot snap_targets %}
{{ config(unique_key=['period_type', 'period_start', 'segment', 'target_metric'], strategy='check', check_cols=['target_value']) }}
select
    period_type,
    segment,
    target_metric,
    target_value,
    period_start
from {{ ref('stg_csv__budget_targets') }}
where not is_deleted
{% endsnapshot %}
