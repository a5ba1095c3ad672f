-- ARR of new orders, seats and tiers after the first use of new features: shared by them, and whole
-- for each. The total of the latter counts a gain once.
with gains as (
    select
        *,
        {{ month_start('gained_on') }} as month_start
    from {{ ref('int_arr__feature_gains') }}
),

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

measures as (
    select
        'new_feature_arr' as metric_code,
        month_start,
        'all' as all_features,
        feature_code as feature,
        arr_gain_shared as numerator,
        cast(null as numeric) as denominator
    from gains

    union all

    select
        'new_feature_arr_influenced' as metric_code,
        month_start,
        cast(null as text) as all_features,
        feature_code as feature,
        arr_gain as numerator,
        cast(null as numeric) as denominator
    from gains

    union all

    select
        'new_feature_arr_influenced' as metric_code,
        month_start,
        'all' as all_features,
        cast(null as text) as feature,
        arr_gain_shared as numerator,
        cast(null as numeric) as denominator
    from gains
),

{{ roll_up('measures', ['all_features', 'feature'], periods='periods') }},

final as (
    select
        metric_code,
        period_type,
        period_start,
        case when dimension_type = 'all_features' then 'total' else dimension_type end as dimension_type,
        dimension_id,
        numerator,
        denominator,
        value
    from rolled_up
)

select * from final
