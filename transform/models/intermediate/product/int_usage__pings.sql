-- What instances told of themselves, and which of it was the last of a month.
with pings as (
    select * from {{ ref('stg_gitlab__usage_pings') }}
    where not is_deleted
),

dated as (
    select
        *,
        coalesce(license_md5, 'id:' || license_id) as license_key,
        {{ reporting_date('recorded_at') }} as ping_date,
        {{ month_start(reporting_date('recorded_at')) }} as month_start
    from pings
),

final as (
    select
        instance_uuid,
        hostname,
        version,
        edition,
        installation_type,
        license_key,
        license_subscription_id,
        license_plan,
        licensee_email,
        licensee_company,
        active_users,
        max_users,
        licensed_users,
        row_number() over (
            partition by instance_uuid, month_start order by recorded_at desc
        ) = 1 as is_last_of_month,
        row_number() over (partition by instance_uuid order by recorded_at desc) = 1 as is_last,
        row_number() over (
            partition by license_key order by recorded_at desc, {{ bytewise('instance_uuid') }}
        ) = 1 as is_last_of_license,
        ping_date,
        month_start,
        license_starts_on,
        license_expires_on,
        recorded_at
    from dated
)

select * from final
