-- Each instance with the organization that the last of its licences is for.
with pings as (
    select
        instance_uuid,
        license_key,
        row_number() over (partition by instance_uuid order by recorded_at desc) as recency
    from {{ ref('int_usage__pings') }}
    where license_key is not null
),

first_pings as (
    select
        instance_uuid,
        min(recorded_at) as first_recorded_at
    from {{ ref('int_usage__pings') }}
    group by instance_uuid
),

instances as (
    select
        pings.instance_uuid,
        pings.hostname,
        first_pings.first_recorded_at
    from {{ ref('int_usage__pings') }} as pings
    inner join first_pings
        on pings.instance_uuid = first_pings.instance_uuid
    where pings.is_last
),

licenses as (
    select * from {{ ref('int_licenses__owners') }}
),

final as (
    select
        instances.instance_uuid,
        pings.license_key,
        licenses.lineage_id,
        licenses.account_id,
        licenses.organization_key,
        instances.hostname,
        instances.first_recorded_at
    from instances
    left join pings
        on instances.instance_uuid = pings.instance_uuid
        and pings.recency = 1
    left join licenses
        on pings.license_key = licenses.license_key
)

select * from final
