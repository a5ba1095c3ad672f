-- The plan of each quarter, by segment and as a whole.
with targets as (
    select * from {{ ref('stg_csv__budget_targets') }}
    where
        not is_deleted
        and period_type = 'fiscal_quarter'
),

quarters as (
    select distinct
        period_start as quarter_start,
        {{ add_months('period_start', 3) }} as next_quarter_start
    from targets
),

goals as (
    select
        period_start as quarter_start,
        segment,
        target_value
    from targets
    where
        target_metric = 'iacv'
        and target_value is not null
),

final as (
    select
        quarters.quarter_start,
        quarters.next_quarter_start,
        'total' as dimension_type,
        'all' as dimension_id,
        sum(goals.target_value) as iacv_target
    from quarters
    left join goals
        on quarters.quarter_start = goals.quarter_start
    group by 1, 2, 3, 4

    union all

    select
        quarters.quarter_start,
        quarters.next_quarter_start,
        'segment' as dimension_type,
        goals.segment as dimension_id,
        goals.target_value as iacv_target
    from quarters
    inner join goals
        on quarters.quarter_start = goals.quarter_start
)

select * from final
