-- The levels of the ladder of features that instances reached: by the first use of a feature of
-- that level or a higher one. The highest level is the end of the ladder.
with first_uses as (
    select * from {{ ref('int_usage__first_uses') }}
),

levels as (
    select sophistication_level
    from {{ ref('int_features__defined') }}
    where sophistication_level is not null
    group by sophistication_level
),

reached as (
    select
        first_uses.instance_uuid,
        levels.sophistication_level,
        min(first_uses.first_used_on) as reached_on
    from levels
    inner join first_uses
        on levels.sophistication_level <= first_uses.sophistication_level
    group by
        first_uses.instance_uuid,
        levels.sophistication_level
),

steps as (
    select
        sophistication_level,
        lead(sophistication_level) over (order by sophistication_level) as next_level
    from levels
),

final as (
    select
        reached.instance_uuid,
        reached.sophistication_level,
        steps.next_level,
        steps.sophistication_level || '>' || steps.next_level as step,
        reached.reached_on,
        next_reached.reached_on as moved_on
    from reached
    inner join steps
        on reached.sophistication_level = steps.sophistication_level
    left join reached as next_reached
        on reached.instance_uuid = next_reached.instance_uuid
        and steps.next_level = next_reached.sophistication_level
    where steps.next_level is not null
)

select * from final
