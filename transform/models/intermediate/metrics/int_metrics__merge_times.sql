-- How long changes wait to be reviewed, and to be merged.
with merge_requests as (
    select * from {{ ref('int_merge_requests__authored') }}
),

reviewed as (
    select
        merge_request_id,
        {{ reporting_date('ready_at') }} as ready_date,
        {{ reporting_date('first_reviewed_at') }} as reviewed_date
    from {{ ref('int_merge_requests__reviewed') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

timed as (
    select
        'merge_request_cycle_time' as metric_code,
        {{ month_start('merge_requests.opened_date') }} as month_start,
        merge_requests.author_kind_when_opened as author_kind,
        merge_requests.merged_date is not null as is_event,
        {{ dbt.datediff(
            'merge_requests.opened_date', 'coalesce(merge_requests.merged_date, as_of.as_of_date)', 'day'
        ) }} as days
    from merge_requests
    cross join as_of

    union all

    select
        'merge_request_review_time' as metric_code,
        {{ month_start('reviewed.ready_date') }} as month_start,
        merge_requests.author_kind_when_opened as author_kind,
        reviewed.reviewed_date is not null as is_event,
        {{ dbt.datediff(
            'reviewed.ready_date', 'coalesce(reviewed.reviewed_date, as_of.as_of_date)', 'day'
        ) }} as days
    from merge_requests
    inner join reviewed
        on merge_requests.merge_request_id = reviewed.merge_request_id
    cross join as_of
),

{{ median_rows('timed', ['total', 'author_kind'], periods='periods') }}

select * from median_rows
