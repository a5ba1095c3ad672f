with releases as (
    select * from {{ ref('stg_gitlab__releases') }}
    where
        not is_deleted
        and not coalesce(is_upcoming, false)
        and released_at is not null
),

merge_requests as (
    select
        project_id,
        release_tag,
        count(*) as merge_requests
    from {{ ref('fct_merge_requests') }}
    where release_tag is not null
    group by
        project_id,
        release_tag
),

final as (
    select
        releases.project_id,
        releases.tag_name,
        releases.release_name,
        cast(coalesce(merge_requests.merge_requests, 0) as integer) as merge_requests,
        releases.released_at
    from releases
    left join merge_requests
        on releases.project_id = merge_requests.project_id
        and releases.tag_name = merge_requests.release_tag
)

select * from final
