with opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
    where not is_deleted
),

histories as (
    select * from {{ ref('stg_salesforce__opportunity_histories') }}
    where not is_deleted
),

stages as (
    select * from {{ ref('int_opportunity_stages__mapped') }}
),

first_pipeline_stages as (
    select
        histories.opportunity_id,
        {{ reporting_date('min(histories.created_at)') }} as entered_date
    from histories
    inner join stages
        on histories.stage_name = stages.stage_name
    where stages.counts_as_pipeline
    group by histories.opportunity_id
),

accepted as (
    select
        opportunities.opportunity_id,
        opportunities.amount,
        coalesce(opportunities.sales_accepted_date, first_pipeline_stages.entered_date) as accepted_date
    from opportunities
    left join first_pipeline_stages
        on opportunities.opportunity_id = first_pipeline_stages.opportunity_id
),

-- The amount as it stood at the end of the day of acceptance.
ranked as (
    select
        accepted.opportunity_id,
        histories.amount,
        row_number() over (
            partition by accepted.opportunity_id
            order by histories.created_at desc, {{ bytewise('histories.opportunity_history_id') }} desc
        ) as recency
    from accepted
    inner join histories
        on accepted.opportunity_id = histories.opportunity_id
        and {{ reporting_date('histories.created_at') }} <= accepted.accepted_date
),

final as (
    select
        accepted.opportunity_id,
        coalesce(ranked.amount, accepted.amount, 0) as accepted_amount,
        accepted.accepted_date
    from accepted
    left join ranked
        on accepted.opportunity_id = ranked.opportunity_id
        and ranked.recency = 1
    where accepted.accepted_date is not null
)

select * from final
