-- The counters of features as pings told them; what could not be counted is not there.
with metrics as (
    select * from {{ ref('stg_gitlab__usage_metrics') }}
    where
        not is_deleted
        and value_number is not null
        and value_status is null
),

features as (
    select * from {{ ref('int_features__defined') }}
),

final as (
    select
        metrics.instance_uuid,
        features.feature_code,
        features.sophistication_level,
        metrics.value_number as counter_value,
        {{ reporting_date('metrics.recorded_at') }} as ping_date,
        {{ month_start(reporting_date('metrics.recorded_at')) }} as month_start,
        metrics.recorded_at
    from metrics
    inner join features
        on metrics.key_path = features.counter_path
)

select * from final
