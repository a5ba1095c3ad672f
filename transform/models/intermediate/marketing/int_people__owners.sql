-- The one customer that bears what a person's touches cost: of several the one that bought first.
with people as (
    select * from {{ ref('int_people__customers') }}
    where customer_account_id is not null
),

customers as (
    select * from {{ ref('int_customers__acquired') }}
),

ranked as (
    select
        people.person_key,
        people.customer_account_id,
        customers.acquired_date,
        row_number() over (
            partition by people.person_key
            order by customers.acquired_date nulls last, {{ bytewise('people.customer_account_id') }}
        ) as owner_rank
    from people
    left join customers
        on people.customer_account_id = customers.customer_account_id
),

final as (
    select
        person_key,
        customer_account_id,
        acquired_date
    from ranked
    where owner_rank = 1
)

select * from final
