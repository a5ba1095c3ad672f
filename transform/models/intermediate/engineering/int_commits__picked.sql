-- Commits picked from a merged change into the branch of a version that is looked after. A commit
-- does not tell its branch: the pipeline of its push does.
with commits as (
    select
        *,
        {{ picked_from('commit_message') }} as picked_from_commit_id
    from {{ ref('stg_gitlab__commits') }}
    where not is_deleted
),

merge_requests as (
    select * from {{ ref('int_merge_requests__authored') }}
    where merged_commit_id is not null
),

pushes as (
    select
        project_id,
        commit_id,
        min(ref) as branch
    from {{ ref('stg_gitlab__pipelines') }}
    where
        not is_deleted
        and {{ matches_pattern('ref', "'" ~ var('stable_branch_pattern') ~ "'") }}
    group by
        project_id,
        commit_id
),

final as (
    select
        commits.project_id,
        commits.commit_id,
        merge_requests.merge_request_id,
        merge_requests.is_bug_fix,
        pushes.branch,
        {{ reporting_date('commits.committed_at') }} as picked_date,
        commits.committed_at as picked_at
    from commits
    inner join merge_requests
        on commits.project_id = merge_requests.project_id
        and commits.picked_from_commit_id = merge_requests.merged_commit_id
    inner join pushes
        on commits.project_id = pushes.project_id
        and commits.commit_id = pushes.commit_id
)

select * from final
