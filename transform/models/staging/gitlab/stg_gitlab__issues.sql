with source as (
    {{ source_or_empty(
        'gitlab', 'issues', key='issue_id',
        columns=[
            ('id', 'text', 'issue_id'),
            ('project_id', 'text', 'project_id'),
            ('iid', 'text', 'issue_iid'),
            ('title', 'text', 'title'),
            ('state', 'text', 'issue_state'),
            ('labels', 'json', 'labels'),
            ('author', 'json', 'author'),
            ('created_at', 'timestamp', 'created_at'),
            ('updated_at', 'timestamp', 'updated_at'),
            ('closed_at', 'timestamp', 'closed_at'),
        ]
    ) }}
),

final as (
    select
        issue_id,
        project_id,
        issue_iid,
        title,
        issue_state,
        labels,
        {{ json_text('author', 'id') }} as author_id,
        is_deleted,
        created_at,
        updated_at,
        closed_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
