with months as (
    select * from {{ ref('int_arr__months') }}
),

final as (
    select
        organization_key,
        {{ organization_key('account_id') }} as organization_id,
        segment,
        movement,
        arr_before,
        arr_after,
        arr_delta,
        month_start
    from months
)

select * from final
