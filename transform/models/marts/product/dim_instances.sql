with instances as (
    select * from {{ ref('int_instances__organizations') }}
),

last_pings as (
    select * from {{ ref('int_usage__pings') }}
    where is_last
),

final as (
    select
        instances.instance_uuid,
        instances.organization_id,
        instances.rule_code as organization_rule,
        instances.license_key as license_id,
        instances.hostname,
        last_pings.edition,
        last_pings.version,
        last_pings.installation_type,
        instances.is_license_shared,
        instances.first_recorded_at as first_ping_at,
        last_pings.recorded_at as last_ping_at
    from instances
    inner join last_pings
        on instances.instance_uuid = last_pings.instance_uuid
)

select * from final
