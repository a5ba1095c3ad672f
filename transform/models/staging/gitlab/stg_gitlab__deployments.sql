with source as (
    {{ source_or_empty(
        'gitlab', 'deployments', key='deployment_id',
        columns=[
            ('id', 'text', 'deployment_id'),
            ('project_id', 'text', 'project_id'),
            ('sha', 'text', 'commit_id'),
            ('ref', 'text', 'ref'),
            ('status', 'text', 'deployment_status'),
            ('environment', 'json', 'environment'),
            ('created_at', 'timestamp', 'created_at'),
            ('updated_at', 'timestamp', 'updated_at'),
        ]
    ) }}
),

final as (
    select
        deployment_id,
        project_id,
        commit_id,
        ref,
        deployment_status,
        {{ json_text('environment', 'name') }} as environment_name,
        is_deleted,
        created_at,
        updated_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
