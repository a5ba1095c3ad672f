-- The customers each person belongs to; one row without a customer for records that name none.
with clusters as (
    select * from {{ ref('int_people__clusters') }}
),

final as (
    select
        person_key,
        customer_account_id
    from clusters
    group by
        person_key,
        customer_account_id
)

select * from final
