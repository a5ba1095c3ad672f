with counters as (
    select * from {{ ref('int_usage__counters') }}
    where counter_value > 0
),

final as (
    select
        instance_uuid,
        feature_code,
        sophistication_level,
        min(ping_date) as first_used_on,
        min(recorded_at) as first_used_at
    from counters
    group by
        instance_uuid,
        feature_code,
        sophistication_level
)

select * from final
