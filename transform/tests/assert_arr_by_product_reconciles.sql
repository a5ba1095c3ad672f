-- The ARR of an organization's products is its ARR, month by month.
with products as (
    select
        organization_key,
        month_start,
        sum(arr) as arr
    from {{ ref('fct_arr_monthly') }}
    group by 1, 2
)

select
    movements.organization_key,
    movements.month_start
from {{ ref('fct_arr_movements') }} as movements
left join products
    on movements.organization_key = products.organization_key
    and movements.month_start = products.month_start
where abs(movements.arr_after - coalesce(products.arr, 0)) > 0.01
