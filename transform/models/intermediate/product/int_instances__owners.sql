-- Each instance with the organization that the last of its licences is for.
with pings as (
    select
        instance_uuid,
        license_key,
        row_number() over (partition by instance_uuid order by recorded_at desc) as recency
    from {{ ref('int_usage__pings') }}
    where license_key is not null
),

instances as (
    select instance_uuid
    from {{ ref('int_usage__pings') }}
    where is_last
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
        licenses.organization_key
    from instances
    left join pings
        on instances.instance_uuid = pings.instance_uuid
        and pings.recency = 1
    left join licenses
        on pings.license_key = licenses.license_key
)

select * from final
