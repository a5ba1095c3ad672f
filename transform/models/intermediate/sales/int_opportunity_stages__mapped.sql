-- Stages named in the seed as it says; others as Salesforce itself describes them, the open
-- ones in their sort order, the first of them being order 0: not yet accepted by sales.
with stages as (
    select * from {{ ref('stg_salesforce__opportunity_stages') }}
    where
        stage_name is not null
        and not is_deleted
),

stage_map as (
    select * from {{ ref('stage_map') }}
),

described as (
    select
        stage_name,
        coalesce(is_won, false) as is_won,
        coalesce(is_closed, false) and not coalesce(is_won, false) as is_lost,
        not coalesce(is_closed, false) as is_open,
        row_number() over (
            partition by stage_name
            order by case when is_active then 0 else 1 end, opportunity_stage_id
        ) as copy_number,
        cast(rank() over (order by sort_order, stage_name) - 1 as integer) as stage_order
    from stages
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
        true as is_mapped
    from stage_map

    union all

    select
        described.stage_name,
        lower(replace(described.stage_name, ' ', '_')) as stage_code,
        described.stage_order,
        described.is_open,
        described.is_won,
        described.is_lost,
        false as is_excluded,
        described.is_won or (described.is_open and described.stage_order >= 1) as counts_as_pipeline,
        false as is_mapped
    from described
    left join stage_map
        on described.stage_name = stage_map.stage_name
    where
        described.copy_number = 1
        and stage_map.stage_name is null
)

select * from final
