-- The features that Service Ping counts: those of the seed, as the company's own list changes them.
with codes as (
    select * from {{ ref('feature_codes') }}
),

own as (
    select * from {{ ref('stg_csv__features') }}
    where not is_deleted
),

final as (
    select
        coalesce(own.feature, codes.feature_code) as feature_code,
        coalesce(codes.feature_name, own.feature) as feature_name,
        codes.stage,
        coalesce(own.counter_path, codes.counter_path) as counter_path,
        codes.min_tier,
        cast(coalesce(own.sophistication_level, codes.sophistication_level) as integer) as sophistication_level,
        own.launched_on
    from codes
    full join own
        on codes.feature_code = own.feature
)

select * from final
