-- Merge requests with who wrote them: team, community or bot, when they were opened and merged.
with merge_requests as (
    select
        *,
        {{ reporting_date('created_at') }} as opened_date,
        {{ reporting_date('merged_at') }} as merged_date
    from {{ ref('stg_gitlab__merge_requests') }}
    where not is_deleted
),

bots as (
    select * from {{ ref('int_developers__bots') }}
),

members as (
    select * from {{ ref('stg_csv__team_members') }}
    where not is_deleted
),

labelled as (
    select
        merge_requests.merge_request_id,
        count(*) as bug_labels
    from merge_requests
    cross join {{ json_items('merge_requests.labels') }} as label (value)
    where {{ json_scalar('label.value') }} in ({{ "'" ~ var('bug_labels') | join("', '") ~ "'" }})
    group by merge_requests.merge_request_id
),

-- Who came back to the team has two stays.
stays as (
    select
        merge_requests.merge_request_id,
        coalesce({{ dbt.bool_or(was_member('members', 'merge_requests.opened_date')) }}, false)
            as was_in_team_when_opened,
        coalesce({{ dbt.bool_or(was_member('members', 'merge_requests.merged_date')) }}, false)
            as was_in_team_when_merged
    from merge_requests
    inner join members
        on lower(merge_requests.author_username) = lower(members.gitlab_username)
    group by merge_requests.merge_request_id
),

final as (
    select
        merge_requests.merge_request_id,
        merge_requests.project_id,
        merge_requests.merge_request_iid,
        merge_requests.title,
        merge_requests.merge_request_state,
        merge_requests.author_id,
        merge_requests.author_username,
        case
            when bots.user_id is not null then 'bot'
            when stays.was_in_team_when_opened then 'team'
            else 'community'
        end as author_kind_when_opened,
        case
            when merge_requests.merged_date is null then null
            when bots.user_id is not null then 'bot'
            when stays.was_in_team_when_merged then 'team'
            else 'community'
        end as author_kind_when_merged,
        merge_requests.target_branch,
        coalesce(merge_requests.squash_commit_id, merge_requests.merge_commit_id) as merged_commit_id,
        merge_requests.is_draft,
        labelled.merge_request_id is not null as is_bug_fix,
        merge_requests.opened_date,
        merge_requests.merged_date,
        merge_requests.created_at as opened_at,
        merge_requests.merged_at,
        merge_requests.closed_at
    from merge_requests
    left join bots
        on merge_requests.author_id = bots.user_id
    left join stays
        on merge_requests.merge_request_id = stays.merge_request_id
    left join labelled
        on merge_requests.merge_request_id = labelled.merge_request_id
)

select * from final
