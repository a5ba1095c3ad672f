with merge_requests as (
    select * from {{ ref('int_merge_requests__authored') }}
),

reviewed as (
    select * from {{ ref('int_merge_requests__reviewed') }}
),

released as (
    select * from {{ ref('int_merge_requests__released') }}
),

projects as (
    select * from {{ ref('stg_gitlab__projects') }}
),

final as (
    select
        merge_requests.merge_request_id,
        merge_requests.project_id,
        projects.project_path,
        merge_requests.merge_request_iid,
        merge_requests.merge_request_state,
        merge_requests.author_id,
        merge_requests.author_kind_when_opened,
        merge_requests.author_kind_when_merged,
        merge_requests.target_branch,
        released.tag_name as release_tag,
        merge_requests.is_draft,
        merge_requests.is_bug_fix,
        merge_requests.merged_at is not null
        and row_number() over (
            partition by merge_requests.author_id
            order by merge_requests.merged_at nulls last, {{ bytewise('merge_requests.merge_request_id') }}
        ) = 1 as is_first_contribution,
        {{ dbt.datediff(
            reporting_date('reviewed.ready_at'), reporting_date('reviewed.first_reviewed_at'), 'day'
        ) }} as days_to_review,
        {{ dbt.datediff('merge_requests.opened_date', 'merge_requests.merged_date', 'day') }} as days_to_merge,
        released.released_date,
        merge_requests.opened_at,
        reviewed.ready_at,
        reviewed.first_reviewed_at,
        merge_requests.merged_at,
        merge_requests.closed_at
    from merge_requests
    inner join reviewed
        on merge_requests.merge_request_id = reviewed.merge_request_id
    left join released
        on merge_requests.merge_request_id = released.merge_request_id
    left join projects
        on merge_requests.project_id = projects.project_id
)

select * from final
