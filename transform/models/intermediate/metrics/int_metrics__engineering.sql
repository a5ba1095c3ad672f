-- What the engineering department merges, and for whom.
with merge_requests as (
    select * from {{ ref('int_merge_requests__authored') }}
    where merged_date is not null
),

released as (
    select * from {{ ref('int_merge_requests__released') }}
),

picked as (
    select * from {{ ref('int_commits__picked') }}
    where is_bug_fix
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

first_merged as (
    select
        *,
        row_number() over (
            partition by author_id order by merged_at, {{ bytewise('merge_request_id') }}
        ) as merge_rank
    from merge_requests
),

measures as (
    select
        'merge_requests_merged' as metric_code,
        {{ month_start('merged_date') }} as month_start,
        author_kind_when_merged as author_kind,
        cast(null as text) as release,
        cast(null as text) as branch,
        1 as numerator,
        cast(null as numeric) as denominator
    from merge_requests

    union all

    select
        'merge_requests_by_release' as metric_code,
        {{ month_start('released_date') }} as month_start,
        cast(null as text) as author_kind,
        tag_name as release,
        cast(null as text) as branch,
        1 as numerator,
        cast(null as numeric) as denominator
    from released

    union all

    select
        'bug_fixes_picked' as metric_code,
        {{ month_start('picked_date') }} as month_start,
        cast(null as text) as author_kind,
        cast(null as text) as release,
        branch,
        1 as numerator,
        cast(null as numeric) as denominator
    from picked

    union all

    select
        'new_contributors' as metric_code,
        {{ month_start('merged_date') }} as month_start,
        cast(null as text) as author_kind,
        cast(null as text) as release,
        cast(null as text) as branch,
        1 as numerator,
        cast(null as numeric) as denominator
    from first_merged
    where
        merge_rank = 1
        and author_kind_when_merged = 'community'
),

{{ roll_up('measures', ['total', 'author_kind', 'release', 'branch'], periods='periods') }},

weekly as (
    select
        'merge_requests_merged' as metric_code,
        {{ week_start('merged_date') }} as week_start,
        author_kind_when_merged as author_kind,
        1 as numerator
    from merge_requests
),

{{ roll_up_weeks('weekly', ['total', 'author_kind']) }},

final as (
    {{ figures_of('rolled_up') }}

    union all

    {{ figures_of('by_week') }}
)

select * from final
