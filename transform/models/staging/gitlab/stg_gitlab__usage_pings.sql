with source as (
    {{ source_or_empty(
        'gitlab', 'service_ping', key=['instance_uuid', 'recorded_at'],
        columns=[
            ('uuid', 'text', 'instance_uuid'),
            ('instance', 'text', 'instance'),
            ('customer_id', 'text', 'customer_id'),
            ('hostname', 'text', 'hostname'),
            ('version', 'text', 'version'),
            ('edition', 'text', 'edition'),
            ('installation_type', 'text', 'installation_type'),
            ('license_md5', 'text', 'license_md5'),
            ('license_id', 'text', 'license_id'),
            ('license_plan', 'text', 'license_plan'),
            ('license_subscription_id', 'text', 'license_subscription_id'),
            ('license_trial', 'boolean', 'is_trial'),
            ('active_user_count', 'numeric', 'active_users'),
            ('historical_max_users', 'numeric', 'max_users'),
            ('license_user_count', 'numeric', 'licensed_users'),
            ('payload', 'json', 'payload'),
            ('license_starts_at', 'date', 'license_starts_on'),
            ('license_expires_at', 'date', 'license_expires_on'),
            ('recorded_at', 'timestamp', 'recorded_at'),
        ]
    ) }}
),

final as (
    select
        instance_uuid,
        instance,
        customer_id,
        hostname,
        version,
        edition,
        installation_type,
        license_md5,
        license_id,
        license_plan,
        license_subscription_id,
        is_trial,
        active_users,
        max_users,
        licensed_users,
        {{ json_text("payload -> 'licensee'", 'Email') }} as licensee_email,
        {{ json_text("payload -> 'licensee'", 'Company') }} as licensee_company,
        is_deleted,
        license_starts_on,
        license_expires_on,
        recorded_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
