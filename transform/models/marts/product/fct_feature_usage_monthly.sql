with usage as (
    select * from {{ ref('int_usage__features_monthly') }}
),

instances as (
    select * from {{ ref('int_instances__organizations') }}
),

final as (
    select
        usage.instance_uuid,
        usage.feature_code,
        instances.organization_id,
        usage.counter_value,
        usage.counter_delta,
        usage.counter_delta > 0 as is_adopted,
        usage.month_start
    from usage
    inner join instances
        on usage.instance_uuid = instances.instance_uuid
)

select * from final
