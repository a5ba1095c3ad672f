{#-
    A staging model of a stream of licences: those of an instance, or the one it uses, have
    the same fields.
-#}
{% macro staged_licenses(stream) -%}
with source as (
    {{ source_or_empty(
        'gitlab', stream, key=['instance', 'license_id'],
        columns=[
            ('instance', 'text', 'instance'),
            ('id', 'text', 'license_id'),
            ('plan', 'text', 'license_plan'),
            ('user_limit', 'numeric', 'seats'),
            ('active_users', 'numeric', 'active_users'),
            ('historical_max', 'numeric', 'max_users'),
            ('expired', 'boolean', 'is_expired'),
            ('licensee', 'json', 'licensee'),
            ('starts_at', 'date', 'starts_on'),
            ('expires_at', 'date', 'expires_on'),
            ('created_at', 'timestamp', 'created_at'),
        ]
    ) }}
),

final as (
    select
        instance,
        license_id,
        license_plan,
        seats,
        active_users,
        max_users,
        is_expired,
        {{ json_text('licensee', 'Email') }} as licensee_email,
        {{ json_text('licensee', 'Company') }} as licensee_company,
        is_deleted,
        starts_on,
        expires_on,
        created_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
{%- endmacro %}
