-- Orders and pipeline against the plan of each quarter.
with plans as (
    select * from {{ ref('int_plan__quarters') }}
),

quarters as (
    select
        quarter_start,
        next_quarter_start
    from plans
    where dimension_type = 'total'
),

opportunities as (
    select * from {{ ref('int_opportunities__enriched') }}
    where not is_excluded
),

histories as (
    select * from {{ ref('stg_salesforce__opportunity_histories') }}
    where not is_deleted
),

stages as (
    select * from {{ ref('int_opportunity_stages__mapped') }}
),

-- Each opportunity as it stood at the end of the day before the quarter.
eves as (
    select
        quarters.quarter_start,
        quarters.next_quarter_start,
        histories.opportunity_id,
        histories.stage_name,
        histories.amount,
        histories.close_date,
        row_number() over (
            partition by quarters.quarter_start, histories.opportunity_id
            order by histories.created_at desc, {{ bytewise('histories.opportunity_history_id') }} desc
        ) as recency
    from quarters
    inner join histories
        on quarters.quarter_start > {{ reporting_date('histories.created_at') }}
),

facts as (
    select
        eves.quarter_start,
        opportunities.segment,
        coalesce(eves.amount, 0) * opportunities.reporting_rate as pipeline,
        0 as booked
    from eves
    inner join opportunities
        on eves.opportunity_id = opportunities.opportunity_id
    inner join stages
        on eves.stage_name = stages.stage_name
    where
        eves.recency = 1
        and stages.is_open
        and opportunities.order_type <> 'refund'
        and eves.close_date >= eves.quarter_start
        and eves.close_date < eves.next_quarter_start

    union all

    select
        quarters.quarter_start,
        opportunities.segment,
        0 as pipeline,
        opportunities.iacv as booked
    from quarters
    inner join opportunities
        on quarters.quarter_start <= opportunities.close_date
        and quarters.next_quarter_start > opportunities.close_date
    where opportunities.is_won
),

by_dimension as (
    select
        quarter_start,
        'total' as dimension_type,
        'all' as dimension_id,
        sum(pipeline) as pipeline,
        sum(booked) as booked
    from facts
    group by 1, 2, 3

    union all

    select
        quarter_start,
        'segment' as dimension_type,
        segment as dimension_id,
        sum(pipeline) as pipeline,
        sum(booked) as booked
    from facts
    group by 1, 2, 3
),

compared as (
    select
        plans.quarter_start,
        plans.dimension_type,
        plans.dimension_id,
        plans.iacv_target,
        coalesce(by_dimension.pipeline, 0) as pipeline,
        coalesce(by_dimension.booked, 0) as booked
    from plans
    left join by_dimension
        on plans.quarter_start = by_dimension.quarter_start
        and plans.dimension_type = by_dimension.dimension_type
        and plans.dimension_id = by_dimension.dimension_id
),

-- Of the closings of the year before the quarter.
win_rates as (
    select
        quarters.quarter_start,
        coalesce(
            sum(case when opportunities.is_won then greatest(opportunities.iacv, 0) end)
            / nullif(
                sum(
                    case
                        when opportunities.is_won then greatest(opportunities.iacv, 0)
                        when opportunities.is_lost then coalesce(opportunities.amount, 0)
                    end
                ),
                0
            ),
            0
        ) as win_rate_by_value
    from quarters
    left join opportunities
        on quarters.quarter_start > opportunities.close_date
        and opportunities.close_date >= {{ add_months('quarters.quarter_start', -12) }}
        and opportunities.order_type <> 'refund'
    group by 1
),

readings as (
    {%- for metric_code, amount in {'pipeline_coverage': 'pipeline', 'target_attainment': 'booked'}.items() %}
    select
        '{{ metric_code }}' as metric_code,
        'fiscal_quarter' as period_type,
        quarter_start as period_start,
        dimension_type,
        dimension_id,
        {{ amount }} as numerator,
        iacv_target as denominator,
        cast(null as text) as quality_note
    from compared
    where iacv_target is not null

    union all
    {% endfor %}
    select
        'pipeline_required' as metric_code,
        'fiscal_quarter' as period_type,
        compared.quarter_start as period_start,
        compared.dimension_type,
        compared.dimension_id,
        greatest(coalesce(compared.iacv_target, 0) - compared.booked, 0) as numerator,
        win_rates.win_rate_by_value as denominator,
        case when coalesce(compared.iacv_target, 0) <= compared.booked then 'met' end as quality_note
    from compared
    inner join win_rates
        on compared.quarter_start = win_rates.quarter_start
    where compared.dimension_type = 'total'
),

{{ stock_rows('readings') }}

select * from stocks
