with opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
    where
        not is_excluded
        and order_type <> 'refund'
),

progress as (
    select * from {{ ref('int_opportunities__stage_progress') }}
),

-- The stages this company works with, one name for each place in the order.
used as (
    select stage_name from {{ ref('stg_salesforce__opportunity_stages') }}
    where not is_deleted

    union

    select stage_name from {{ ref('stg_salesforce__opportunity_histories') }}
    where not is_deleted
),

stages as (
    select
        mapped.stage_order,
        min(mapped.stage_name) as stage
    from {{ ref('int_opportunity_stages__mapped') }} as mapped
    inner join used
        on mapped.stage_name = used.stage_name
    where mapped.is_open
    group by mapped.stage_order
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

passages as (
    select
        stages.stage,
        stages.stage_order,
        progress.furthest_stage_order,
        opportunities.is_won,
        opportunities.is_lost,
        opportunities.created_date,
        opportunities.close_date
    from opportunities
    inner join progress
        on opportunities.opportunity_id = progress.opportunity_id
    inner join stages
        on progress.furthest_stage_order >= stages.stage_order
),

measures as (
    select
        'stage_win_rate' as metric_code,
        {{ month_start('close_date') }} as month_start,
        stage,
        case when is_won then 1 else 0 end as numerator,
        1 as denominator
    from passages
    where
        stage_order >= 1
        and (is_won or is_lost)

    union all

    select
        'stage_conversion' as metric_code,
        {{ month_start('created_date') }} as month_start,
        stage,
        case when furthest_stage_order > stage_order then 1 else 0 end as numerator,
        1 as denominator
    from passages
),

{{ roll_up('measures', ['stage'], periods='periods') }}

select * from rolled_up
