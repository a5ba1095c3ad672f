-- When each merge request could first be reviewed, and when somebody did: the first comment or
-- approval, then or later, of a person who is neither its author nor a program.
with merge_requests as (
    select * from {{ ref('int_merge_requests__authored') }}
),

notes as (
    select * from {{ ref('stg_gitlab__merge_request_notes') }}
    where not is_deleted
),

approvals as (
    select
        approvals.merge_request_id,
        {{ json_text("approver.value -> 'user'", 'id') }} as author_id,
        cast({{ json_text('approver.value', 'approved_at') }} as timestamp with time zone) as reviewed_at
    from {{ ref('stg_gitlab__merge_request_approvals') }} as approvals
    cross join {{ json_items('approvals.approved_by') }} as approver (value)
    where not approvals.is_deleted
),

bots as (
    select * from {{ ref('int_developers__bots') }}
),

undrafted as (
    select
        merge_request_id,
        max(created_at) as ready_at
    from notes
    where
        is_system
        and {{ matches_pattern('body', "'^(marked (this merge request )?as \\*\\*ready|unmarked as a )'") }}
    group by merge_request_id
),

reviews as (
    select
        merge_request_id,
        author_id,
        created_at as reviewed_at
    from notes
    where
        not is_system
        or {{ matches_pattern('body', "'^approved this merge request'") }}

    union all

    select
        merge_request_id,
        author_id,
        reviewed_at
    from approvals
),

ready as (
    select
        merge_requests.merge_request_id,
        merge_requests.author_id,
        coalesce(undrafted.ready_at, merge_requests.opened_at) as ready_at
    from merge_requests
    left join undrafted
        on merge_requests.merge_request_id = undrafted.merge_request_id
),

final as (
    select
        ready.merge_request_id,
        ready.ready_at,
        min(case when bots.user_id is null then reviews.reviewed_at end) as first_reviewed_at
    from ready
    left join reviews
        on ready.merge_request_id = reviews.merge_request_id
        and ready.ready_at <= reviews.reviewed_at
        and ready.author_id <> reviews.author_id
    left join bots
        on reviews.author_id = bots.user_id
    group by
        ready.merge_request_id,
        ready.ready_at
)

select * from final
