with picked as (
    select * from {{ ref('int_commits__picked') }}
),

final as (
    select
        project_id,
        commit_id,
        merge_request_id,
        branch,
        is_bug_fix,
        picked_at
    from picked
)

select * from final
