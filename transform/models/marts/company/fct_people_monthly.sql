-- Months of departments. What few people did is left out: one could guess who they are.
with headcounts as (
    select * from {{ ref('int_people__headcounts') }}
),

applications as (
    select * from {{ ref('int_people__applications') }}
),

members as (
    select
        team_member_id,
        coalesce(department, {{ unknown_member() }}) as department,
        {{ month_start('start_date') }} as start_month
    from {{ ref('stg_csv__team_members') }}
    where not is_deleted
),

terminations as (
    select
        coalesce(members.department, {{ unknown_member() }}) as department,
        {{ month_start('terminations.termination_date') }} as month_start
    from {{ ref('stg_csv__terminations') }} as terminations
    left join members
        on terminations.team_member_id = members.team_member_id
    where not terminations.is_deleted
),

events as (
    select
        department,
        {{ month_start('applied_date') }} as month_start,
        1 as applications,
        case when applicant_source = 'inbound' then 1 else 0 end as applications_inbound,
        interviews,
        0 as offers_accepted,
        0 as hires_started,
        0 as terminations
    from applications

    union all

    select
        department,
        {{ month_start('accepted_date') }} as month_start,
        0 as applications,
        0 as applications_inbound,
        0 as interviews,
        1 as offers_accepted,
        0 as hires_started,
        0 as terminations
    from applications
    where accepted_date is not null

    union all

    select
        department,
        start_month as month_start,
        0 as applications,
        0 as applications_inbound,
        0 as interviews,
        0 as offers_accepted,
        1 as hires_started,
        0 as terminations
    from members
    where start_month is not null

    union all

    select
        department,
        month_start,
        0 as applications,
        0 as applications_inbound,
        0 as interviews,
        0 as offers_accepted,
        0 as hires_started,
        1 as terminations
    from terminations
),

counted as (
    select
        department,
        month_start,
        sum(applications) as applications,
        sum(applications_inbound) as applications_inbound,
        sum(interviews) as interviews,
        sum(offers_accepted) as offers_accepted,
        sum(hires_started) as hires_started,
        sum(terminations) as terminations
    from events
    group by department, month_start
),

cells as (
    select
        coalesce(headcounts.department, counted.department) as department,
        coalesce(headcounts.month_start, counted.month_start) as month_start,
        headcounts.headcount,
        coalesce(counted.applications, 0) as applications,
        coalesce(counted.applications_inbound, 0) as applications_inbound,
        coalesce(counted.interviews, 0) as interviews,
        coalesce(counted.offers_accepted, 0) as offers_accepted,
        coalesce(counted.hires_started, 0) as hires_started,
        coalesce(counted.terminations, 0) as terminations
    from headcounts
    full outer join counted
        on headcounts.department = counted.department
        and headcounts.month_start = counted.month_start
),

final as (
    select
        department,
        cast(headcount as integer) as headcount,
        cast(applications as integer) as applications,
        cast(applications_inbound as integer) as applications_inbound,
        cast(case when applications >= {{ fewest_people() }} then interviews end as integer) as interviews,
        cast(offers_accepted as integer) as offers_accepted,
        cast(hires_started as integer) as hires_started,
        cast(case when headcount >= {{ fewest_people() }} then terminations end as integer) as terminations,
        month_start
    from cells
)

select * from final
