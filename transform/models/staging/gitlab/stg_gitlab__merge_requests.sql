with source as (
    {{ source_or_empty(
        'gitlab', 'merge_requests', key='merge_request_id',
        columns=[
            ('id', 'text', 'merge_request_id'),
            ('project_id', 'text', 'project_id'),
            ('iid', 'text', 'merge_request_iid'),
            ('title', 'text', 'title'),
            ('state', 'text', 'merge_request_state'),
            ('source_branch', 'text', 'source_branch'),
            ('target_branch', 'text', 'target_branch'),
            ('sha', 'text', 'head_commit_id'),
            ('merge_commit_sha', 'text', 'merge_commit_id'),
            ('squash_commit_sha', 'text', 'squash_commit_id'),
            ('labels', 'json', 'labels'),
            ('author', 'json', 'author'),
            ('draft', 'boolean', 'draft'),
            ('work_in_progress', 'boolean', 'work_in_progress'),
            ('created_at', 'timestamp', 'created_at'),
            ('updated_at', 'timestamp', 'updated_at'),
            ('merged_at', 'timestamp', 'merged_at'),
            ('closed_at', 'timestamp', 'closed_at'),
        ]
    ) }}
),

final as (
    select
        merge_request_id,
        project_id,
        merge_request_iid,
        title,
        merge_request_state,
        source_branch,
        target_branch,
        head_commit_id,
        merge_commit_id,
        squash_commit_id,
        labels,
        {{ json_text('author', 'id') }} as author_id,
        {{ json_text('author', 'username') }} as author_username,
        coalesce(draft, work_in_progress, false) as is_draft,
        is_deleted,
        created_at,
        updated_at,
        merged_at,
        closed_at,
        loaded_at
    from source
    where is_latest_version
)

select * from final
