-- The whole days an opportunity has been in each open stage, all visits together.
with opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
),

histories as (
    select * from {{ ref('stg_salesforce__opportunity_histories') }}
    where not is_deleted
),

stages as (
    select * from {{ ref('int_opportunity_stages__mapped') }}
    where is_open
),

as_of as (
    select * from {{ ref('int_calendar__as_of') }}
),

steps as (
    select
        opportunity_id,
        stage_name,
        {{ reporting_date('created_at') }} as entered_date,
        {{ reporting_date('lead(created_at) over steps_in_order') }} as left_date
    from histories
    window steps_in_order as (
        partition by opportunity_id
        order by created_at, {{ bytewise('opportunity_history_id') }}
    )
),

final as (
    select
        steps.opportunity_id,
        steps.stage_name,
        min(steps.entered_date) as first_entered_date,
        sum(
            {{ dbt.datediff('steps.entered_date', 'coalesce(steps.left_date, as_of.as_of_date)', 'day') }}
        ) as days_in_stage,
        bool_and(opportunities.stage_name is distinct from steps.stage_name) as is_over
    from steps
    inner join stages
        on steps.stage_name = stages.stage_name
    inner join opportunities
        on steps.opportunity_id = opportunities.opportunity_id
    cross join as_of
    group by steps.opportunity_id, steps.stage_name
)

select * from final
