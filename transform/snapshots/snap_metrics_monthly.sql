{% snapshot snap_metrics_monthly %}
{{ config(
    unique_key=['metric_code', 'period_start', 'dimension_type', 'dimension_id'],
    strategy='check',
    check_cols=['numerator', 'denominator', 'value', 'quality_note'],
    hard_deletes='ignore',
) }}
select
    metric_code,
    dimension_type,
    dimension_id,
    numerator,
    denominator,
    value,
    quality_note,
    period_start,
    as_of_date
from {{ ref('mtr_metric_values') }}
where
    period_type = 'month'
    and is_mature
    and {{ add_days(add_months('period_start', 1), var('close_lag_days') - 1) }} <= as_of_date
{% endsnapshot %}
