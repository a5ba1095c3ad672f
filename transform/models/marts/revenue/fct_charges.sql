with charges as (
    select * from {{ ref('int_charges__recurring') }}
),

final as (
    select
        rate_plan_charge_id,
        lineage_id,
        {{ user_organization_key('organization_key') }} as organization_id,
        product_code,
        rate_plan_name,
        currency,
        quantity,
        mrr,
        exchange_rate,
        arr,
        start_date,
        end_date
    from charges
)

select * from final
