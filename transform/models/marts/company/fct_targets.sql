with targets as (
    select * from {{ ref('stg_csv__budget_targets') }}
    where not is_deleted
),

plans as (
    select * from {{ ref('int_plan__quarters') }}
),

attained as (
    select * from {{ ref('int_metrics__plan') }}
    where
        metric_code in ('target_attainment', 'pipeline_coverage')
        and period_type = 'fiscal_quarter'
        and dimension_type = 'segment'
),

final as (
    select
        targets.period_type,
        targets.segment,
        targets.target_metric,
        targets.target_value,
        max(case when attained.metric_code = 'target_attainment' then attained.numerator end) as iacv_won,
        max(case when attained.metric_code = 'pipeline_coverage' then attained.numerator end) as pipeline_at_start,
        targets.period_start,
        max(plans.next_quarter_start) as next_period_start
    from targets
    left join plans
        on targets.period_start = plans.quarter_start
        and targets.period_type = 'fiscal_quarter'
        and plans.dimension_type = 'total'
    left join attained
        on targets.period_start = attained.period_start
        and targets.period_type = 'fiscal_quarter'
        and targets.segment = attained.dimension_id
        and targets.target_metric = 'iacv'
    group by targets.period_type, targets.segment, targets.target_metric, targets.target_value, targets.period_start
)

select * from final
