with pings as (
    select
        *,
        count(*) over (partition by instance_uuid, month_start) as pings_of_month
    from {{ ref('int_usage__pings') }}
),

instances as (
    select * from {{ ref('int_instances__organizations') }}
),

final as (
    select
        pings.instance_uuid,
        instances.organization_id,
        pings.license_key as license_id,
        pings.version,
        pings.active_users,
        pings.max_users,
        pings.licensed_users,
        {{ divided('pings.active_users', 'pings.licensed_users') }} as utilization,
        cast(pings.pings_of_month as integer) as ping_count,
        pings.month_start,
        pings.recorded_at as last_ping_at
    from pings
    inner join instances
        on pings.instance_uuid = instances.instance_uuid
    where pings.is_last_of_month
)

select * from final
