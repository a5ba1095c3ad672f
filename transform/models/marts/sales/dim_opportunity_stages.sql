with stages as (
    select * from {{ ref('int_opportunity_stages__mapped') }}
),

final as (
    select
        stage_name,
        stage_code,
        stage_order,
        is_open,
        is_won,
        is_lost,
        is_excluded,
        counts_as_pipeline,
        is_mapped
    from stages

    union all

    select
        {{ unknown_member() }} as stage_name,
        {{ unknown_member() }} as stage_code,
        cast(null as integer) as stage_order,
        false as is_open,
        false as is_won,
        false as is_lost,
        false as is_excluded,
        false as counts_as_pipeline,
        false as is_mapped
)

select * from final
