-- Experiments, hold-out tests of ads, and how posts about releases were shared.
with exposures as (
    select * from {{ ref('stg_csv__experiments') }}
    where not is_deleted
),

lift_tests as (
    select * from {{ ref('stg_csv__lift_tests') }}
    where not is_deleted
),

counts as (
    select
        *,
        row_number() over (partition by post_id order by counted_on desc) as recency
    from {{ ref('stg_csv__social_posts') }}
    where not is_deleted
),

variants as (
    select
        experiment,
        variant,
        count(*) as visitors,
        count(case when outcome > 0 then 1 end) as outcomes
    from exposures
    group by 1, 2
),

-- A flat prior: one more of each outcome. A variant nobody saw is as good as the prior.
experiments as (
    select
        experiment,
        coalesce(max(case when variant = 'a' then (outcomes + 1.0) / (visitors + 2) end), 0.5) as mean_before,
        coalesce(max(case when variant = 'b' then (outcomes + 1.0) / (visitors + 2) end), 0.5) as mean_after
    from variants
    group by 1
),

lifts as (
    select
        channel,
        sum(case when cell = 'test' then conversions end)
        / nullif(sum(case when cell = 'test' then people end), 0) as test_rate,
        sum(case when cell = 'control' then conversions end)
        / nullif(sum(case when cell = 'control' then people end), 0) as control_rate
    from lift_tests
    group by 1
),

releases as (
    select
        release,
        sum(retweets) as retweets
    from counts
    where recency = 1
    group by 1
),

readings as (
    select
        'experiment_conversion' as metric_code,
        'experiment_variant' as dimension_type,
        experiment || ':' || variant as dimension_id,
        outcomes as numerator,
        visitors as denominator
    from variants

    union all

    select
        'experiment_posterior' as metric_code,
        'experiment_variant' as dimension_type,
        experiment || ':' || variant as dimension_id,
        outcomes + 1 as numerator,
        visitors + 2 as denominator
    from variants

    union all

    select
        'experiment_lift' as metric_code,
        'experiment' as dimension_type,
        experiment as dimension_id,
        mean_after - mean_before as numerator,
        1 as denominator
    from experiments

    union all

    select
        'lift_incremental_rate' as metric_code,
        'channel' as dimension_type,
        channel as dimension_id,
        test_rate - control_rate as numerator,
        1 as denominator
    from lifts
    where test_rate - control_rate is not null

    union all

    select
        'retweets' as metric_code,
        'total' as dimension_type,
        'all' as dimension_id,
        sum(retweets) as numerator,
        1 as denominator
    from releases
    having count(*) > 0

    union all

    select
        'retweets' as metric_code,
        'release' as dimension_type,
        release as dimension_id,
        retweets as numerator,
        1 as denominator
    from releases
),

final as (
    select
        metric_code,
        'all' as period_type,
        date '1970-01-01' as period_start,
        dimension_type,
        dimension_id,
        numerator,
        denominator,
        {{ divided('numerator', 'denominator') }} as value
    from readings
)

select * from final
