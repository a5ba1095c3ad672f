-- How long instances stay on a level of the ladder of features.
with ladder as (
    select * from {{ ref('int_usage__ladder') }}
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

timed as (
    select
        'adoption_step_time' as metric_code,
        {{ month_start('ladder.reached_on') }} as month_start,
        ladder.step,
        ladder.moved_on is not null as is_event,
        {{ dbt.datediff('ladder.reached_on', 'coalesce(ladder.moved_on, as_of.as_of_date)', 'day') }} as days
    from ladder
    cross join as_of
),

{{ median_rows('timed', ['step'], periods='periods') }}

select * from median_rows
