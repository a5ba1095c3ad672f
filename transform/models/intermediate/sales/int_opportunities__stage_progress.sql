-- How far each opportunity has come: a stage it skipped counts as passed, a win is beyond all.
with opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
),

histories as (
    select * from {{ ref('stg_salesforce__opportunity_histories') }}
    where not is_deleted
),

stages as (
    select * from {{ ref('int_opportunity_stages__mapped') }}
    where is_open or is_won
),

visited as (
    select
        histories.opportunity_id,
        max(stages.stage_order) as furthest_stage_order
    from histories
    inner join stages
        on histories.stage_name = stages.stage_name
    group by histories.opportunity_id
),

present as (
    select
        opportunities.opportunity_id,
        stages.stage_order
    from opportunities
    inner join stages
        on opportunities.stage_name = stages.stage_name
),

final as (
    select
        opportunities.opportunity_id,
        greatest(visited.furthest_stage_order, present.stage_order, 0) as furthest_stage_order
    from opportunities
    left join visited
        on opportunities.opportunity_id = visited.opportunity_id
    left join present
        on opportunities.opportunity_id = present.opportunity_id
)

select * from final
