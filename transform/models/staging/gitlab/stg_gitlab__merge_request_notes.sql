with source as (
    {{ source_or_empty(
        'gitlab', 'merge_request_notes', key='note_id',
        columns=[
            ('id', 'text', 'note_id'),
            ('noteable_id', 'text', 'merge_request_id'),
            ('project_id', 'text', 'project_id'),
            ('body', 'text', 'body'),
            ('system', 'boolean', 'is_system'),
            ('author', 'json', 'author'),
            ('created_at', 'timestamp', 'created_at'),
        ]
    ) }}
),

final as (
    select
        note_id,
        merge_request_id,
        project_id,
        body,
        is_system,
        {{ json_text('author', 'id') }} as author_id,
        {{ json_text('author', 'username') }} as author_username,
        is_deleted,
        created_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
