-- What each instance's counters had come to by the last ping of a month that told them, and what
-- they gained since an earlier month told them. A counter that fell was reset: all it shows is new.
with counters as (
    select
        *,
        row_number() over (
            partition by instance_uuid, feature_code, month_start order by recorded_at desc
        ) as recency
    from {{ ref('int_usage__counters') }}
),

monthly as (
    select
        instance_uuid,
        feature_code,
        counter_value,
        coalesce(
            lag(counter_value) over (partition by instance_uuid, feature_code order by month_start), 0
        ) as counter_before,
        month_start
    from counters
    where recency = 1
),

final as (
    select
        instance_uuid,
        feature_code,
        counter_value,
        case
            when counter_value < counter_before then counter_value
            else counter_value - counter_before
        end as counter_delta,
        month_start
    from monthly
)

select * from final
