with months as (
    select
        organization_key,
        month_start,
        {{ add_days(add_months('month_start', 1), -1) }} as month_end
    from {{ ref('int_arr__months') }}
    where arr_after > 0
),

charges as (
    select * from {{ ref('int_charges__recurring') }}
    where arr is not null
),

final as (
    select
        months.organization_key,
        {{ user_organization_key('months.organization_key') }} as organization_id,
        charges.product_code,
        charges.segment,
        sum(charges.quantity) as quantity,
        sum(charges.arr) / 12 as mrr,
        sum(charges.arr) as arr,
        months.month_start
    from months
    inner join charges
        on months.organization_key = charges.organization_key
        and {{ in_force('charges', 'months.month_end') }}
    group by
        months.organization_key,
        charges.product_code,
        charges.segment,
        months.month_start
)

select * from final
