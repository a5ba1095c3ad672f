with channel_rules as (
    select * from {{ ref('channel_rules') }}
),

final as (
    select distinct
        channel,
        channel_name,
        channel_group,
        is_paid,
        is_program_spend
    from channel_rules

    union all

    select
        'direct' as channel,
        'Direct visits' as channel_name,
        'none' as channel_group,
        false as is_paid,
        false as is_program_spend

    union all

    select
        'unattributed' as channel,
        'Unattributed' as channel_name,
        'none' as channel_group,
        false as is_paid,
        false as is_program_spend

    union all

    select
        'unmapped' as channel,
        'Unmapped campaign type' as channel_name,
        'none' as channel_group,
        false as is_paid,
        true as is_program_spend
)

select * from final
