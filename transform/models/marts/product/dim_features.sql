with features as (
    select * from {{ ref('int_features__defined') }}
),

final as (
    select
        feature_code,
        feature_name,
        stage,
        counter_path,
        min_tier,
        sophistication_level,
        launched_on
    from features
)

select * from final
