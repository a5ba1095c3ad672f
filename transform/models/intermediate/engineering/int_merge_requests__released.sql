-- The first release of its project that a merged change is in.
with merge_requests as (
    select * from {{ ref('int_merge_requests__authored') }}
    where merged_at is not null
),

releases as (
    select * from {{ ref('stg_gitlab__releases') }}
    where
        not is_deleted
        and not coalesce(is_upcoming, false)
        and released_at is not null
),

ranked as (
    select
        merge_requests.merge_request_id,
        releases.tag_name,
        releases.released_at,
        row_number() over (
            partition by merge_requests.merge_request_id
            order by releases.released_at, {{ bytewise('releases.tag_name') }}
        ) as release_rank
    from merge_requests
    inner join releases
        on merge_requests.project_id = releases.project_id
        and merge_requests.merged_at <= releases.released_at
),

final as (
    select
        merge_request_id,
        tag_name,
        {{ reporting_date('released_at') }} as released_date,
        released_at
    from ranked
    where release_rank = 1
)

select * from final
