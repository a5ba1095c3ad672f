-- The movements until now sum to the ARR of the last month that has ended.
with movements as (
    select
        coalesce(sum(arr_delta), 0) as arr_delta,
        max(month_start) as last_month
    from {{ ref('fct_arr_movements') }}
),

readings as (
    select
        months.arr_delta,
        coalesce(sum(charges.arr), 0) as arr
    from movements as months
    left join {{ ref('fct_charges') }} as charges
        on {{ in_force('charges', add_days(add_months('months.last_month', 1), -1)) }}
    group by months.arr_delta
)

select * from readings
where abs(arr_delta - arr) > 0.01
