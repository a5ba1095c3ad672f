with months as (
    select * from {{ ref('int_arr__months') }}
),

final as (
    select
        organization_key,
        {{ user_organization_key('organization_key') }} as organization_id,
        segment,
        movement,
        arr_before,
        arr_after,
        arr_delta,
        seat_effect,
        price_effect,
        tier_effect,
        product_from,
        product_to,
        month_start
    from months
)

select * from final
