-- How instances climb the ladder of features: who moves on, and where most stay behind.
with ladder as (
    select * from {{ ref('int_usage__ladder') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'adoption_step_rate' as metric_code,
        {{ month_start('reached_on') }} as month_start,
        step,
        case when moved_on is null then 0 else 1 end as numerator,
        1 as denominator
    from ladder
),

{{ roll_up('measures', ['step'], periods='periods') }},

steps as (
    select
        step,
        sophistication_level,
        count(*) - count(moved_on) as stayed,
        count(*) as reached
    from ladder
    group by 1, 2
),

drops as (
    select
        *,
        row_number() over (
            order by {{ divided('cast(stayed as numeric)', 'reached') }} desc, sophistication_level asc
        ) as drop_rank
    from steps
),

final as (
    {{ figures_of('rolled_up') }}

    union all

    select
        'adoption_largest_drop' as metric_code,
        'all' as period_type,
        date '1970-01-01' as period_start,
        'step' as dimension_type,
        step as dimension_id,
        stayed as numerator,
        reached as denominator,
        {{ divided('cast(stayed as numeric)', 'reached') }} as value
    from drops
    where drop_rank = 1
)

select * from final
