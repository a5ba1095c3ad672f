-- Days from the application to the accepted offer; all others are waited for.
with applications as (
    select * from {{ ref('int_people__applications') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

timed as (
    select
        'hiring_time' as metric_code,
        {{ month_start('applications.applied_date') }} as month_start,
        applications.department,
        applications.accepted_date is not null as is_event,
        {{ dbt.datediff(
            'applications.applied_date', 'coalesce(applications.accepted_date, as_of.as_of_date)', 'day'
        ) }} as days
    from applications
    cross join as_of
),

{{ median_rows('timed', ['total', 'department'], periods='periods') }}

select * from median_rows
