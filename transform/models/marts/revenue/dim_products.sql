with products as (
    select * from {{ ref('product_codes') }}
),

final as (
    select
        product_code,
        product_name,
        tier_rank,
        is_recurring
    from products

    union all

    select
        {{ unknown_member() }} as product_code,
        'Unknown product' as product_name,
        cast(null as integer) as tier_rank,
        false as is_recurring
)

select * from final
